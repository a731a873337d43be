//! What is held up.

use async_graphql::SimpleObject;

use super::scalar::{DateTime, count};

/// A key of the log, a customer's or product's id, that an event holds up which cannot be taken in.
#[derive(Debug, SimpleObject)]
pub(super) struct Parked {
    key: String,
    partition: u16,
    /// The event that holds it up. Give it to `skipEvent` to give that event up.
    offset: String,
    /// Why the event cannot be taken in.
    reason: String,
    /// The time of the event's record.
    since: DateTime,
    /// How many events of the key wait behind it.
    waiting: i32,
}

impl Parked {
    /// None when nothing holds the key up any more.
    pub(super) fn of(found: query::Parked) -> Option<Self> {
        let episode = found.lasting()?;
        Some(Self {
            partition: found.partition.0,
            offset: episode.blocked.to_string(),
            reason: episode.reason.clone(),
            since: DateTime(episode.since),
            waiting: count(found.waiting),
            key: found.key,
        })
    }
}
