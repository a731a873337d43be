//! Reads from the store and the tail as if they were one.

use super::{encoding, store::Store, tail::UnstoredTail};
use crate::{LogError, Offset, Partition, StoredRecord};

/// As many records as are read at once where many are.
const MANY: usize = 1000;

/// How much to read at most; one record is always allowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadLimit {
    /// So many records.
    pub(super) records: usize,
    /// So many bytes of records.
    pub(super) bytes: usize,
}

impl ReadLimit {
    /// Whether a record of so many bytes may still come; counts it if so.
    pub(super) fn take(&mut self, length: usize) -> bool {
        if self.is_reached() {
            return false;
        }
        self.records = self.records.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(length);
        true
    }

    /// Whether no further record may come.
    pub(super) fn is_reached(self) -> bool {
        self.records == 0 || self.bytes == 0
    }
}

/// What everybody reads from.
#[derive(Debug)]
pub(super) struct Reader {
    /// What was moved out of the journal.
    pub(super) store: Store,
    /// What was not yet.
    pub(super) tail: UnstoredTail,
}

impl Reader {
    /// How many partitions there are.
    pub(super) fn partitions(&self) -> u16 {
        u16::try_from(self.tail.partitions()).unwrap_or(u16::MAX)
    }

    /// Where the partition ends.
    pub(super) fn end(&self, partition: Partition) -> Result<Offset, LogError> {
        self.tail.end(partition).ok_or_else(|| {
            LogError::Unfit(format!(
                "the log has no partition {partition}, only {}",
                self.partitions()
            ))
        })
    }

    /// Whether reading from there on touches no file.
    pub(super) fn has_in_memory(&self, partition: Partition, from: Offset) -> bool {
        self.tail.read(partition, from, ReadLimit { records: 0, bytes: 0 }).is_some()
    }

    /// The records from there on; none at the end.
    pub(super) fn read(
        &self,
        partition: Partition,
        from: Offset,
        limit: ReadLimit,
    ) -> Result<Vec<StoredRecord>, LogError> {
        self.end(partition)?;
        let mut batch = ReadBatch { partition, next: from, limit, records: Vec::new() };
        while !batch.limit.is_reached() {
            if let Some(rest) = self.tail.read(partition, batch.next, batch.limit) {
                batch.fill(rest)?;
                break;
            }
            batch.records.reserve(batch.limit.records.min(MANY));
            self.store.read(&mut batch)?;
        }
        Ok(batch.records)
    }
}

/// A batch of consecutive records that is being read.
#[derive(Debug)]
pub(super) struct ReadBatch {
    /// From which partition.
    pub(super) partition: Partition,
    /// The offset of the next record to be read.
    pub(super) next: Offset,
    /// How many more.
    pub(super) limit: ReadLimit,
    /// Those that were read.
    pub(super) records: Vec<StoredRecord>,
}

impl ReadBatch {
    /// Puts the next record into the batch.
    pub(super) fn push(&mut self, record: crate::NewRecord) {
        self.records.push(StoredRecord { offset: self.next, record });
        self.next = self.next.saturating_add(1);
    }

    fn fill(&mut self, rest: Vec<bytes::Bytes>) -> Result<(), LogError> {
        for bytes in rest {
            let record = encoding::read(&bytes, &bytes).ok_or_else(|| {
                LogError::Unfit("a record in the log's journal is damaged".to_owned())
            })?;
            self.push(record);
        }
        Ok(())
    }
}
