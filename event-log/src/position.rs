//! How far the log has been seen.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
    str::FromStr,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::{LogId, Offset, Partition, Place};

/// Which log, and of each partition how many of its records were seen. Partitions not named: none.
///
/// Written as base64url of `<log id>/<partition>.<records>/…`; opaque to everybody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    log: LogId,
    seen: BTreeMap<Partition, Offset>,
}

/// A text that is no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a position that the shop gave out")]
pub struct BadPosition;

impl Position {
    /// The position before the log's first record.
    pub fn start(log: LogId) -> Self {
        Self { log, seen: BTreeMap::new() }
    }

    /// The position just after the record at `place`.
    pub fn after(log: LogId, place: Place) -> Self {
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

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut plain = self.log.0.simple().to_string();
        for (partition, seen) in self.iter() {
            write!(plain, "/{partition}.{seen}")?;
        }
        f.write_str(&URL_SAFE_NO_PAD.encode(plain))
    }
}

impl FromStr for Position {
    type Err = BadPosition;

    fn from_str(text: &str) -> Result<Self, BadPosition> {
        parse(text).ok_or(BadPosition)
    }
}

fn parse(text: &str) -> Option<Position> {
    let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let mut parts = plain.split('/');
    let mut position = Position::start(LogId(Uuid::try_parse(parts.next()?).ok()?));
    for part in parts {
        let (partition, seen) = part.split_once('.')?;
        position.see(Partition(partition.parse().ok()?), seen.parse().ok()?);
    }
    Some(position)
}

#[cfg(test)]
mod tests;
