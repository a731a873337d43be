//! A log in memory, for tests only: real in everything but that it is gone with the process.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::{BoxFuture, FutureExt, ready};
use tokio::sync::{Notify, mpsc};

use crate::{
    Batch, EventLog, LogError, NewRecord, Offset, Partition, Receipt, RecordStream, StoredRecord,
    transfer::Fill,
};

/// How many records a tail hands over at once.
const BATCH: usize = 500;

/// A log in memory, for tests of what stands on a log. A clone is the same log.
#[derive(Debug, Clone)]
pub struct MemoryLog {
    stored: Arc<Mutex<MemoryRecords>>,
    /// Wakes those who follow in the order in which they came, so that a simulation can be repeated.
    changed: Arc<Notify>,
}

#[derive(Debug)]
struct MemoryRecords {
    partitions: Vec<Vec<NewRecord>>,
    unfit: Option<String>,
    unfinished: bool,
}

impl MemoryLog {
    /// An empty log with this many partitions.
    pub fn new(partitions: u16) -> Self {
        let partitions = vec![Vec::new(); usize::from(partitions)];
        let stored = MemoryRecords { partitions, unfit: None, unfinished: false };
        Self { stored: Arc::new(Mutex::new(stored)), changed: Arc::default() }
    }

    /// From now on the log is unfit for this reason, like a topic whose records somebody has deleted.
    pub fn spoil(&self, reason: &str) {
        self.with(|stored| stored.unfit = Some(reason.into()));
        self.changed.notify_waiters();
    }

    /// Appends one record and says at which offset.
    pub fn put(&self, partition: Partition, record: NewRecord) -> Result<Offset, LogError> {
        let offset = self.with(|stored| {
            let records = stored.of_mut(partition)?;
            let offset = count(records);
            records.push(record);
            Ok(offset)
        })?;
        self.changed.notify_waiters();
        Ok(offset)
    }

    fn slice(
        &self,
        partition: Partition,
        from: Offset,
        at_most: usize,
    ) -> Result<Vec<StoredRecord>, LogError> {
        self.with(|stored| {
            let records = stored.of_mut(partition)?;
            let start = usize::try_from(from).unwrap_or(usize::MAX);
            let wanted = records.get(start..).unwrap_or_default().iter().take(at_most).zip(from..);
            Ok(wanted
                .map(|(record, offset)| StoredRecord { offset, record: record.clone() })
                .collect())
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut MemoryRecords) -> T) -> T {
        act(&mut self.stored.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl MemoryRecords {
    fn of_mut(&mut self, partition: Partition) -> Result<&mut Vec<NewRecord>, LogError> {
        if let Some(reason) = &self.unfit {
            return Err(LogError::Unfit(reason.clone()));
        }
        let missing = || LogError::Unfit(format!("the log has no partition {partition}"));
        self.partitions.get_mut(usize::from(partition.0)).ok_or_else(missing)
    }
}

impl EventLog for MemoryLog {
    fn partitions(&self) -> u16 {
        self.with(|stored| u16::try_from(stored.partitions.len()).unwrap_or(u16::MAX))
    }

    fn append(&self, partition: Partition, record: NewRecord, receipt: Receipt) {
        receipt(self.put(partition, record).map(Some));
    }

    fn end(&self, partition: Partition) -> BoxFuture<'_, Result<Offset, LogError>> {
        ready(self.with(|stored| stored.of_mut(partition).map(|records| count(records)))).boxed()
    }

    fn read(
        &self,
        partition: Partition,
        from: Offset,
        at_most: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredRecord>, LogError>> {
        ready(self.slice(partition, from, at_most)).boxed()
    }

    fn follow(&self, from: Vec<(Partition, Offset)>) -> RecordStream {
        let (batches, tail) = mpsc::channel(from.len().max(1));
        tokio::spawn(follow(self.clone(), from, batches));
        tail
    }

    fn follow_batched(&self, from: Vec<(Partition, Offset)>) -> RecordStream {
        self.follow(from)
    }
}

impl Fill for MemoryLog {
    fn is_unfinished(&self) -> BoxFuture<'_, Result<bool, LogError>> {
        ready(Ok(self.with(|stored| stored.unfinished))).boxed()
    }

    fn mark_unfinished(&self) -> BoxFuture<'_, Result<(), LogError>> {
        self.with(|stored| stored.unfinished = true);
        ready(Ok(())).boxed()
    }

    fn mark_finished(&self) -> BoxFuture<'_, Result<(), LogError>> {
        self.with(|stored| stored.unfinished = false);
        ready(Ok(())).boxed()
    }
}

async fn follow(
    log: MemoryLog,
    mut next: Vec<(Partition, Offset)>,
    batches: mpsc::Sender<Result<Batch, LogError>>,
) {
    loop {
        // Made before reading: what is stored after the reading wakes this up again.
        let changed = log.changed.notified();
        let mut idle = true;
        for (partition, from) in &mut next {
            let read = log.slice(*partition, *from, BATCH);
            let failed = read.is_err();
            let batch = read.map(|records| Batch { partition: *partition, records });
            let length = batch.as_ref().map_or(0, |batch| batch.records.len());
            if length == 0 && !failed {
                continue;
            }
            idle = false;
            *from = from.saturating_add(count_of(length));
            if batches.send(batch).await.is_err() || failed {
                return;
            }
        }
        let woken = async {
            if idle {
                changed.await;
            }
        };
        tokio::select! {
            // In this order always, so that a simulation can be repeated.
            biased;
            () = batches.closed() => return,
            () = woken => {}
        }
    }
}

fn count(records: &[NewRecord]) -> Offset {
    count_of(records.len())
}

fn count_of(records: usize) -> Offset {
    Offset::try_from(records).unwrap_or(Offset::MAX)
}
