//! What each event makes of which documents.
//!
//! Pure, in two steps: first every document of an event is asked whether the event *fits* it, then the event is
//! *applied* to each in place, which cannot fail. Nothing that `decide` lets through misfits; what does shows that the
//! log is not what this program takes it for.
//!
//! Events of different aggregates may be applied in any order and come to the same documents: sums are sums, `last` is
//! the highest offset, and where one event decides, it is the one that was decided last, whenever it is taken in.

mod customer;
mod parked;
mod product;
mod purchase;
mod sales;

use domain::{CustomerCreated, Event, ProductPriced, ProductPurchased};
use event_log::{Offset, Partition, RecordId, Timestamp};
use views::{Document, Key, Versions, bucket_of, version_bucket_of};

pub(crate) use self::parked::{blocked_at, is_full, park, queue, release, released, wait};

/// The version of the folds and of the documents' shape. Raise `fold` with every change that makes another document of
/// the same events.
pub const VERSIONS: Versions = Versions { fold: 4, shape: views::SHAPE };

/// Milliseconds.
const DAY: i64 = 86_400_000;

/// An event that counts, with where and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedEvent {
    /// What happened.
    pub event: Event,
    /// Where it stands in the log.
    pub place: RecordId,
    /// When it was decided.
    pub time: Timestamp,
}

/// An event that does not fit the documents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CannotApply(pub String);

