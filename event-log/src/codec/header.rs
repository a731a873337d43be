//! The headers: written in one order, read in one pass.

use uuid::Uuid;

use super::kind::Kind;
use crate::{Envelope, Headers, LogId, NewRecord, Stamp, WriterId, headers};

/// The header that says what sort of record it is.
pub(super) const TYPE: &str = "ce_type";

/// The header that says when it was decided.
pub(super) const TIME: &str = "ce_time";

/// The header that names the version of the value's form.
pub(super) const DATA_VERSION: &str = "ce_dataversion";

/// The header that names the wish it follows from.
pub(super) const COMMAND_ID: &str = "ce_commandid";

/// More than the headers of an event take, unless its ids are long.
const USUAL_BYTES: usize = 512;

/// The headers that Sklep knows, as they stand in a record; of several with one name the last one.
#[derive(Debug, Default)]
pub(super) struct Attributes<'a> {
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

impl<'a> Attributes<'a> {
    pub(super) fn of(record: &'a NewRecord) -> Self {
        let mut known = Self::default();
        for (name, value) in record.headers.raw() {
            if let Some(field) = known.field(name) {
                *field = value;
            }
        }
        known
    }

    fn field(&mut self, name: &[u8]) -> Option<&mut Option<&'a [u8]>> {
        Some(match name {
            b"ce_id" => &mut self.id,
            b"ce_type" => &mut self.type_,
            b"ce_time" => &mut self.time,
            b"ce_dataversion" => &mut self.data_version,
            b"ce_commandid" => &mut self.command_id,
            b"ce_correlationid" => &mut self.correlation_id,
            b"ce_causationid" => &mut self.causation_id,
            b"ce_writerepoch" => &mut self.epoch,
            b"ce_writersequence" => &mut self.sequence,
            b"ce_writer" => &mut self.writer,
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

/// The headers of an envelope, in the order in which they are stored.
pub(super) fn of(envelope: &Envelope, source: LogId, subject: Option<&str>) -> Headers {
    let (trace, stamp) = (&envelope.trace, envelope.stamp);
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    let mut text = |name: &str, text: &str| headers::put(&mut bytes, name, Some(text.as_bytes()));
    text("ce_specversion", "1.0");
    text("ce_id", &envelope.id.to_string());
    text(TYPE, Kind::from(&envelope.content).ce_type());
    text("ce_source", &format!("/sklep/{source}"));
    if let Some(subject) = subject {
        text("ce_subject", subject);
    }
    text(TIME, &envelope.time.to_string());
    text("content-type", "application/json");
    text("ce_writerepoch", &stamp.epoch.to_string());
    text("ce_writersequence", &stamp.sequence.to_string());
    text("ce_writer", &stamp.writer.to_string());
    text(DATA_VERSION, "1");
    let ids = [
        (COMMAND_ID, &trace.command_id),
        ("ce_correlationid", &trace.correlation_id),
        ("ce_causationid", &trace.causation_id),
    ];
    for (name, id) in ids {
        if let Some(id) = id {
            text(name, id.as_str());
        }
    }
    Headers::written(bytes.into())
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
