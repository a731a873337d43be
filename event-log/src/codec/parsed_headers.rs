//! One record's headers, looked through once for both its claim and what it says.

use uuid::Uuid;

use super::{Kind, Unreadable, header::Attributes, upcast};
use crate::{Content, Envelope, NewRecord, Stamp, Timestamp, Trace, WriterClaim};

/// A record whose headers were looked through.
#[derive(Debug)]
pub struct ParsedHeaders<'a> {
    record: &'a NewRecord,
    known: Attributes<'a>,
    stamp: Option<Stamp>,
}

impl<'a> ParsedHeaders<'a> {
    /// Looks the record's headers through.
    pub fn of(record: &'a NewRecord) -> Self {
        let known = Attributes::of(record);
        let stamp = known.stamp();
        Self { record, known, stamp }
    }

    /// As [`super::claim`].
    pub fn claim(&self) -> Option<WriterClaim> {
        let type_ = self.known.type_?;
        let stamp = self.stamp?;
        Some(match Kind::from_ce_type(type_) {
            Some(Kind::WriterStarted) => {
                WriterClaim::Starts { epoch: stamp.epoch, writer: stamp.writer }
            }
            Some(
                Kind::CustomerCreated
                | Kind::ProductPriced
                | Kind::ProductPurchased
                | Kind::Barrier
                | Kind::EventSkipped,
            )
            | None => WriterClaim::Follows(stamp),
        })
    }

    /// As [`super::decode`].
    pub fn decode(&self) -> Result<Envelope, Unreadable> {
        let Self { record, known, stamp } = self;
        let content = content(known, record.value.as_deref())?;
        check_key(&content, record.key.as_deref())?;
        Ok(Envelope {
            id: read("ce_id", known.id, |id| Uuid::try_parse(id).ok())?,
            time: read("ce_time", known.time, Timestamp::from_rfc3339)?,
            stamp: stamp.ok_or_else(unstamped)?,
            trace: Trace {
                command_id: optional("ce_commandid", known.command_id)?,
                correlation_id: optional("ce_correlationid", known.correlation_id)?,
                causation_id: optional("ce_causationid", known.causation_id)?,
            },
            content,
        })
    }
}

fn unstamped() -> Unreadable {
    Unreadable::new("ce_writerepoch, ce_writersequence or ce_writer is missing or malformed")
}

fn content(known: &Attributes<'_>, value: Option<&[u8]>) -> Result<Content, Unreadable> {
    let type_ = known.type_.ok_or_else(|| Unreadable::new("ce_type is missing"))?;
    let shown = || String::from_utf8_lossy(type_);
    let kind = Kind::from_ce_type(type_)
        .ok_or_else(|| Unreadable::new(format!("unknown ce_type {}", shown())))?;
    let value = value.ok_or_else(|| Unreadable::new(format!("{} has no value", shown())))?;
    let version = known.data_version.ok_or("ce_dataversion is missing");
    let read = version.map_err(Unreadable::new).and_then(|version| upcast(kind, version, value));
    read.map_err(|Unreadable(why)| Unreadable::new(format!("{}: {why}", shown())))
}

/// A key that is not the aggregate's would put the event into another order than the aggregate's own.
fn check_key(content: &Content, key: Option<&[u8]>) -> Result<(), Unreadable> {
    match content {
        Content::Event(event) if Some(event.key().as_bytes()) != key => {
            Err(Unreadable::new(format!("the key is not {}, whose event it is", event.key())))
        }
        Content::Event(_)
        | Content::WriterStarted(_)
        | Content::Barrier
        | Content::EventSkipped(_) => Ok(()),
    }
}

fn read<T>(
    name: &str,
    value: Option<&[u8]>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, Unreadable> {
    let value = value.ok_or_else(|| Unreadable::new(format!("{name} is missing")))?;
    str::from_utf8(value)
        .ok()
        .and_then(parse)
        .ok_or_else(|| Unreadable::new(format!("{name} is malformed")))
}

fn optional<T: std::str::FromStr>(
    name: &str,
    value: Option<&[u8]>,
) -> Result<Option<T>, Unreadable> {
    value.map(|value| read(name, Some(value), |text| text.parse().ok())).transpose()
}
