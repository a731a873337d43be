//! One tail of the log for all partitions, and what each feeder gets of it.
//!
//! A tail costs a thread and connections, however many partitions it follows, so all feeders share one. No feeder
//! holds it up for long: what one does not take in time is left out, and that feeder reads it for itself later. In
//! the same way it gets again what it must do again.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use event_log::{Batch, EventLog, LogError, Offset, Partition, RecordStream, StoredRecord};
use tokio::sync::{
    mpsc::{self, error::SendTimeoutError},
    watch,
};

use crate::feed::with_causes;

/// Batches that wait for one feeder: of at most a thousand records each, 50 MB in twelve partitions.
const MOST_WAITING: usize = 4;
/// How long the other partitions wait for one that does not take its records, once. A transaction takes a tenth of a
/// second.
const PATIENCE: Duration = Duration::from_secs(2);

/// How far the tail is in a partition, or why it ended.
type Passed = Result<Offset, String>;

/// The tail that all feeders share.
pub(crate) struct SharedTail {
    tail: RecordStream,
    outlets: BTreeMap<Partition, Output>,
}

/// Where the records of one partition go.
struct Output {
    batches: mpsc::Sender<Vec<StoredRecord>>,
    passed: watch::Sender<Passed>,
    /// Whether the last batch was left out, so that nobody waits for this one again until it takes something.
    left_out: bool,
}

/// The records of one partition, for its feeder.
#[derive(Debug)]
pub(crate) struct Records {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) partition: Partition,
    batches: mpsc::Receiver<Vec<StoredRecord>>,
    passed: watch::Receiver<Passed>,
    /// What came and was not taken yet; holes are where batches were left out.
    waiting: VecDeque<StoredRecord>,
}

/// Follows these partitions from these offsets on.
pub(crate) fn share(
    log: &Arc<dyn EventLog>,
    from: &BTreeMap<Partition, Offset>,
) -> (SharedTail, Vec<Records>) {
    let tail = log.follow(from.iter().map(|(partition, at)| (*partition, *at)).collect());
    let mut outlets = BTreeMap::new();
    let mut all = Vec::with_capacity(from.len());
    for (&partition, &at) in from {
        let (batches, receiver) = mpsc::channel(MOST_WAITING);
        let (passed, watched) = watch::channel(Ok(at));
        outlets.insert(partition, Output { batches, passed, left_out: false });
        all.push(Records {
            log: Arc::clone(log),
            partition,
            batches: receiver,
            passed: watched,
            waiting: VecDeque::new(),
        });
    }
    (SharedTail { tail, outlets }, all)
}

impl SharedTail {
    /// Hands on what comes, as long as something does.
    pub(crate) async fn run(mut self) {
        let reason = loop {
            match self.tail.recv().await {
                Some(Ok(batch)) => self.hand_on(batch).await,
                Some(Err(LogError::Unfit(reason))) => break reason,
                Some(Err(error @ LogError::Unavailable(_))) => break with_causes(&error),
                None => break "the event log is not followed any more; start again".into(),
            }
        };
        for outlet in self.outlets.values() {
            outlet.passed.send_modify(|passed| *passed = Err(reason.clone()));
        }
    }

    async fn hand_on(&mut self, batch: Batch) {
        let Batch { partition, records } = batch;
        let next = records.last().map(|last| last.offset.saturating_add(1));
        // A feeder that has stopped is not there any more.
        let (Some(outlet), Some(next)) = (self.outlets.get_mut(&partition), next) else { return };
        let patience = if outlet.left_out { Duration::ZERO } else { PATIENCE };
        match outlet.batches.send_timeout(records, patience).await {
            Ok(()) => outlet.left_out = false,
            Err(SendTimeoutError::Timeout(_)) => outlet.left_out = true,
            Err(SendTimeoutError::Closed(_)) => {
                self.outlets.remove(&partition);
                return;
            }
        }
        outlet.passed.send_modify(|passed| *passed = Ok(next));
    }
}

impl Records {
    /// At least one record from `at` on, without holes, and at most so many of those that are there already.
    pub(crate) async fn next(
        &mut self,
        at: Offset,
        at_most: usize,
    ) -> Result<Vec<StoredRecord>, LogError> {
        loop {
            // Looked at before the channel: whatever was handed on by then is in there.
            let passed = self.passed.borrow_and_update().clone();
            let taken = self.take(at, at_most);
            if !taken.is_empty() {
                return Ok(taken);
            }
            let passed = passed.map_err(LogError::Unfit)?;
            let hole = at..self.waiting.front().map_or(passed, |first| first.offset);
            if !hole.is_empty() {
                let missing = usize::try_from(hole.end.saturating_sub(at)).unwrap_or(usize::MAX);
                return self.read(at, missing.min(at_most)).await;
            }
            // The reason is told before the sender goes.
            let ended = |_gone| LogError::Unavailable("the event log is being left".into());
            self.passed.changed().await.map_err(ended)?;
        }
    }

    /// What came from `at` on, up to the first hole.
    fn take(&mut self, at: Offset, at_most: usize) -> Vec<StoredRecord> {
        while self.waiting.pop_front_if(|first| first.offset < at).is_some() {}
        while self.waiting.len() < at_most
            && let Ok(records) = self.batches.try_recv()
        {
            self.waiting.extend(records.into_iter().filter(|record| record.offset >= at));
        }
        let ready = self.waiting.iter().zip(at..).take(at_most);
        let count = ready.take_while(|(record, expected)| record.offset == *expected).count();
        self.waiting.drain(..count).collect()
    }

    async fn read(&self, at: Offset, at_most: usize) -> Result<Vec<StoredRecord>, LogError> {
        let records = self.log.read(self.partition, at, at_most).await?;
        if records.is_empty() {
            return Err(LogError::Unavailable("it does not show records that it has".into()));
        }
        Ok(records)
    }
}

#[cfg(test)]
mod tests;
