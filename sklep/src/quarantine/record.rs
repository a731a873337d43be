//! The record of an event that holds something up, for people.

use event_log::NewRecord;
use serde::Serialize;

use crate::escape_control::escape_control;

/// More than any event of the shop has; longer values are cut.
const LONGEST: usize = 4_000;

/// A record as text. What is no UTF-8 is replaced.
#[derive(Debug, Serialize)]
pub(super) struct Record {
    pub(super) headers: Vec<(String, Option<String>)>,
    pub(super) value: Option<String>,
}

impl From<NewRecord> for Record {
    fn from(record: NewRecord) -> Self {
        let headers = record.headers.iter();
        let headers = headers.map(|it| (it.name.to_owned(), it.value.map(text))).collect();
        Self { headers, value: record.value.as_deref().map(text) }
    }
}

fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    escape_control(&text.chars().take(LONGEST).collect::<String>())
}
