//! How far the log has been seen.

mod token;

use std::collections::BTreeMap;

pub use self::token::{BadPosition, Token};
use crate::{LogId, Offset, Partition, RecordId};

/// Which log, and of each partition how many of its records were seen. Partitions not named: none.
///
/// It has no text: what clients carry is a [`Token`], which says of each position what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    log: LogId,
    seen: BTreeMap<Partition, Offset>,
}

impl Position {
    /// The position before the log's first record.
    pub fn start(log: LogId) -> Self {
        Self { log, seen: BTreeMap::new() }
    }

    /// The position just after the record at `place`.
    pub fn after(log: LogId, place: RecordId) -> Self {
        let mut position = Self::start(log);
        position.see(place.partition, place.offset.saturating_add(1));
        position
    }

    /// Which log.
    pub fn log(&self) -> LogId {
        self.log
    }

    /// How many records of the partition were seen, which is the offset of the next one.
    pub fn seen(&self, partition: Partition) -> Offset {
        self.seen.get(&partition).copied().unwrap_or(0)
    }

    /// The partitions of which anything was seen, with how many records of each.
    pub fn iter(&self) -> impl Iterator<Item = (Partition, Offset)> + '_ {
        self.seen.iter().map(|(partition, seen)| (*partition, *seen))
    }

    /// Takes in that `seen` records of the partition were seen; never goes back.
    pub fn see(&mut self, partition: Partition, seen: Offset) {
        if seen > self.seen(partition) {
            self.seen.insert(partition, seen);
        }
    }

    /// Takes in everything that the other position of the same log has seen.
    pub fn join(&mut self, other: &Self) {
        other.iter().for_each(|(partition, seen)| self.see(partition, seen));
    }

    /// Whether everything that `other` has seen is seen here too.
    pub fn covers(&self, other: &Self) -> bool {
        self.log == other.log && other.iter().all(|(partition, seen)| self.seen(partition) >= seen)
    }
}

#[cfg(test)]
mod tests;
