//! The embedded log on disks that fail.

#![expect(clippy::arithmetic_side_effects, reason = "an overflow in a test is a failed test")]
#![expect(clippy::significant_drop_tightening, reason = "the disk is one machine with one lock")]
#![expect(clippy::print_stderr, reason = "names the seed with which a failed run is run again")]

mod chance;
mod damage;
mod faulty;
mod full_disk;
mod history;
mod power_cut;
