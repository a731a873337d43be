//! The documents of the views. Each is a pure function of the log, the fold's version and `last`.
//!
//! Every document is fed by exactly one partition; what several feed is kept apart and summed when read.
//! Amounts are minor units of `currency`; quantities are thousandths of a unit.

mod parked;

use domain::Currency;
use event_log::{Offset, Partition, Timestamp};

pub use self::parked::{OFFSETS_IN_QUEUE, Parked, QuarantinePeriod, Queue, Release, ReleasedBy};

/// The version of the documents' shape: a program with another one cannot read them.
///
/// Search texts are part of it, since they must be folded as the searched text is. Shape 2 had them in lower case alone.
pub const SHAPE: u32 = 3;

/// How many consecutive purchases of one customer share a document (measured: see docs/adr/0004-bucketed-purchases.md).
pub const PURCHASES_IN_BUCKET: u64 = 32;

/// The bucket that holds a customer's purchase of this number; none for 0, which no purchase has.
pub fn bucket_of(purchase: u64) -> Option<u64> {
    purchase.checked_sub(1)?.checked_div(PURCHASES_IN_BUCKET)
}

/// How many consecutive versions of one product's price, or their sales, share a document (see
/// docs/adr/0012-versions-share-documents.md).
pub const VERSIONS_IN_BUCKET: u32 = 32;

/// The bucket that holds this version of a product's price, and the one that holds its sales.
pub fn version_bucket_of(version: u32) -> u32 {
    version.saturating_sub(1).checked_div(VERSIONS_IN_BUCKET).unwrap_or_default()
}

/// A customer with purchase count and money spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// The customer's id.
    pub id: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Where the customer lives.
    pub address: String,
    /// First and last name as [`full_name`](crate::full_name) makes it.
    pub search_name: String,
    /// The address as [`searchable`](crate::searchable) makes it.
    pub search_address: String,
    /// When the customer was registered.
    pub created_at: Timestamp,
    /// How many purchases there are.
    pub purchases: u64,
    /// The sum of their totals, in minor units.
    pub spent: i128,
    /// ISO 4217, of `spent`; none before the first purchase.
    pub currency: Option<Currency>,
    /// The offset of the last event folded in.
    pub last: Offset,
}

/// Consecutive purchases of one customer: numbers `32 × number + 1` to `32 × number + 32`, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurchaseBucket {
    /// Whose purchases.
    pub customer_id: String,
    /// The bucket's number, from 0.
    pub number: u64,
    /// At most [`PURCHASES_IN_BUCKET`] purchases.
    pub purchases: Vec<PurchaseLine>,
    /// The offset of the last event folded in.
    pub last: Offset,
}

/// A purchase as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurchaseLine {
    /// Its number among the customer's purchases, from 1.
    pub number: u64,
    /// What was bought.
    pub product_id: String,
    /// The product's name then.
    pub product_name: String,
    /// The product's type then.
    pub product_type: String,
    /// What a unit cost, in minor units.
    pub unit_price: i64,
    /// ISO 4217.
    pub currency: Currency,
    /// In thousandths of a unit.
    pub quantity: i64,
    /// In minor units.
    pub total: i64,
    /// The version of the price that was charged.
    pub price_version: u32,
    /// When it was bought.
    pub purchased_at: Timestamp,
}

/// A product as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// The product's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The name as [`searchable`](crate::searchable) makes it.
    pub search_name: String,
    /// Its type, such as `chleb`, composed as all types in views are: lists are narrowed by exactly one.
    pub product_type: String,
    /// What a unit costs, in minor units.
    pub price: i64,
    /// ISO 4217.
    pub currency: Currency,
    /// When the current version began.
    pub priced_at: Timestamp,
    /// When the product got its first price: the order of lists.
    pub first_priced_at: Timestamp,
    /// Counts the product's events from 1.
    pub version: u32,
    /// The offset of the last event folded in.
    pub last: Offset,
}

/// Consecutive versions of one product's price: `32 × number + 1` to `32 × number + 32`, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceBucket {
    /// Which product.
    pub product_id: String,
    /// The bucket's number, from 0.
    pub number: u32,
    /// At most [`VERSIONS_IN_BUCKET`] versions.
    pub versions: Vec<Price>,
    /// The offset of the last event folded in.
    pub last: Offset,
}

