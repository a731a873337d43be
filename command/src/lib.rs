//! The role that decides: the writer of each partition, and the catalogue of prices.
//!
//! [`Commands`] is the front: it takes an [`Order`] and answers it. Behind it each partition has one task
//! that owns a [`writer::Writer`], a state machine without IO which decides, appends and confirms.

mod catalogue;
mod front;
mod ground;
mod order;
mod partition;
mod quarantine;
pub mod writer;

pub use front::{Commands, Takeovers};
pub use ground::{Clock, Feeds, Ground, Mint, Settings};
pub use order::{Answer, Failure, Order, Recorded, SkipOrder, Skipping};
