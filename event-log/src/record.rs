//! Records as a log stores them, before anybody reads a meaning into them.

use bytes::Bytes;

use crate::Offset;

/// A named value beside a record's own; Kafka allows a name without a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Header {
    /// The header's name.
    pub name: String,
    /// Its value.
    pub value: Option<Bytes>,
}

/// A record that is to be appended. What is stored is this, to the byte.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct NewRecord {
    /// The aggregate's id for events, none for bookkeeping.
    pub key: Option<Bytes>,
    /// The headers, in order.
    pub headers: Vec<Header>,
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
