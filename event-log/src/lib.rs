//! How events are stored and followed.
//!
//! The log is the shop's only truth: partitions of records in one order each. Which records count is
//! decided by the log itself, by one rule over that order: the [`Ledger`].

pub mod codec;
mod embedded;
mod envelope;
mod follower;
mod headers;
pub mod identity;
pub mod kafka;
mod ledger;
mod log;
#[cfg(any(test, feature = "testing"))]
mod memory;
mod older_copy;
mod partitioner;
mod parts;
mod place;
mod position;
mod record;
mod settings;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod time;
pub mod transfer;

pub use embedded::EmbeddedLog;
pub use envelope::{Content, Envelope, EventSkipped, Trace, WriterStarted};
pub use follower::{Feed, Follower, Judged, JudgedBatch, MIXED, Route, Subscribers, Tally};
pub use headers::{Header, Headers};
pub use kafka::{KafkaLog, KafkaSettings};
pub use ledger::{Claim, Ledger, Stamp, Verdict, WriterId};
pub use log::{Batch, EventLog, LogError, LogIdentity, Receipt, Refusal, Tail};
#[cfg(any(test, feature = "testing"))]
pub use memory::MemoryLog;
pub use older_copy::{Followed, OlderCopy, older_copy};
pub use partitioner::partition_of;
pub use place::{LogId, Offset, Partition, Place};
pub use position::{BadPosition, Position, Token};
pub use record::{NewRecord, StoredRecord};
pub use settings::{DEFAULT_PARTITIONS, LogSettings, Remembered};
pub use time::Timestamp;
