//! What happened, page by page, from the log itself.

mod filter;
mod walk;

use std::sync::Arc;

use event_log::{Envelope, Position, RecordId, codec::Kind};
use tokio::task::consume_budget;

use self::{filter::Found, walk::Walk};
use crate::{Budget, Failure, queries::Sources};

/// How many records one call looks at; a search that finds little answers with a short page then.
const LOOKED_AT: usize = 10_000;

/// Which events are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventsQuery {
    /// Only what this position has not seen; none for the log's begin.
    pub after: Option<Position>,
    /// At most so many.
    pub first: usize,
    /// Only of these kinds; none for all.
    pub kinds: Option<Vec<Kind>>,
    /// Only what this customer did.
    pub customer: Option<String>,
    /// Only what happened to this product.
    pub product: Option<String>,
}

/// An event that counts, with the point to go on from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventEntry {
    /// Where it stands.
    pub place: RecordId,
    /// The record; its content is an event.
    pub envelope: Arc<Envelope>,
    /// Has seen this event and everything before it in the walk.
    pub position: Position,
}

/// A stretch of what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventsPage {
    /// The events: of each partition in order, and the partitions merged by time.
    pub events: Vec<EventEntry>,
    /// Where the next page goes on.
    pub position: Position,
    /// Whether there is more. A search that stops at its bound says so too, because it does not know.
    pub has_more: bool,
    /// How many events of the stretch this program cannot read, and leaves out. What they hold up is in quarantine.
    pub unreadable: u64,
}

pub(crate) async fn page(
    sources: &Sources,
    wish: &EventsQuery,
    budget: &Budget,
) -> Result<EventsPage, Failure> {
    let mut walk = Walk::begin(sources, wish, budget).await?;
    let (mut events, mut unreadable, mut has_more) = (Vec::new(), 0_u64, true);
    for _ in 0..LOOKED_AT {
        // A log in memory never makes anybody wait: others, and the deadline, have their turn all the same.
        consume_budget().await;
        let Some((place, record)) = walk.next().await? else {
            has_more = false;
            break;
        };
        match filter::wanted(&sources.follower, wish, place, record) {
            Found::Event(_) if events.len() >= wish.first => break,
            Found::Event(envelope) => {
                walk.pass(place);
                let (envelope, position) = (Arc::from(envelope), walk.position());
                events.push(EventEntry { place, envelope, position });
            }
            Found::Unreadable => {
                walk.pass(place);
                unreadable = unreadable.saturating_add(1);
            }
            Found::Nothing => walk.pass(place),
        }
    }
    Ok(EventsPage { events, position: walk.position(), has_more, unreadable })
}

#[cfg(test)]
mod tests;
