//! The role that decides: the writer of each partition, and the catalogue of prices.
//!
//! [`Commands`] is the front: it takes an [`CommandRequest`] and answers it. Behind it each partition has one task
//! that owns a [`writer::Writer`], a state machine without IO which decides, appends and confirms.

mod catalogue;
mod commands;
mod dependencies;
mod partition;
mod quarantine;
mod request;
pub mod writer;

pub use commands::{Commands, Takeovers};
pub use dependencies::{Clock, Dependencies, IdGenerator, Settings, Subscriptions};
pub use request::{CommandOutcome, CommandRequest, Failure, Recorded, SkipOutcome, SkipRequest};
