//! Which records are wanted: by their headers as far as possible, so that few bodies are read.

use domain::Event;
use event_log::{
    Content, Envelope, Follower, NewRecord, RecordId,
    codec::{self, Kind},
};

use super::EventsQuery;

/// What a record is to whoever asks.
pub(super) enum Found {
    /// It does not count, or is not wanted.
    Nothing,
    /// An event that is wanted.
    Event(Box<Envelope>),
    /// An event that may be wanted, and that this program cannot read.
    Unreadable,
}

/// What this record is to whoever asks.
pub(super) fn wanted(
    follower: &Follower,
    wish: &EventsQuery,
    place: RecordId,
    record: &NewRecord,
) -> Found {
    let counts = follower.counts(place.partition, place.offset) == Some(true);
    if !counts || !may_be_wanted(wish, record) {
        return Found::Nothing;
    }
    match codec::decode(record) {
        Ok(envelope) if is_about(wish, &envelope.content) => Found::Event(Box::new(envelope)),
        Ok(_of_another) => Found::Nothing,
        Err(_unreadable) => Found::Unreadable,
    }
}

/// What kind, key and filter alone say. A counted record of an unknown kind is looked into, so that it is
/// reported.
fn may_be_wanted(wish: &EventsQuery, record: &NewRecord) -> bool {
    let Some(kind) = codec::kind(record) else { return wish.kinds.is_none() };
    let is_key = |id: &String| record.key.as_deref() == Some(id.as_bytes());
    let by_customer = match kind {
        Kind::CustomerCreated | Kind::ProductPurchased => wish.customer.as_ref().is_none_or(is_key),
        Kind::ProductPriced => wish.customer.is_none(),
        Kind::WriterStarted | Kind::Barrier | Kind::EventSkipped => false,
    };
    let by_product = match kind {
        Kind::CustomerCreated => wish.product.is_none(),
        Kind::ProductPriced => wish.product.as_ref().is_none_or(is_key),
        // Only the body says which product was bought.
        Kind::ProductPurchased => true,
        Kind::WriterStarted | Kind::Barrier | Kind::EventSkipped => false,
    };
    by_customer && by_product && wish.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind))
}

fn is_about(wish: &EventsQuery, content: &Content) -> bool {
    match content {
        Content::Event(Event::ProductPurchased(bought)) => {
            wish.product.as_ref().is_none_or(|product| product == bought.product_id.as_str())
        }
        Content::Event(Event::CustomerCreated(_) | Event::ProductPriced(_)) => true,
        Content::WriterStarted(_) | Content::Barrier | Content::EventSkipped(_) => false,
    }
}
