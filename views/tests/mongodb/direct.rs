//! The documents as people read them in `MongoDB`; `docs/views.md` shows them.

use domain::Currency;
use event_log::{Ledger, LogId, Partition, Timestamp};
use futures::TryStreamExt;
use mongodb::{
    Client, Database,
    bson::{Bson, DateTime, Decimal128, Document, doc},
};
use tokio::task::spawn_blocking;
use uuid::Uuid;
use views::{
    Amounts, Change, Checkpoint, Commit, Customer, DaySales, Document as Shown, Mode, MongoViews,
    Price, PriceBucket, PriceSales, Product, ProductSales, PurchaseBucket, PurchaseLine, Versions,
    ViewFeed, testing,
};

const TIME: i64 = 1_795_352_759_123;

async fn stored(documents: Vec<Shown>) -> Database {
    let (uri, name) = (spawn_blocking(testkit::mongodb).await.unwrap(), testkit::unique("direct"));
    let store = MongoViews::open(uri, &name).await.unwrap();
    let versions = Versions { fold: 1, shape: 1 };
    let control =
        testing::begun(&*store, LogId(Uuid::from_u128(7)), 2, versions, "k3f9").await.unwrap();
    let partition = Partition(0);
    let rev = store.claim(&control.live, partition, "test").await.unwrap().checkpoint.rev;
    let checkpoint =
        Checkpoint { rev, at: 9, ledger: Ledger::default(), mode: Mode::Live, parked: 0 };
    let changes = documents.into_iter().map(Change::Insert).collect();
    let commit = Commit { generation: control.live, partition, checkpoint, changes };
    store.commit(&commit).await.unwrap();
    Client::with_uri_str(uri).await.unwrap().database(&name)
}

async fn all(database: &Database, name: &str) -> Vec<Document> {
    let collection = database.collection::<Document>(name);
    let found = collection.find(doc! {}).sort(doc! { "_id": 1 });
    found.await.unwrap().try_collect().await.unwrap()
}

fn exactly(amount: &str) -> Decimal128 {
    amount.parse().unwrap()
}

fn date() -> DateTime {
    DateTime::from_millis(TIME)
}

#[tokio::test]
async fn a_customer_is_as_documented() {
    let anna = Customer {
        id: "anna".into(),
        first_name: "Anna".into(),
        last_name: "Łoś".into(),
        address: "ul. Krótka 1".into(),
        search_name: "anna łoś".into(),
        search_address: "ul. krótka 1".into(),
        created_at: Timestamp(TIME),
        purchases: 17,
        spent: 3_672,
        currency: Some(Currency::PLN),
        last: 4_711,
    };
    let database = stored(vec![Shown::Customer(anna)]).await;
    let expected = doc! {
        "_id": "anna", "first_name": "Anna", "last_name": "Łoś", "address": "ul. Krótka 1",
        "search_name": "anna łoś", "search_address": "ul. krótka 1", "created_at": date(),
        "purchases": 17_i64, "spent": exactly("36.72"), "currency": "PLN", "last": 4_711_i64,
    };
    assert_eq!(all(&database, "customers").await, [expected]);
}

#[tokio::test]
async fn products_and_prices_are_as_documented() {
    let product = Product {
        id: "chleb_2".into(),
        name: "Chleb".into(),
        search_name: "chleb".into(),
        product_type: "pieczywo".into(),
        price: 36,
        currency: Currency::PLN,
        priced_at: Timestamp(TIME),
        first_priced_at: Timestamp(TIME),
        version: 1,
        last: 12,
    };
    let price = Price {
        version: 1,
        name: "Chleb".into(),
        product_type: "pieczywo".into(),
        price: 36,
        previous_price: None,
        currency: Currency::PLN,
        from: Timestamp(TIME),
        to: None,
    };
    let versions = vec![price.clone(), Price { version: 2, previous_price: Some(36), ..price }];
    let prices = PriceBucket { product_id: "chleb_2".into(), number: 0, versions, last: 12 };
    let database = stored(vec![Shown::Product(product), Shown::Prices(prices)]).await;
    let expected = doc! {
        "_id": "chleb_2", "name": "Chleb", "search_name": "chleb", "type": "pieczywo",
        "price": exactly("0.36"), "currency": "PLN", "search_price": 36_i64,
        "priced_at": date(), "first_priced_at": date(), "version": 1_i64, "last": 12_i64,
    };
    assert_eq!(all(&database, "products").await, [expected]);
    let expected = |version: i64, previous_price: Bson| {
        doc! {
            "_id": { "product_id": "chleb_2", "version": version }, "name": "Chleb",
            "type": "pieczywo", "price": exactly("0.36"), "previous_price": previous_price,
            "currency": "PLN", "from": date(), "to": null,
        }
    };
    let expected = [expected(1, Bson::Null), expected(2, exactly("0.36").into())];
    assert_eq!(all(&database, "prices").await, expected);
}

