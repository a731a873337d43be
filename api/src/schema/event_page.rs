//! The log as a list.

use async_graphql::{Enum, Result, SimpleObject};
use event_log::codec::Kind;
use query::EventsPage;

use super::{
    event::{Event, FromEnvelope},
    failure::of_fault,
    scalar::{Position, count},
};

#[derive(SimpleObject)]
pub(super) struct EventPage {
    events: Vec<Event>,
    /// Give it as `after` for the next page.
    position: Position,
    has_more: bool,
    /// How many events of this stretch this version of the shop cannot read, and leaves out; `quarantine` says what they
    /// hold up.
    unreadable: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum EventType {
    CustomerCreated,
    ProductPriced,
    ProductPurchased,
}

impl From<EventType> for Kind {
    fn from(of: EventType) -> Self {
        match of {
            EventType::CustomerCreated => Self::CustomerCreated,
            EventType::ProductPriced => Self::ProductPriced,
            EventType::ProductPurchased => Self::ProductPurchased,
        }
    }
}

impl EventPage {
    pub(super) fn of(page: EventsPage) -> Result<Self> {
        let events = page.events.into_iter().map(|happened| {
            Event::from_envelope(&happened.envelope, happened.position.into())
                .ok_or_else(|| of_fault("what happened is no event"))
        });
        Ok(Self {
            events: events.collect::<Result<_>>()?,
            position: Position(page.position.into()),
            has_more: page.has_more,
            unreadable: count(page.unreadable),
        })
    }
}