impl CannotApply {
    fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// Where and when, as an event's documents take it in.
#[derive(Debug, Clone, Copy)]
pub struct ApplyAt {
    /// Where the event stands.
    pub offset: Offset,
    /// What its documents say as their `last`: `offset`, or the offset at which a late event was taken in.
    pub last: Offset,
    /// Which partition feeds the documents.
    pub partition: Partition,
    /// When the event was decided.
    pub time: Timestamp,
}

impl RecordedEvent {
    /// The key of its record: whose event it is.
    pub fn key(&self) -> &str {
        self.event.key()
    }
}

impl ApplyAt {
    /// An event in its turn.
    pub fn of(fact: &RecordedEvent) -> Self {
        let RecordId { partition, offset } = fact.place;
        Self { offset, last: offset, partition, time: fact.time }
    }
}

/// What an event does to one document.
#[derive(Debug, Clone, Copy)]
pub enum DocumentUpdate<'f> {
    /// A customer is there from now on.
    Registers(&'f CustomerCreated),
    /// A customer has bought once more.
    Buys(&'f ProductPurchased),
    /// The bucket of this number gets one more purchase.
    Lists(&'f ProductPurchased, u64),
    /// A product is as the event says.
    Prices(&'f ProductPriced),
    /// A version of a price begins, in the bucket of this number.
    Begins(&'f ProductPriced, u32),
    /// The version before ends, which is the last one of the bucket of this number.
    Ends(&'f ProductPriced, u32),
    /// More was sold at a price, which is in the bucket of this number.
    SellsAtPrice(&'f ProductPurchased, u32),
    /// More was sold on a day.
    SellsOnDay(&'f ProductPurchased),
}

/// Which view, for a [`DocumentRef`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// [`Key::Customer`].
    Customer,
    /// [`Key::Bucket`].
    Bucket,
    /// [`Key::Product`].
    Product,
    /// [`Key::Prices`].
    Prices,
    /// [`Key::ProductSales`].
    ProductSales,
    /// [`Key::DaySales`].
    DaySales,
    /// [`Key::Parked`].
    Parked,
    /// [`Key::Queue`].
    Queue,
}

/// A document's name among those that one partition feeds; like a [`Key`], but made without copying any text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DocumentRef<'f> {
    /// Which view.
    pub kind: DocumentKind,
    /// Whose document.
    pub id: &'f str,
    /// The number of the bucket, or the day since 1970.
    pub number: u64,
}

/// What an event does, document by document.
pub fn touches(event: &Event) -> impl Iterator<Item = DocumentUpdate<'_>> {
    let touches = match event {
        Event::CustomerCreated(created) => {
            [Some(DocumentUpdate::Registers(created)), None, None, None]
        }
        Event::ProductPriced(priced) => {
            let bucket = version_bucket_of(priced.version);
            // Within one bucket, the version that begins ends the one before.
            let before = priced.version.checked_sub(1).filter(|version| *version > 0);
            let before = before.map(version_bucket_of).filter(|before| *before != bucket);
            let ends = before.map(|before| DocumentUpdate::Ends(priced, before));
            [
                Some(DocumentUpdate::Prices(priced)),
                Some(DocumentUpdate::Begins(priced, bucket)),
                ends,
                None,
            ]
        }
        Event::ProductPurchased(bought) => {
            // A purchase is never the 0th; if one were, it would not fit its customer.
            let bucket = bucket_of(bought.purchase_id.number).unwrap_or_default();
            [
                Some(DocumentUpdate::Buys(bought)),
                Some(DocumentUpdate::Lists(bought, bucket)),
                Some(DocumentUpdate::SellsAtPrice(bought, version_bucket_of(bought.price_version))),
                Some(DocumentUpdate::SellsOnDay(bought)),
            ]
        }
    };
    touches.into_iter().flatten()
}

/// The documents that an event changes.
pub fn keys(fact: &RecordedEvent) -> Vec<Key> {
    let at = ApplyAt::of(fact);
    touches(&fact.event).map(|touch| touch.key(at)).collect()
}

impl<'f> DocumentUpdate<'f> {
    /// The document's name.
    pub fn name(self, at: ApplyAt) -> DocumentRef<'f> {
        let name = |kind, id, number| DocumentRef { kind, id, number };
        match self {
            Self::Registers(it) => name(DocumentKind::Customer, it.customer_id.as_str(), 0),
            Self::Buys(it) => name(DocumentKind::Customer, it.purchase_id.customer.as_str(), 0),
            Self::Lists(it, bucket) => {
                name(DocumentKind::Bucket, it.purchase_id.customer.as_str(), bucket)
            }
            Self::Prices(it) => name(DocumentKind::Product, it.product_id.as_str(), 0),
            Self::Begins(it, bucket) | Self::Ends(it, bucket) => {
                name(DocumentKind::Prices, it.product_id.as_str(), bucket.into())
            }
            Self::SellsAtPrice(it, bucket) => {
                name(DocumentKind::ProductSales, it.product_id.as_str(), bucket.into())
            }
            Self::SellsOnDay(it) => {
                let day = at.time.0.div_euclid(DAY).cast_unsigned();
                name(DocumentKind::DaySales, it.product_id.as_str(), day)
            }
        }
    }

    /// The document's key.
    pub fn key(self, at: ApplyAt) -> Key {
        match self {
            Self::Registers(it) => Key::Customer(it.customer_id.to_string()),
            Self::Buys(it) => Key::Customer(it.purchase_id.customer.to_string()),
            Self::Lists(it, bucket) => Key::Bucket(it.purchase_id.customer.to_string(), bucket),
            Self::Prices(it) => Key::Product(it.product_id.to_string()),
            Self::Begins(it, bucket) | Self::Ends(it, bucket) => {
                Key::Prices(it.product_id.to_string(), bucket)
            }
            Self::SellsAtPrice(it, bucket) => {
                Key::ProductSales(it.product_id.to_string(), bucket, at.partition)
            }
            Self::SellsOnDay(it) => {
                Key::DaySales(day(at.time), it.product_id.to_string(), at.partition)
            }
        }
    }

    /// Whether the event can be applied to the document as it is; none when there is none.
    pub fn fits(self, before: Option<&Document>) -> Result<(), CannotApply> {
        match self {
            Self::Registers(it) => customer::can_be_registered(it, before),
            Self::Buys(it) => customer::can_buy(it, before),
            Self::Lists(it, bucket) => purchase::can_be_listed(it, bucket, before),
            Self::Prices(it) => product::can_be_priced(it, before),
            Self::Begins(it, bucket) => product::can_begin(it, bucket, before),
            Self::Ends(it, _) => product::can_end(it, before),
            Self::SellsAtPrice(it, _) | Self::SellsOnDay(it) => sales::can_be_summed(it, before),
        }
    }

    /// Applies the event to the document, which it fits. What it does not fit stays as it is.
    pub fn apply(self, at: ApplyAt, document: &mut Option<Document>) {
        match self {
            Self::Registers(it) => customer::register(it, at, document),
            Self::Buys(it) => customer::buy(it, at, document),
            Self::Lists(it, bucket) => purchase::list(it, bucket, at, document),
            Self::Prices(it) => product::price(it, at, document),
            Self::Begins(it, bucket) => product::begin(it, bucket, at, document),
            Self::Ends(_, _) => product::end(at, document),
            Self::SellsAtPrice(it, bucket) => sales::sell_at_price(it, bucket, at, document),
            Self::SellsOnDay(it) => sales::sell_on_day(it, at, document),
        }
    }
}

/// The UTC day of a moment, such as `2026-11-22`.
fn day(time: Timestamp) -> String {
    let moment = time.to_string();
    moment.split_once('T').map(|(day, _)| day.to_owned()).unwrap_or(moment)
}
