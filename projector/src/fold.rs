//! What each event makes of which documents.
//!
//! Pure, and the same whenever it is done again: a document knows the offset of its last event and ignores what
//! stands before it. Nothing that `decide` lets through can fail here; what fails shows that the log or a document
//! is not what this program takes it for.

mod customer;
mod product;
mod purchase;
mod sales;

use domain::{Event, ProductPurchased};
use event_log::{Offset, Partition, Place, Timestamp};
use views::{Document, Key, Versions, bucket_of};

/// The version of the folds and of the documents' shape. Raise `fold` with every change that makes another document of
/// the same events.
pub const VERSIONS: Versions = Versions { fold: 1, shape: views::SHAPE };

/// An event that counts, with where and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What happened.
    pub event: Event,
    /// Where it stands in the log.
    pub place: Place,
    /// When it was decided.
    pub time: Timestamp,
}

/// An event that does not fit the documents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unfoldable(pub String);

impl Unfoldable {
    fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// The documents that an event changes.
pub fn keys(fact: &Fact) -> Vec<Key> {
    match &fact.event {
        Event::CustomerCreated(created) => vec![Key::Customer(created.customer_id.to_string())],
        Event::ProductPriced(priced) => {
            let id = priced.product_id.to_string();
            let price = |version| Key::Price(id.clone(), version);
            let before = priced.version.checked_sub(1).filter(|version| *version > 0).map(price);
            let mut keys = vec![Key::Product(id.clone()), price(priced.version)];
            keys.extend(before);
            keys
        }
        Event::ProductPurchased(bought) => purchase_keys(bought, fact),
    }
}

fn purchase_keys(bought: &ProductPurchased, fact: &Fact) -> Vec<Key> {
    let customer = bought.purchase_id.customer.to_string();
    let product = bought.product_id.to_string();
    let partition = fact.place.partition;
    // A purchase is never the 0th; if one were, its customer's fold would refuse it.
    let bucket = bucket_of(bought.purchase_id.number).unwrap_or_default();
    vec![
        Key::Customer(customer.clone()),
        Key::Bucket(customer, bucket),
        Key::ProductSales(product.clone(), bought.price_version, partition),
        Key::DaySales(day(fact.time), product, partition),
    ]
}

/// What an event makes of one of its documents. `before` is the document as it is, none when there is none.
pub fn fold(fact: &Fact, key: &Key, before: Option<&Document>) -> Result<Document, Unfoldable> {
    let at = At { offset: fact.place.offset, partition: fact.place.partition, time: fact.time };
    match &fact.event {
        Event::CustomerCreated(created) => customer::created(created, at, before),
        Event::ProductPriced(priced) => product::priced(priced, at, key, before),
        Event::ProductPurchased(bought) => purchased(bought, at, key, before),
    }
}

fn purchased(
    bought: &ProductPurchased,
    at: At,
    key: &Key,
    before: Option<&Document>,
) -> Result<Document, Unfoldable> {
    match key {
        Key::Customer(_) => customer::purchased(bought, at, before),
        Key::Bucket(_, _) => purchase::purchased(bought, at, before),
        Key::ProductSales(_, _, _) => sales::by_price(bought, at, before),
        Key::DaySales(_, _, _) => sales::by_day(bought, at, before),
        Key::Product(_) | Key::Price(_, _) | Key::Parked(_, _) | Key::Queue(_, _, _) => {
            Err(Unfoldable::new(format!("a purchase does not change {key:?}")))
        }
    }
}

/// Where and when.
#[derive(Debug, Clone, Copy)]
struct At {
    offset: Offset,
    partition: Partition,
    time: Timestamp,
}

/// The UTC day of a moment, such as `2026-11-22`.
fn day(time: Timestamp) -> String {
    let moment = time.to_string();
    moment.split_once('T').map(|(day, _)| day.to_owned()).unwrap_or(moment)
}
