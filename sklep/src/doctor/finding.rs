//! One thing that was looked at, and what it comes to.

use std::fmt;

use event_log::{RecordId, kafka::contract};
use serde::{Serialize, Serializer, ser::SerializeMap as _};

use super::scan::Seen;
use crate::escape_control::escape_control;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Severity {
    /// As it should be.
    Fine,
    /// It works, but somebody should know.
    Doubtful,
    /// Sklep does not run on it, or what it shows is not true.
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// Which thing, by a name that stays, for scripts.
    pub(super) check: &'static str,
    pub(super) severity: Severity,
    what: String,
    /// What follows from it.
    means: Option<String>,
    /// What to type.
    remedy: Option<String>,
    /// How many records it is about, where it is about records.
    records: Option<u64>,
    first: Option<RecordId>,
}

impl Finding {
    pub(super) fn fine(check: &'static str, what: impl fmt::Display) -> Self {
        Self::of(check, Severity::Fine, what)
    }

    pub(super) fn doubtful(check: &'static str, what: impl fmt::Display) -> Self {
        Self::of(check, Severity::Doubtful, what)
    }

    pub(super) fn wrong(check: &'static str, what: impl fmt::Display) -> Self {
        Self::of(check, Severity::Wrong, what)
    }

    fn of(check: &'static str, severity: Severity, what: impl fmt::Display) -> Self {
        let what = what.to_string();
        Self { check, severity, what, means: None, remedy: None, records: None, first: None }
    }

    pub(super) fn means(self, means: impl fmt::Display) -> Self {
        Self { means: Some(means.to_string()), ..self }
    }

    pub(super) fn advise(self, remedy: impl fmt::Display) -> Self {
        Self { remedy: Some(remedy.to_string()), ..self }
    }

    /// Says how many records it is about, and where the first of them stands.
    pub(super) fn about(mut self, seen: &Seen) -> Self {
        self.records = Some(seen.all);
        if let Some((place, note)) = &seen.first {
            let (partition, offset) = (place.partition, place.offset);
            self.what =
                format!("{}, the first at offset {offset} of partition {partition}", self.what);
            if !note.is_empty() {
                self.what = format!("{} ({note})", self.what);
            }
            self.first = Some(*place);
        }
        self
    }
}

impl Severity {
    fn name(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Doubtful => "doubtful",
            Self::Wrong => "wrong",
        }
    }
}

impl From<contract::Finding> for Finding {
    fn from(found: contract::Finding) -> Self {
        let contract::Finding { check, severity, what, means, remedy } = found;
        let severity = match severity {
            contract::Severity::Fine => Severity::Fine,
            contract::Severity::Warns => Severity::Doubtful,
            contract::Severity::Refuses => Severity::Wrong,
        };
        Self { check, severity, what, means, remedy, records: None, first: None }
    }
}

/// What was found, what it means, and what to type: a line each.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<8} {}", self.severity.name(), escape_control(&self.what))?;
        let (means, remedy) = (self.means.as_deref(), self.remedy.as_deref());
        means.map_or(Ok(()), |means| write!(f, "\n         {}", escape_control(means)))?;
        remedy.map_or(Ok(()), |remedy| write!(f, "\n         -> {}", escape_control(remedy)))
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("check", self.check)?;
        map.serialize_entry("severity", self.severity.name())?;
        map.serialize_entry("what", &self.what)?;
        map.serialize_entry("means", &self.means)?;
        map.serialize_entry("remedy", &self.remedy)?;
        map.serialize_entry("records", &self.records)?;
        let first = self
            .first
            .map(|it| serde_json::json!({ "partition": it.partition.0, "offset": it.offset }));
        map.serialize_entry("first", &first)?;
        map.end()
    }
}
