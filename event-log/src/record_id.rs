//! Where a record stands.

use std::fmt;

use uuid::Uuid;

/// Which log: minted when the log was begun, and written into every `WriterStarted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogId(pub Uuid);

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One of the log's partitions, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(pub u16);

impl Partition {
    /// All partitions of a log that has `count` of them.
    pub fn all(count: u16) -> impl Iterator<Item = Self> + Clone {
        (0..count).map(Self)
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of a record within its partition, counted from 0 without holes.
pub type Offset = u64;

/// A record's place in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId {
    /// In which partition.
    pub partition: Partition,
    /// At which offset of it.
    pub offset: Offset,
}
