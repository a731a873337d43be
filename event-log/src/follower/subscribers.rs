//! Who gets the judged records.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::{Offset, Partition, StoredRecord, Verdict, WriterClaim};

/// A record and what it came to.
#[derive(Debug)]
pub struct Judged {
    /// The record.
    pub stored: StoredRecord,
    /// What it claims; none for a foreign record.
    pub claim: Option<WriterClaim>,
    /// What it came to.
    pub verdict: Verdict,
}

/// Judged records of one partition, in offset order and without gaps.
#[derive(Debug)]
pub struct JudgedBatch {
    /// Whose records.
    pub partition: Partition,
    /// The records; never empty.
    pub records: Vec<Judged>,
}

impl JudgedBatch {
    /// The records that count.
    pub fn counted(&self) -> impl Iterator<Item = &StoredRecord> {
        self.records
            .iter()
            .filter(|judged| judged.verdict == Verdict::Counts)
            .map(|judged| &judged.stored)
    }

    /// How many records of the partition were handed out with this batch, which is the offset of the next one.
    pub fn end(&self) -> Offset {
        self.records.last().map_or(0, |judged| judged.stored.offset.saturating_add(1))
    }
}

/// Batches as they are judged, each partition from its first record on. Ends when the follower stops.
pub type Subscription = mpsc::Receiver<Arc<JudgedBatch>>;

/// Who is to get what, chosen before the follower starts, so that nobody misses a record.
#[derive(Debug, Default)]
pub struct Subscribers(Vec<(Option<Partition>, mpsc::Sender<Arc<JudgedBatch>>)>);

impl Subscribers {
    /// A feed of all partitions that holds at most `capacity` batches.
    pub fn to_all(&mut self, capacity: usize) -> Subscription {
        self.add(None, capacity)
    }

    /// A feed of one partition that holds at most `capacity` batches.
    pub fn to(&mut self, partition: Partition, capacity: usize) -> Subscription {
        self.add(Some(partition), capacity)
    }

    fn add(&mut self, partition: Option<Partition>, capacity: usize) -> Subscription {
        let (sender, feed) = mpsc::channel(capacity.max(1));
        self.0.push((partition, sender));
        feed
    }

    /// Hands a batch to everybody whom it concerns, and waits for those whose queues are full.
    pub(super) async fn hand_out(&mut self, batch: JudgedBatch) {
        let batch = Arc::new(batch);
        let concerned =
            |partition: &Option<Partition>| partition.is_none_or(|one| one == batch.partition);
        let mut left = false;
        for (_, sender) in self.0.iter().filter(|(partition, _)| concerned(partition)) {
            left |= sender.send(Arc::clone(&batch)).await.is_err();
        }
        if left {
            self.0.retain(|(_, sender)| !sender.is_closed());
        }
    }
}
