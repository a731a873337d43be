//! Cursors: the sort key of a document and the log that it is of, opaque to everybody else.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use event_log::{LogId, Timestamp};
use query::{CustomerCursor, ProductCursor};

/// A sort key that can be a cursor. The mark tells cursors of different lists apart.
pub(super) trait Key: Sized {
    const MARK: &str;
    fn write(&self) -> String;
    fn read(text: &str) -> Option<Self>;
}

/// Why a text is not a cursor of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadCursor {
    /// Nobody gave it out for this list.
    Unknown,
    /// It is of another log.
    Foreign,
}

pub(super) fn write<K: Key>(log: LogId, key: &K) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}/{}/{}", K::MARK, log.0.simple(), key.write()))
}

pub(super) fn read<K: Key>(log: LogId, cursor: &str) -> Result<K, BadCursor> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_no_base64| BadCursor::Unknown)?;
    let plain = String::from_utf8(bytes).map_err(|_no_text| BadCursor::Unknown)?;
    let (of, key) = plain
        .strip_prefix(K::MARK)
        .and_then(|rest| rest.strip_prefix('/')?.split_once('/'))
        .ok_or(BadCursor::Unknown)?;
    if of != log.0.simple().to_string() {
        return Err(BadCursor::Foreign);
    }
    K::read(key).ok_or(BadCursor::Unknown)
}

impl Key for CustomerCursor {
    const MARK: &str = "customers";

    fn write(&self) -> String {
        format!("{}/{}", self.created_at.0, self.id)
    }

    fn read(text: &str) -> Option<Self> {
        let (time, id) = text.split_once('/')?;
        Some(Self { created_at: Timestamp(time.parse().ok()?), id: id.into() })
    }
}

impl Key for ProductCursor {
    const MARK: &str = "products";

    fn write(&self) -> String {
        format!("{}/{}", self.first_priced_at.0, self.id)
    }

    fn read(text: &str) -> Option<Self> {
        let (time, id) = text.split_once('/')?;
        Some(Self { first_priced_at: Timestamp(time.parse().ok()?), id: id.into() })
    }
}

/// The number of a purchase.
impl Key for u64 {
    const MARK: &str = "purchases";

    fn write(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// The version of a price.
impl Key for u32 {
    const MARK: &str = "prices";

    fn write(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

#[cfg(test)]
mod tests;
