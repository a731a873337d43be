//! Counting what is appended to the log.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use event_log::{
    EventLog, LogError, NewRecord, Offset, Partition, Receipt, RecordStream, Refusal, StoredRecord,
};
use futures::future::BoxFuture;

/// How many appends came to what, since the process started.
#[derive(Debug, Default)]
pub(crate) struct Appends {
    /// Stored, at an offset that the log has told.
    pub(super) stored: AtomicU64,
    /// Refused by the store, which says why.
    pub(super) refused: AtomicU64,
    /// Failed, or nobody knows.
    pub(super) doubtful: AtomicU64,
    /// Why the store refused the last append that it answered; none when it took that one.
    refusal: Mutex<Option<Refusal>>,
}

impl Appends {
    /// Why the store refuses what is appended; none while it takes it.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn count(&self, outcome: &Result<Option<Offset>, LogError>) {
        let refusal = outcome.as_ref().err().and_then(LogError::refusal);
        let count = match outcome {
            Ok(_) => &self.stored,
            Err(_) if refusal.is_some() => &self.refused,
            Err(_) => &self.doubtful,
        };
        count.fetch_add(1, Ordering::Relaxed);
        // One that nobody knows of says nothing.
        if outcome.is_ok() || refusal.is_some() {
            *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = refusal.cloned();
        }
    }
}

/// A log whose appends are counted.
#[derive(Debug)]
pub(super) struct CountingLog {
    log: Arc<dyn EventLog>,
    appends: Arc<Appends>,
}

impl CountingLog {
    /// Counts the appends to `log` from now on.
    pub(super) fn new(log: Arc<dyn EventLog>, appends: &Arc<Appends>) -> Self {
        Self { log, appends: Arc::clone(appends) }
    }
}

impl EventLog for CountingLog {
    fn partitions(&self) -> u16 {
        self.log.partitions()
    }

    fn append(&self, partition: Partition, record: NewRecord, receipt: Receipt) {
        let appends = Arc::clone(&self.appends);
        let counting: Receipt = Box::new(move |outcome| {
            appends.count(&outcome);
            receipt(outcome);
        });
        self.log.append(partition, record, counting);
    }

    fn end(&self, partition: Partition) -> BoxFuture<'_, Result<Offset, LogError>> {
        self.log.end(partition)
    }

    fn read(
        &self,
        partition: Partition,
        from: Offset,
        at_most: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredRecord>, LogError>> {
        self.log.read(partition, from, at_most)
    }

    fn follow(&self, from: Vec<(Partition, Offset)>) -> RecordStream {
        self.log.follow(from)
    }

    fn follow_batched(&self, from: Vec<(Partition, Offset)>) -> RecordStream {
        self.log.follow_batched(from)
    }
}
