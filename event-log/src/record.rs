//! Records as a log stores them, before anybody reads a meaning into them.

use std::borrow::Cow;

use bytes::Bytes;

use crate::Offset;

/// A named value beside a record's own; Kafka allows a name without a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Header {
    /// The header's name.
    pub name: Cow<'static, str>,
    /// Its value.
    pub value: Option<Bytes>,
}

/// The name of a header that was read; one of Sklep's own is not copied, since each record has all of them.
pub(crate) fn header_name(read: &str) -> Cow<'static, str> {
    Cow::Borrowed(match read {
        "ce_specversion" => "ce_specversion",
        "ce_id" => "ce_id",
        "ce_type" => "ce_type",
        "ce_source" => "ce_source",
        "ce_subject" => "ce_subject",
        "ce_time" => "ce_time",
        "content-type" => "content-type",
        "ce_writerepoch" => "ce_writerepoch",
        "ce_writersequence" => "ce_writersequence",
        "ce_writer" => "ce_writer",
        "ce_dataversion" => "ce_dataversion",
        "ce_commandid" => "ce_commandid",
        "ce_correlationid" => "ce_correlationid",
        "ce_causationid" => "ce_causationid",
        other => return Cow::Owned(other.to_owned()),
    })
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