/// One version of a product's price, in force from `from` until `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// Which version, from 1.
    pub version: u32,
    /// The product's name in that version.
    pub name: String,
    /// The product's type in that version.
    pub product_type: String,
    /// What a unit costs, in minor units.
    pub price: i64,
    /// What it cost before; none for the first price.
    pub previous_price: Option<i64>,
    /// ISO 4217.
    pub currency: Currency,
    /// When it began.
    pub from: Timestamp,
    /// When the next version began; none while it is in force.
    pub to: Option<Timestamp>,
}

/// Sums over purchases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amounts {
    /// Quantity sold, in thousandths of a unit.
    pub units: i128,
    /// Sum of totals, in minor units.
    pub revenue: i128,
    /// How many purchases.
    pub purchases: u64,
}

/// What one feeding partition's customers bought of one product at consecutive versions of its price: those from
/// `32 × number + 1` to `32 × number + 32` at which something was sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductSales {
    /// Which product.
    pub product_id: String,
    /// The bucket's number, from 0.
    pub number: u32,
    /// Whose customers: the partition that feeds this document.
    pub partition: Partition,
    /// At most [`VERSIONS_IN_BUCKET`] versions, oldest first.
    pub prices: Vec<PriceSales>,
    /// The offset of the last event folded in.
    pub last: Offset,
}

/// What was sold at one version of a product's price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceSales {
    /// Which version, from 1.
    pub version: u32,
    /// What a unit cost, in minor units; if ever there were several prices under one version, the highest.
    pub price: i64,
    /// ISO 4217, of that price.
    pub currency: Currency,
    /// The sums.
    pub sold: Amounts,
}

/// What one feeding partition's customers bought of one product on one UTC day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaySales {
    /// The day, such as `2026-11-22`.
    pub day: String,
    /// Which product.
    pub product_id: String,
    /// Whose customers: the partition that feeds this document.
    pub partition: Partition,
    /// The product's type as the newest purchase has it.
    pub product_type: String,
    /// ISO 4217.
    pub currency: Currency,
    /// The sums.
    pub sold: Amounts,
    /// The offset of the newest purchase, which is not the last one folded in when that waited in quarantine.
    pub newest: Offset,
    /// The offset of the last event folded in.
    pub last: Offset,
}

/// Names one document of a generation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A [`Customer`] by id.
    Customer(String),
    /// A [`PurchaseBucket`] by customer and bucket number.
    Bucket(String, u64),
    /// A [`Product`] by id.
    Product(String),
    /// A [`PriceBucket`] by product and bucket number.
    Prices(String, u32),
    /// [`ProductSales`] by product, bucket number and feeding partition.
    ProductSales(String, u32, Partition),
    /// [`DaySales`] by day, product and feeding partition.
    DaySales(String, String, Partition),
    /// A [`Parked`] key by feeding partition and key.
    Parked(Partition, String),
    /// A [`Queue`] by feeding partition, parked key and number.
    Queue(Partition, String, u64),
}

/// Any document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// Of the view `customers`.
    Customer(Customer),
    /// Of the view `purchases`.
    Bucket(PurchaseBucket),
    /// Of the view `products`.
    Product(Product),
    /// Of the view `prices`.
    Prices(PriceBucket),
    /// Of the view `sales`, by product and price.
    ProductSales(ProductSales),
    /// Of the view `sales`, by day.
    DaySales(DaySales),
    /// A key in quarantine.
    Parked(Parked),
    /// What waits behind it.
    Queue(Queue),
}

impl Document {
    /// The document's name.
    pub fn key(&self) -> Key {
        match self {
            Self::Customer(it) => Key::Customer(it.id.clone()),
            Self::Bucket(it) => Key::Bucket(it.customer_id.clone(), it.number),
            Self::Product(it) => Key::Product(it.id.clone()),
            Self::Prices(it) => Key::Prices(it.product_id.clone(), it.number),
            Self::ProductSales(it) => {
                Key::ProductSales(it.product_id.clone(), it.number, it.partition)
            }
            Self::DaySales(it) => {
                Key::DaySales(it.day.clone(), it.product_id.clone(), it.partition)
            }
            Self::Parked(it) => Key::Parked(it.partition, it.key.clone()),
            Self::Queue(it) => Key::Queue(it.partition, it.key.clone(), it.number),
        }
    }

    /// The offset of the last event folded in.
    pub fn last(&self) -> Offset {
        match self {
            Self::Customer(it) => it.last,
            Self::Bucket(it) => it.last,
            Self::Product(it) => it.last,
            Self::Prices(it) => it.last,
            Self::ProductSales(it) => it.last,
            Self::DaySales(it) => it.last,
            Self::Parked(it) => it.last,
            Self::Queue(it) => it.last,
        }
    }
}
