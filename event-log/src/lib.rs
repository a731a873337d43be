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
mod json_error;
pub mod kafka;
mod ledger;
mod log;
#[cfg(any(test, feature = "testing"))]
mod memory;
mod older_copy;
mod partitioner;
mod position;
mod record;
mod record_id;
mod settings;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod time;
pub mod transfer;
mod wire;

pub use embedded::EmbeddedLog;
pub use envelope::{Content, Envelope, EventSkipped, Trace, WriterStarted};
pub use follower::{
    CurrentWriter, Follower, Judged, JudgedBatch, MIXED, RecordCounts, Subscribers, Subscription,
};
pub use headers::{Header, Headers};
pub use json_error::json_error;
pub use kafka::{KafkaLog, KafkaSettings};
pub use ledger::{Ledger, Stamp, Verdict, WriterClaim, WriterId};
pub use log::{Batch, EventLog, LogError, LogIdentity, Receipt, RecordStream, Refusal};
#[cfg(any(test, feature = "testing"))]
pub use memory::MemoryLog;
pub use older_copy::{Followed, OlderCopy, older_copy};
pub use partitioner::partition_of;
pub use position::{BadPosition, Position, Token};
pub use record::{NewRecord, StoredRecord};
pub use record_id::{LogId, Offset, Partition, RecordId};
pub use settings::{DEFAULT_PARTITIONS, LogSettings, Remembered};
pub use time::Timestamp;
