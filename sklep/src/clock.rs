//! Where the clock is read and ids are minted.

use event_log::Timestamp;
use uuid::Uuid;

/// The time now, cut to milliseconds.
#[expect(clippy::disallowed_methods, reason = "this is the edge, where the clock is read")]
pub(crate) fn now() -> Timestamp {
    Timestamp(chrono::Utc::now().timestamp_millis())
}

/// An id that nobody else has.
#[expect(clippy::disallowed_methods, reason = "this is the edge, where ids are minted")]
pub(crate) fn mint() -> Uuid {
    Uuid::new_v4()
}
