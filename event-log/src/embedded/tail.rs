//! The records that are in the journal but not yet in the store, and where each partition ends.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::reader::ReadLimit;
use crate::{Offset, Partition};

/// A record's bytes at its place.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// In which partition.
    pub(super) partition: Partition,
    /// At which offset.
    pub(super) offset: Offset,
    /// What the record is.
    pub(super) bytes: Bytes,
}

/// One partition's records that are in the journal only.
#[derive(Debug, Clone)]
pub(super) struct PartitionTail {
    /// The first one's offset; everything before is in the store.
    pub(super) first: Offset,
    /// Their bytes.
    pub(super) records: Vec<Bytes>,
}

impl PartitionTail {
    fn end(&self) -> Offset {
        self.first.saturating_add(u64::try_from(self.records.len()).unwrap_or(u64::MAX))
    }

    fn read(&self, from: Offset, mut limit: ReadLimit) -> Option<Vec<Bytes>> {
        let skip = usize::try_from(from.checked_sub(self.first)?).unwrap_or(usize::MAX);
        let records = self.records.iter().skip(skip);
        Some(records.take_while(|record| limit.take(record.len())).cloned().collect())
    }

    fn drop_before(&mut self, offset: Offset) {
        let stored = usize::try_from(offset.saturating_sub(self.first)).unwrap_or(usize::MAX);
        self.records.drain(..stored.min(self.records.len()));
        self.first = self.first.max(offset);
    }
}

/// All partitions. Only durable records are ever in it.
//
// A mutex of the standard library: it is held for the copying of references only, never over I/O or an await.
#[derive(Debug)]
pub(super) struct UnstoredTail(Mutex<Vec<PartitionTail>>);

impl UnstoredTail {
    /// Begins where the store ends.
    pub(super) fn new(ends: Vec<Offset>) -> Self {
        Self(Mutex::new(
            ends.into_iter().map(|first| PartitionTail { first, records: Vec::new() }).collect(),
        ))
    }

    /// How many partitions there are.
    pub(super) fn partitions(&self) -> usize {
        self.lanes().len()
    }

    /// Where the partition ends; none when there is no such partition.
    pub(super) fn end(&self, partition: Partition) -> Option<Offset> {
        self.lanes().get(usize::from(partition.0)).map(PartitionTail::end)
    }

    /// Where all partitions end.
    pub(super) fn ends(&self) -> Vec<Offset> {
        self.lanes().iter().map(PartitionTail::end).collect()
    }

    /// Takes over one more record; false when it does not stand at its partition's end.
    #[must_use]
    pub(super) fn push(&self, entries: impl IntoIterator<Item = Entry>) -> bool {
        let mut lanes = self.lanes();
        entries.into_iter().all(|entry| {
            let lane = lanes
                .get_mut(usize::from(entry.partition.0))
                .filter(|lane| lane.end() == entry.offset);
            lane.map(|lane| lane.records.push(entry.bytes)).is_some()
        })
    }

    /// The records from this offset on; none when the store has it.
    pub(super) fn read(
        &self,
        partition: Partition,
        from: Offset,
        limit: ReadLimit,
    ) -> Option<Vec<Bytes>> {
        self.lanes().get(usize::from(partition.0))?.read(from, limit)
    }

    /// A copy of everything, to be moved into the store.
    pub(super) fn copy(&self) -> Vec<PartitionTail> {
        self.lanes().clone()
    }

    /// Forgets what the store has by now.
    pub(super) fn drop_before(&self, ends: &[Offset]) {
        self.lanes().iter_mut().zip(ends).for_each(|(lane, end)| lane.drop_before(*end));
    }

    fn lanes(&self) -> MutexGuard<'_, Vec<PartitionTail>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
