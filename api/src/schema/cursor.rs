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

/// Which list a cursor is of.
#[derive(Debug, Clone, Copy)]
pub(super) struct List<'a> {
    log: LogId,
    /// Whose list, where each customer or product has one of its own; empty for the shop's.
    owner: &'a str,
}

impl<'a> List<'a> {
    /// The shop's one list of this kind.
    pub(super) fn of_shop(log: LogId) -> Self {
        Self { log, owner: "" }
    }

    /// The list of one customer or product.
    pub(super) fn of(log: LogId, owner: &'a str) -> Self {
        Self { log, owner }
    }
}

pub(super) fn write<K: Key>(list: List<'_>, key: &K) -> String {
    let List { log, owner } = list;
    // No id has a slash in it.
    let owner = if owner.is_empty() { String::new() } else { format!("{owner}/") };
    URL_SAFE_NO_PAD.encode(format!("{}/{}/{owner}{}", K::MARK, log.0.simple(), key.write()))
}

pub(super) fn read<K: Key>(list: List<'_>, cursor: &str) -> Result<K, BadCursor> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_no_base64| BadCursor::Unknown)?;
    let plain = String::from_utf8(bytes).map_err(|_no_text| BadCursor::Unknown)?;
    let (of, key) = plain
        .strip_prefix(K::MARK)
        .and_then(|rest| rest.strip_prefix('/')?.split_once('/'))
        .ok_or(BadCursor::Unknown)?;
    if of != list.log.0.simple().to_string() {
        return Err(BadCursor::Foreign);
    }
    let key = match list.owner {
        "" => Some(key),
        owner => key.strip_prefix(owner).and_then(|rest| rest.strip_prefix('/')),
    };
    key.and_then(K::read).ok_or(BadCursor::Unknown)
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
