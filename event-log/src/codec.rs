//! The stored form of a record: CloudEvents 1.0 in Kafka's binary mode.
//!
//! Everything that the ledger, a filter or a route needs stands in the headers ([`claim`], [`kind`],
//! [`aggregate`]); the value is the event's data as plain JSON. `docs/ledger.md` describes the form for other
//! readers. A form that was ever stored is never changed: a new one gets a new data version beside it.

mod header;
mod kind;
mod parsed_headers;
#[cfg(feature = "later-forms")]
pub mod test_v2;
mod v1;

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use domain::{AggregateId, CommandId};

pub use self::{kind::Kind, parsed_headers::ParsedHeaders};
use crate::{Content, Envelope, LogId, NewRecord, Timestamp, WriterClaim};

/// Why a record that counts cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

/// As many characters of a reason are kept: it can quote a record, which can be large, and is stored with the views.
const LONGEST_REASON: usize = 300;

impl Unreadable {
    fn new(why: impl Into<String>) -> Self {
        let mut why = why.into();
        if let Some((end, _)) = why.char_indices().nth(LONGEST_REASON) {
            why.truncate(end);
            why.push('…');
        }
        Self(why)
    }
}

/// Writes an envelope as a record.
pub fn encode(envelope: &Envelope, source: LogId) -> NewRecord {
    let subject = match &envelope.content {
        Content::Event(event) => Some(event.key()),
        Content::WriterStarted(_) | Content::Barrier | Content::EventSkipped(_) => None,
    };
    NewRecord {
        headers: header::of(envelope, source, subject),
        key: subject.map(|key| Bytes::copy_from_slice(key.as_bytes())),
        value: Some(v1::write(&envelope.content)),
        timestamp: envelope.time.0,
    }
}

/// What a record claims, from its headers alone; none for a foreign record.
///
/// Foreign is a record without `ce_type`, or one whose `ce_writerepoch`, `ce_writersequence` (1 to 20 decimal
/// digits, less than 2^64) or `ce_writer` (a UUID in its usual lower-case form) is missing or something else. Of a header that
/// stands there twice the last one holds, as everywhere with Kafka.
pub fn claim(record: &NewRecord) -> Option<WriterClaim> {
    ParsedHeaders::of(record).claim()
}

/// What sort of record it is, from its headers alone; none when that is missing or unknown.
pub fn kind(record: &NewRecord) -> Option<Kind> {
    Kind::from_ce_type(record.headers.last(header::TYPE)?)
}

/// The text of a record's key; empty for a record without one. What is no UTF-8 is replaced by `U+FFFD`.
///
/// Whatever stands under one key stands in one order, so it is also by this text that an event which nobody can take
/// holds up those behind it.
pub fn key(record: &NewRecord) -> Cow<'_, str> {
    String::from_utf8_lossy(record.key.as_deref().unwrap_or_default())
}

/// Text out of a record, for the program's own log: a record that somebody else wrote can have a key as long as it likes. Of
/// what is longer than any key of the shop only the beginning is shown, and how long it is.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a>(pub &'a str);

/// In characters.
const SHOWN: usize = 128;

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text) = self;
        match text.char_indices().nth(SHOWN) {
            Some((end, _)) => {
                write!(f, "{}… ({} bytes)", text.get(..end).unwrap_or_default(), text.len())
            }
            None => f.write_str(text),
        }
    }
}

/// Whose event it is, from headers and key alone; none for bookkeeping and for what is no event.
pub fn aggregate(record: &NewRecord) -> Option<AggregateId> {
    let key = str::from_utf8(record.key.as_deref()?).ok()?;
    match kind(record)? {
        Kind::CustomerCreated | Kind::ProductPurchased => {
            key.parse().ok().map(AggregateId::Customer)
        }
        Kind::ProductPriced => key.parse().ok().map(AggregateId::Product),
        Kind::WriterStarted | Kind::Barrier | Kind::EventSkipped => None,
    }
}

/// When it was decided, from the headers alone; none when that is missing or malformed.
///
/// With [`command_id`] it lets a reader who cannot read an event of a newer form still keep its order and its
/// promise: no earlier time after it, and its command not once more.
pub fn time(record: &NewRecord) -> Option<Timestamp> {
    Timestamp::from_rfc3339(str::from_utf8(record.headers.last(header::TIME)?).ok()?)
}

/// The id of the wish that it follows from, from the headers alone; none when that is missing or malformed.
pub fn command_id(record: &NewRecord) -> Option<CommandId> {
    str::from_utf8(record.headers.last(header::COMMAND_ID)?).ok()?.parse().ok()
}

/// Reads a record whose claim counts.
pub fn decode(record: &NewRecord) -> Result<Envelope, Unreadable> {
    ParsedHeaders::of(record).decode()
}

/// Takes a value of whatever form was ever stored up to what the program works with today. Each data version has a
/// module, which ends with today's types: a new version is one line here, and no old one is ever taken away.
fn upcast(kind: Kind, version: &[u8], value: &[u8]) -> Result<Content, Unreadable> {
    match version {
        b"1" => v1::read(kind, value),
        #[cfg(feature = "later-forms")]
        test_v2::VERSION if test_v2::is_understood(kind) => test_v2::read(value),
        other => Err(Unreadable::new(format!(
            "unknown ce_dataversion {}",
            String::from_utf8_lossy(other)
        ))),
    }
}
