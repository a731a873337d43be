//! Moments, cut to milliseconds.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

/// A moment in UTC, in milliseconds since 1970. Databases and JSON keep no finer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment as a calendar knows it; none beyond the years that it knows.
    pub fn to_utc(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.0)
    }

    /// Reads RFC 3339, cut to milliseconds.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|time| Self(time.timestamp_millis()))
    }
}

/// RFC 3339 in UTC with milliseconds: `2026-11-22T13:05:59.123Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.to_utc().unwrap_or_default();
        f.write_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}
