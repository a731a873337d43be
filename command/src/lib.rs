//! The role that decides: the writer of each partition, and the catalogue of prices.
//!
//! [`Commands`] is the front: it takes an [`Order`] and answers it. Behind it each partition has one task
//! that owns a [`writer::Writer`], a state machine without IO which decides, appends and confirms.

mod front;
mod order;
pub mod writer;

pub use front::{Clock, Commands, Settings};
pub use order::{Answer, Failure, Order, Recorded};
