//! The port: what Sklep needs of a log, whatever stores it.

use std::{error::Error, fmt};

use futures::future::BoxFuture;
use tokio::sync::mpsc;

use crate::{LogId, LogSettings, NewRecord, Offset, Partition, StoredRecord};

/// Which log it is, and what decides what its events mean; the first `WriterStarted` that counts in partition 0 has said so
/// for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogIdentity {
    /// The log's id.
    pub id: LogId,
    /// How many partitions it was begun with.
    pub partitions: u16,
    /// What it was begun with besides.
    pub settings: LogSettings,
}

/// Why a log cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Nothing is known to be wrong with the log; it may answer later.
    #[error("the event log is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The log is not one that Sklep may trust: says what is wrong and what to do.
    #[error("{0}")]
    Unfit(String),
}

/// The store has answered an append with a no, and why. To whoever appended it is one that failed: it is the source of a
/// [`LogError::Unavailable`], so that nobody can take it for more than that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub String);

impl LogError {
    /// Why the store refused, where it did not only fail to answer.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Unavailable(why) => why.downcast_ref(),
            Self::Unfit(_) => None,
        }
    }
}

/// Is told once what became of an append: stored, at this offset where the log knows it; or an error, after
/// which the record may be stored or not. Must not block.
pub type Receipt = Box<dyn FnOnce(Result<Option<Offset>, LogError>) + Send>;

/// Records of one partition, in offset order.
#[derive(Debug)]
pub struct Batch {
    /// Whose records.
    pub partition: Partition,
    /// The records; never empty.
    pub records: Vec<StoredRecord>,
}

/// What follows a log: batches as they are stored, each partition in order and without gaps. Ends after an error,
/// which is always [`LogError::Unfit`]: a log that is only unavailable is waited for.
pub type RecordStream = mpsc::Receiver<Result<Batch, LogError>>;

/// Partitions of records: appended at the end, never changed, never removed.
pub trait EventLog: Send + Sync + fmt::Debug + 'static {
    /// How many partitions the store has.
    fn partitions(&self) -> u16;

    /// Queues one record for the partition's end and returns at once. Records of one caller are stored in
    /// the order of its calls, unless one fails.
    fn append(&self, partition: Partition, record: NewRecord, receipt: Receipt);

    /// How many records the partition has now: every append that was acknowledged before the call is among them.
    fn end(&self, partition: Partition) -> BoxFuture<'_, Result<Offset, LogError>>;

    /// At most `at_most` stored records from `from` on; empty at the end.
    fn read(
        &self,
        partition: Partition,
        from: Offset,
        at_most: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredRecord>, LogError>>;

    /// Follows these partitions from these offsets on, until the tail is dropped.
    fn follow(&self, from: Vec<(Partition, Offset)>) -> RecordStream;

    /// Like [`EventLog::follow`] for one who can wait: records that are stored within a few milliseconds (at most ten on
    /// Kafka, two on the embedded log) may come together, which costs the store and this process far less than record by
    /// record.
    fn follow_batched(&self, from: Vec<(Partition, Offset)>) -> RecordStream;
}
