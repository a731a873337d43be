//! The writer of one partition: a state machine without IO (design.md §3.4).

mod protocol;

pub use protocol::{Input, Output, Reading, Reply, Submission, Ticket};
