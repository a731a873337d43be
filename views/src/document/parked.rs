//! Quarantine: the keys of the log whose events wait, because one of them cannot be read or does not fit.
//!
//! Keys are those of the records. The partition belongs to the name: a record without a key, or with one that is not
//! at home there, may stand in any partition, and no document is fed by two.

use event_log::{Offset, Partition, Timestamp};

/// How many offsets share a document.
pub const OFFSETS_IN_QUEUE: usize = 1_000;

/// A key that is or was in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// The key of its records, a customer's or a product's id; empty for records without one.
    pub key: String,
    /// Where its records stand.
    pub partition: Partition,
    /// How often it was parked and why, oldest first; only the newest may be without an end.
    pub episodes: Vec<QuarantinePeriod>,
    /// How many events wait behind the one that blocks them.
    pub waiting: u64,
    /// The offset of the last event that changed this document.
    pub last: Offset,
}

/// A time in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinePeriod {
    /// The event that cannot be read or does not fit.
    pub blocked: Offset,
    /// Why not, for people.
    pub reason: String,
    /// The time of that event's record.
    pub since: Timestamp,
    /// How it ended; none while it lasts.
    pub released: Option<Release>,
}

/// The end of a time in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// The offset at which the events that waited were taken in.
    pub at: Offset,
    /// What ended it.
    pub by: ReleasedBy,
}

/// What ends a time in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleasedBy {
    /// The log says that the event is to be skipped.
    Skip,
    /// It was tried again and could be taken in.
    Retry,
}

/// Offsets of events that wait behind a parked one, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// The parked key.
    pub key: String,
    /// Where its records stand.
    pub partition: Partition,
    /// Counts the key's documents of this kind, from 0.
    pub number: u64,
    /// At most [`OFFSETS_IN_QUEUE`].
    pub offsets: Vec<Offset>,
    /// The offset of the last event that changed this document.
    pub last: Offset,
}

impl Parked {
    /// The time in quarantine that has not ended.
    pub fn lasting(&self) -> Option<&QuarantinePeriod> {
        self.episodes.last().filter(|episode| episode.released.is_none())
    }
}
