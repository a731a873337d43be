//! The embedded log on disks that fail.

mod chance;
mod damage;
mod faulty;
mod full_disk;
mod history;
mod power_cut;
