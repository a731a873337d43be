//! Documents and commits to test with.

use std::sync::Arc;

use domain::Currency;
use event_log::{Ledger, LogId, Offset, Partition, Timestamp, WriterId};
use uuid::Uuid;
use views::{
    Amounts, Change, Checkpoint, Commit, Control, Customer, DaySales, Document, FeedClaim,
    MemoryViews, Mode, MongoViews, Parked, Price, PriceBucket, PriceSales, Product, ProductSales,
    PurchaseBucket, PurchaseLine, QuarantinePeriod, Queue, Release, ReleasedBy, Versions,
    ViewStore, full_name, searchable, testing,
};

pub(crate) const LOG: LogId = LogId(Uuid::from_u128(7));
pub(crate) const VERSIONS: Versions = Versions { fold: 1, shape: 1 };
pub(crate) const P0: Partition = Partition(0);

pub(crate) async fn begun(store: &dyn ViewStore) -> Control {
    testing::begun(store, LOG, 3, VERSIONS, "k3f9").await.unwrap()
}

/// Begins, claims partition 0 and commits these changes.
pub(crate) async fn stored(store: &dyn ViewStore, changes: Vec<Change>) -> Control {
    let control = begun(store).await;
    let claim = store.claim(&control.live, P0, "test").await.unwrap();
    store.commit(&commit(&control, claim, 1_000_000, changes)).await.unwrap();
    control
}

pub(crate) fn commit(
    control: &Control,
    claim: FeedClaim,
    at: Offset,
    changes: Vec<Change>,
) -> Commit {
    let ledger = Ledger { epoch: 3, writer: Some(WriterId(Uuid::from_u128(5))), sequence: 8 };
    let checkpoint =
        Checkpoint { rev: claim.checkpoint.rev, at, ledger, mode: Mode::Live, parked: 0 };
    Commit { generation: control.live.clone(), partition: P0, checkpoint, changes }
}

pub(crate) fn inserts(documents: impl IntoIterator<Item = Document>) -> Vec<Change> {
    documents.into_iter().map(Change::Insert).collect()
}

pub(crate) fn update(document: Document) -> Change {
    Change::Update { document, stored_purchases: 0 }
}

pub(crate) fn customer(id: &str, created_at: i64, name: (&str, &str)) -> Customer {
    let address = "ul. Łąkowa 3, Żywiec";
    Customer {
        id: id.into(),
        first_name: name.0.into(),
        last_name: name.1.into(),
        address: address.into(),
        search_name: full_name(name.0, name.1),
        search_address: searchable(address),
        created_at: Timestamp(created_at),
        purchases: 0,
        spent: 0,
        currency: None,
        last: 1,
    }
}

pub(crate) fn anna() -> Customer {
    customer("anna", 1_000, ("Anna", "Kowalska"))
}

pub(crate) fn product(id: &str, first_priced_at: i64, of: (&str, &str, i64)) -> Product {
    Product {
        id: id.into(),
        name: of.0.into(),
        search_name: searchable(of.0),
        product_type: of.1.into(),
        price: of.2,
        currency: Currency::PLN,
        priced_at: Timestamp(first_priced_at),
        first_priced_at: Timestamp(first_priced_at),
        version: 1,
        last: 1,
    }
}

/// The versions of a bucket, each in force from and to.
pub(crate) fn prices(
    product: &str,
    number: u32,
    versions: impl IntoIterator<Item = (i64, Option<i64>)>,
) -> PriceBucket {
    let versions = (number * 32 + 1..)
        .zip(versions)
        .map(|(version, (from, to))| price(version, from, to))
        .collect();
    PriceBucket { product_id: product.into(), number, versions, last: 1 }
}

fn price(version: u32, from: i64, to: Option<i64>) -> Price {
    Price {
        version,
        name: "Chleb wiejski".into(),
        product_type: "chleb".into(),
        price: 36,
        previous_price: (version > 1).then_some(35),
        currency: Currency::PLN,
        from: Timestamp(from),
        to: to.map(Timestamp),
    }
}

pub(crate) fn bucket(
    customer: &str,
    number: u64,
    purchases: std::ops::RangeInclusive<u64>,
) -> PurchaseBucket {
    let last = *purchases.end();
    let purchases = purchases.map(line).collect();
    PurchaseBucket { customer_id: customer.into(), number, purchases, last }
}

pub(crate) fn line(number: u64) -> PurchaseLine {
    PurchaseLine {
        number,
        product_id: "chleb_2".into(),
        product_name: "Chleb wiejski".into(),
        product_type: "chleb".into(),
        unit_price: 36,
        currency: Currency::PLN,
        quantity: 6_000,
        total: 216,
        price_version: 1,
        purchased_at: Timestamp(2_000),
    }
}

/// At the first and third version of the bucket.
pub(crate) fn sales(product: &str, number: u32, partition: u16) -> ProductSales {
    let sold = Amounts { units: 6_250, revenue: 225, purchases: 2 };
    let at = |version| PriceSales { version, price: 36, currency: Currency::PLN, sold };
    ProductSales {
        product_id: product.into(),
        number,
        partition: Partition(partition),
        prices: vec![at(number * 32 + 1), at(number * 32 + 3)],
        last: 4,
    }
}

pub(crate) fn day_sales(day: &str, product: &str, partition: u16) -> DaySales {
    DaySales {
        day: day.into(),
        product_id: product.into(),
        partition: Partition(partition),
        product_type: "chleb".into(),
        currency: Currency::PLN,
        sold: Amounts { units: 6_250, revenue: 225, purchases: 2 },
        newest: 4,
        last: 4,
    }
}

/// Parked at offset 3 and, unless it lasts, skipped at offset 30.
pub(crate) fn parked(key: &str, partition: u16, lasts: bool) -> Parked {
    let released = (!lasts).then_some(Release { at: 30, by: ReleasedBy::Skip });
    let reason = "the type \"ProductRepriced\" is unknown".into();
    let episode = QuarantinePeriod { blocked: 3, reason, since: Timestamp(2_000), released };
    let waiting = if lasts { 6 } else { 0 };
    Parked {
        key: key.into(),
        partition: Partition(partition),
        episodes: vec![episode],
        waiting,
        last: 9,
    }
}

pub(crate) fn queue(
    key: &str,
    partition: u16,
    number: u64,
    offsets: std::ops::RangeInclusive<Offset>,
) -> Queue {
    let last = *offsets.end();
    let (key, offsets) = (key.into(), offsets.collect());
    Queue { key, partition: Partition(partition), number, offsets, last }
}

pub(crate) fn memory() -> Arc<dyn ViewStore> {
    Arc::new(MemoryViews::new())
}

pub(crate) async fn mongodb() -> Arc<dyn ViewStore> {
    let uri = tokio::task::spawn_blocking(testkit::mongodb).await.unwrap();
    MongoViews::open(uri, &testkit::unique("contract")).await.unwrap()
}
