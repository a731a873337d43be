//! The headers: written in one order, read in one pass.

use bytes::Bytes;
use uuid::Uuid;

use super::kind::Kind;
use crate::{Envelope, Header, LogId, NewRecord, Stamp, WriterId};

/// The header that says what sort of record it is.
pub(super) const TYPE: &str = "ce_type";

/// The header that says when it was decided.
pub(super) const TIME: &str = "ce_time";

/// The header that names the version of the value's form.
pub(super) const DATA_VERSION: &str = "ce_dataversion";

/// The header that names the wish it follows from.
pub(super) const COMMAND_ID: &str = "ce_commandid";

/// The headers that Sklep knows, as they stand in a record; of several with one name the last one.
#[derive(Debug, Default)]
pub(super) struct Known<'a> {
    pub(super) id: Option<&'a [u8]>,
    pub(super) type_: Option<&'a [u8]>,
    pub(super) time: Option<&'a [u8]>,
    pub(super) data_version: Option<&'a [u8]>,
    pub(super) command_id: Option<&'a [u8]>,
    pub(super) correlation_id: Option<&'a [u8]>,
    pub(super) causation_id: Option<&'a [u8]>,
    epoch: Option<&'a [u8]>,
    sequence: Option<&'a [u8]>,
    writer: Option<&'a [u8]>,
}

impl<'a> Known<'a> {
    pub(super) fn of(record: &'a NewRecord) -> Self {
        let mut known = Self::default();
        for header in &record.headers {
            if let Some(field) = known.field(&header.name) {
                *field = header.value.as_deref();
            }
        }
        known
    }

    fn field(&mut self, name: &str) -> Option<&mut Option<&'a [u8]>> {
        Some(match name {
            "ce_id" => &mut self.id,
            TYPE => &mut self.type_,
            TIME => &mut self.time,
            DATA_VERSION => &mut self.data_version,
            COMMAND_ID => &mut self.command_id,
            "ce_correlationid" => &mut self.correlation_id,
            "ce_causationid" => &mut self.causation_id,
            "ce_writerepoch" => &mut self.epoch,
            "ce_writersequence" => &mut self.sequence,
            "ce_writer" => &mut self.writer,
            _of_no_concern => return None,
        })
    }

    /// What the writer says of itself; none when any part is missing or malformed.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        Some(Stamp {
            epoch: number(self.epoch?)?,
            writer: WriterId(uuid(self.writer?)?),
            sequence: number(self.sequence?)?,
        })
    }
}

/// The last header of this name; none when there is none, or when it has no value.
pub(super) fn last<'a>(record: &'a NewRecord, name: &str) -> Option<&'a [u8]> {
    record.headers.iter().rev().find(|header| header.name == name)?.value.as_deref()
}

/// The headers of an envelope, in the order in which they are stored.
pub(super) fn of(envelope: &Envelope, source: LogId, subject: Option<Bytes>) -> Vec<Header> {
    let trace = &envelope.trace;
    let given = |id: &Option<domain::CommandId>| {
        id.as_ref().map(|id| Bytes::copy_from_slice(id.as_str().as_bytes()))
    };
    let headers = [
        ("ce_specversion", Some(Bytes::from_static(b"1.0"))),
        ("ce_id", Some(text(envelope.id))),
        (TYPE, Some(Bytes::from_static(Kind::from(&envelope.content).ce_type().as_bytes()))),
        ("ce_source", Some(text(format_args!("/sklep/{source}")))),
        ("ce_subject", subject),
        (TIME, Some(text(envelope.time))),
        ("content-type", Some(Bytes::from_static(b"application/json"))),
        ("ce_writerepoch", Some(text(envelope.stamp.epoch))),
        ("ce_writersequence", Some(text(envelope.stamp.sequence))),
        ("ce_writer", Some(text(envelope.stamp.writer))),
        (DATA_VERSION, Some(Bytes::from_static(b"1"))),
        (COMMAND_ID, given(&trace.command_id)),
        ("ce_correlationid", given(&trace.correlation_id)),
        ("ce_causationid", given(&trace.causation_id)),
    ];
    let present = headers.into_iter().filter(|(_, value)| value.is_some());
    present.map(|(name, value)| Header { name: name.into(), value }).collect()
}

fn text(shown: impl std::fmt::Display) -> Bytes {
    Bytes::from(shown.to_string())
}

/// Reads 1 to 20 decimal digits and nothing else, so that readers in every language agree: no sign, no space.
fn number(digits: &[u8]) -> Option<u64> {
    if !(1..=20).contains(&digits.len()) {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, digit| {
        let value = digit.checked_sub(b'0').filter(|value| *value <= 9)?;
        number.checked_mul(10)?.checked_add(u64::from(value))
    })
}

/// Reads the one usual form of a UUID, so that readers may compare it as text.
fn uuid(text: &[u8]) -> Option<Uuid> {
    // No other form has this length.
    let is_usual =
        text.len() == uuid::fmt::Hyphenated::LENGTH && !text.iter().any(u8::is_ascii_uppercase);
    if is_usual { Uuid::try_parse_ascii(text).ok() } else { None }
}
