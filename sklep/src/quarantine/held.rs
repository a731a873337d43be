//! What is held up, and by what.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{name, record::Record};
use crate::escape_control::{clipped, escape_control};

/// A reason can quote what could not be read.
const LONGEST_REASON: usize = 500;

/// A key of the log that an event holds up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) key: String,
    pub(super) partition: u16,
    /// As text, as the schema has it: a JSON reader may not keep large numbers.
    pub(super) offset: String,
    pub(super) reason: String,
    pub(super) since: String,
    pub(super) waiting: u64,
}

/// The same with the record of that event, where the log could be asked.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    pub(super) held: Held,
    pub(super) record: Option<Record>,
}

impl Held {
    pub(super) fn of(parked: views::Parked) -> Option<Self> {
        let episode = parked.lasting()?;
        Some(Self {
            partition: parked.partition.0,
            offset: episode.blocked.to_string(),
            reason: episode.reason.clone(),
            since: episode.since.to_string(),
            waiting: parked.waiting,
            key: parked.key,
        })
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, partition, offset, reason, since, waiting } = self;
        let (key, reason) = (name(key), clipped(reason, LONGEST_REASON));
        write!(
            f,
            "{key}: offset {offset} of partition {partition}, since {since}, {waiting} waiting: {reason}"
        )
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Held { key, partition, offset, reason, since, waiting } = &self.held;
        writeln!(f, "{}", name(key))?;
        writeln!(f, "  held up by  offset {offset} of partition {partition}")?;
        writeln!(f, "  because     {}", clipped(reason, LONGEST_REASON))?;
        writeln!(f, "  since       {since}")?;
        writeln!(f, "  waiting     {waiting} later events")?;
        if let Some(record) = &self.record {
            writeln!(f, "  record")?;
            for (header, value) in &record.headers {
                let (header, value) = (escape_control(header), value.as_deref());
                writeln!(f, "    {header}: {}", value.unwrap_or("(no value)"))?;
            }
            writeln!(f, "    {}", record.value.as_deref().unwrap_or("(no value)"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_a_reason_of_whatever_bytes_stay_text_in_their_line() {
        let held = Held {
            key: "\x1b[31mevil\nline".into(),
            partition: 0,
            offset: "7".into(),
            reason: "unknown ce_type a\rb".into(),
            since: "2026-11-22T07:00:00.000Z".into(),
            waiting: 1,
        };
        let line = held.to_string();
        assert!(line.starts_with(r"\u{1b}[31mevil\u{a}line: offset 7"), "{line}");
        assert!(!line.contains(char::is_control), "{line}");
        let headers = vec![("ce_\x1bid".into(), None)];
        let record = Some(Record { headers, value: None });
        let shown = Shown { held, record }.to_string();
        assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown}");
        assert_eq!(shown.lines().count(), 8, "{shown}");
    }
}
