//! Where chance and the clock come in.

use event_log::Timestamp;
use uuid::Uuid;

/// Mints an id that nobody else has; later ones sort after earlier ones.
#[expect(clippy::disallowed_methods, reason = "this is the edge, where ids are minted")]
pub(crate) fn mint() -> Uuid {
    Uuid::now_v7()
}

/// The time now, cut to milliseconds.
#[expect(clippy::disallowed_methods, reason = "this is the edge, where the clock is read")]
pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let since = since.map_or(0, |since| since.as_millis());
    Timestamp(i64::try_from(since).unwrap_or(i64::MAX))
}