#[tokio::test]
async fn purchases_are_listed_one_by_one() {
    let line = |number| PurchaseLine {
        number,
        product_id: "chleb_2".into(),
        product_name: "Chleb".into(),
        product_type: "pieczywo".into(),
        unit_price: 36,
        currency: Currency::PLN,
        quantity: 250,
        total: 9,
        price_version: 2,
        purchased_at: Timestamp(TIME),
    };
    let bucket = PurchaseBucket {
        customer_id: "anna".into(),
        number: 1,
        purchases: vec![line(33), line(34)],
        last: 40,
    };
    let database = stored(vec![Shown::Bucket(bucket)]).await;
    let expected = |number: i64| {
        doc! {
            "_id": format!("anna:{number}"), "customer_id": "anna", "number": number,
            "product_id": "chleb_2", "product_name": "Chleb", "type": "pieczywo",
            "unit_price": exactly("0.36"), "quantity": exactly("0.250"), "total": exactly("0.09"),
            "currency": "PLN", "price_version": 2_i64, "purchased_at": date(),
        }
    };
    assert_eq!(all(&database, "purchase_list").await, [expected(33), expected(34)]);
    let bucket = &all(&database, "purchases").await[0];
    let key = doc! { "customer_id": "anna", "bucket": 1_i64 };
    assert_eq!(bucket.get("_id"), Some(&Bson::Document(key)));
    let range = doc! {
        "$gte": { "customer_id": "anna" },
        "$lt": { "customer_id": "anna", "bucket": Bson::MaxKey },
    };
    let purchases = database.collection::<Document>("purchases");
    let by_key = purchases.find_one(doc! { "_id": range }).await.unwrap();
    assert_eq!(by_key.as_ref(), Some(bucket));
}

#[tokio::test]
async fn sales_are_summed_over_the_partitions() {
    let sold = Amounts { units: 1_500, revenue: 54, purchases: 2 };
    let at = |version| PriceSales { version, price: 36, currency: Currency::PLN, sold };
    let by_price = |partition| {
        Shown::ProductSales(ProductSales {
            product_id: "chleb_2".into(),
            number: 0,
            partition: Partition(partition),
            prices: [2, 5].map(at).to_vec(),
            last: 3,
        })
    };
    let by_day = |partition| {
        Shown::DaySales(DaySales {
            day: "2026-11-22".into(),
            product_id: "chleb_2".into(),
            partition: Partition(partition),
            product_type: "pieczywo".into(),
            currency: Currency::PLN,
            sold,
            newest: 3,
            last: 3,
        })
    };
    let database = stored(vec![by_price(0), by_price(1), by_day(0), by_day(1)]).await;
    let sums = doc! {
        "currency": "PLN", "units": exactly("3.000"), "revenue": exactly("1.08"), "purchases": 4_i64,
    };
    let expected = [2_i64, 5].map(|version| {
        let id = doc! { "product_id": "chleb_2", "version": version };
        let mut expected = doc! { "_id": id, "price": exactly("0.36") };
        expected.extend(sums.clone());
        expected
    });
    let mut found = all(&database, "sales_by_price").await;
    found.sort_by_key(|it| it.get_document("_id").unwrap().get_i64("version").unwrap());
    assert_eq!(found, expected);
    let mut expected =
        doc! { "_id": { "day": "2026-11-22", "product_id": "chleb_2" }, "type": "pieczywo" };
    expected.extend(sums);
    assert_eq!(all(&database, "sales_by_day").await, [expected]);
}

#[tokio::test]
async fn control_and_checkpoints_are_as_documented() {
    let database = stored(vec![]).await;
    let control = doc! {
        "_id": "views", "logId": "00000000-0000-0000-0000-000000000007",
        "live": "1_k3f9", "back": null,
        "gens": { "1_k3f9": {
            "number": 1_i64, "logId": "00000000-0000-0000-0000-000000000007",
            "state": "ready", "fold": 1_i64, "shape": 1_i64,
            "job": null, "wish": "run", "throttle": null, "skips": [],
        } },
        "paused": false,
    };
    let mut controls = all(&database, "sklep_control").await;
    // It begins at a number that is made of names.
    assert!(controls[0].remove("rev").unwrap().as_i64().unwrap() > 1);
    assert_eq!(controls, [control]);
    let mut checkpoints = all(&database, "sklep_checkpoints").await;
    let by = checkpoints[0].remove("by").unwrap();
    assert_eq!(by.as_document().unwrap().get_str("instance").unwrap(), "test");
    let untouched = doc! {
        "_id": "1_k3f9/1", "rev": 2_i64, "at": 0_i64, "epoch": 0_i64, "writer": null,
        "sequence": 0_i64, "mode": "live", "fillTo": null, "parked": 0_i64, "by": null,
    };
    let mut moved = untouched.clone();
    moved.extend(doc! { "_id": "1_k3f9/0", "rev": 4_i64, "at": 9_i64 });
    moved.remove("by");
    assert_eq!(checkpoints, [moved, untouched]);
}
