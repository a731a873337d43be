//! What is held up, and by what.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{name, record::Record};

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
        let key = name(key);
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
        writeln!(f, "  because     {reason}")?;
        writeln!(f, "  since       {since}")?;
        writeln!(f, "  waiting     {waiting} later events")?;
        if let Some(record) = &self.record {
            writeln!(f, "  record")?;
            for (header, value) in &record.headers {
                writeln!(f, "    {header}: {}", value.as_deref().unwrap_or("(no value)"))?;
            }
            writeln!(f, "    {}", record.value.as_deref().unwrap_or("(no value)"))?;
        }
        Ok(())
    }
}
