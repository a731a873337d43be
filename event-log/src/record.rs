//! Records as a log stores them, before anybody reads a meaning into them.

use bytes::Bytes;

use crate::{Headers, Offset};

/// A record that is to be appended. What is stored is this, to the byte.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct NewRecord {
    /// The aggregate's id for events, none for bookkeeping.
    pub key: Option<Bytes>,
    /// Named values beside its own.
    pub headers: Headers,
    /// The event's data.
    pub value: Option<Bytes>,
    /// Milliseconds since 1970, as the producer says.
    pub timestamp: i64,
}

/// A record that is stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StoredRecord {
    /// Its number within the partition.
    pub offset: Offset,
    /// What was appended.
    pub record: NewRecord,
}
