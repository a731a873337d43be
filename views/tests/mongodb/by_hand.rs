//! What somebody changed by hand in a real `MongoDB`, and moments that the server has forgotten.

use std::time::{Duration, Instant};

use event_log::{LogId, Partition};
use futures::TryStreamExt;
use mongodb::{
    Client, Database,
    bson::{Bson, Document, doc, oid::ObjectId},
};
use testkit::Mongo;
use tokio::task::spawn_blocking;
use uuid::Uuid;
use views::{
    EncodedDocument, GenerationName, Key, MongoViews, ScanChunk, ScanError, Snapshot, Versions,
    View, ViewBuild, ViewFeed, ViewScan, testing,
};

async fn begun() -> (std::sync::Arc<MongoViews>, GenerationName, Database) {
    let (uri, name) = (spawn_blocking(testkit::mongodb).await.unwrap(), testkit::unique("byhand"));
    let store = MongoViews::open(uri, &name).await.unwrap();
    let versions = Versions { fold: 1, shape: 1 };
    let control =
        testing::begun(&*store, LogId(Uuid::from_u128(7)), 1, versions, "a").await.unwrap();
    (store, control.live, Client::with_uri_str(uri).await.unwrap().database(&name))
}

async fn scan(moment: &dyn Snapshot, view: View, after: Option<Vec<u8>>) -> Vec<Vec<u8>> {
    let stretches: Vec<ScanChunk> = moment.scan(view, after).try_collect().await.unwrap();
    let documents = stretches.iter().flat_map(ScanChunk::documents);
    documents.map(|document| document.bytes().to_vec()).collect()
}

#[tokio::test]
async fn documents_with_keys_of_any_kind_come_out_once() {
    let (store, live, database) = begun().await;
    let buckets = database.collection::<Document>("purchases_1_a");
    let ids: Vec<Bson> = vec![
        Bson::Null,
        Bson::Int32(3),
        "anna".into(),
        doc! { "customer_id": "anna", "bucket": 0_i64 }.into(),
        doc! { "customer_id": "anna", "bucket": 1_i32 }.into(),
        doc! { "bucket": 2_i64, "customer_id": "anna" }.into(),
        doc! { "customer_id": "anna", "bucket": 3_i64, "more": 1_i64 }.into(),
        ObjectId::from_bytes([7; 12]).into(),
        true.into(),
    ];
    buckets.insert_many(ids.iter().map(|id| doc! { "_id": id, "last": 1_i64 })).await.unwrap();
    let moment = store.moment(&live).await.unwrap();
    let found = scan(&*moment, View::Purchases, None).await;
    assert_eq!(found.len(), ids.len());
    let ours =
        found.iter().filter_map(|document| EncodedDocument::new(document).key(View::Purchases));
    assert_eq!(ours.collect::<Vec<_>>(), [Key::Bucket("anna".into(), 0)]);
    for (known, document) in found.iter().enumerate() {
        let id = EncodedDocument::new(document).id().to_vec();
        let rest = scan(&*moment, View::Purchases, Some(id)).await;
        assert_eq!(rest, found[known + 1..], "after {:?}", EncodedDocument::new(document).fields());
    }
}

#[tokio::test]
async fn every_field_is_named_with_its_value() {
    let (store, live, database) = begun().await;
    let document = doc! {
        "_id": { "customer_id": "anna", "bucket": 0_i64 },
        "purchases": [{ "number": 1_i32, "total": "0.36".parse::<mongodb::bson::Decimal128>().unwrap() }],
        "at": mongodb::bson::DateTime::from_millis(1_795_352_759_123),
        "share": 0.5, "none": null, "empty": [], "yes": true,
    };
    database.collection("purchases_1_a").insert_one(document).await.unwrap();
    let found = scan(&*store.moment(&live).await.unwrap(), View::Purchases, None).await;
    let fields = EncodedDocument::new(&found[0]).fields();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let expected = [
        ("_id.customer_id", "\"anna\""),
        ("_id.bucket", "Long(0)"),
        ("purchases.0.number", "Int32(1)"),
        ("purchases.0.total", "Decimal128(\"0.36\")"),
        ("at", "ISODate(\"2026-11-22T13:05:59.123Z\")"),
        ("share", "Double(0.5)"),
        ("none", "null"),
        ("empty", "[]"),
        ("yes", "true"),
    ];
    assert_eq!(fields, expected);
}

#[tokio::test]
async fn a_moment_that_the_server_has_forgotten_has_expired() {
    let mongo = spawn_blocking(Mongo::start_private).await.unwrap().unwrap();
    let store = MongoViews::open(mongo.uri(), "sklep").await.unwrap();
    let versions = Versions { fold: 1, shape: 1 };
    let control =
        testing::begun(&*store, LogId(Uuid::from_u128(7)), 1, versions, "a").await.unwrap();
    let client = Client::with_uri_str(mongo.uri()).await.unwrap();
    let moment = store.moment(&control.live).await.unwrap();
    let forget = doc! { "setParameter": 1, "minSnapshotHistoryWindowInSeconds": 0 };
    client.database("admin").run_command(forget).await.unwrap();
    let started = Instant::now();
    let expired = loop {
        // Every write moves on what the server remembers.
        store.claim(&control.live, Partition(0), "test").await.unwrap();
        let scanned: Result<Vec<ScanChunk>, ScanError> =
            moment.scan(View::Customers, None).try_collect().await;
        if let Err(error) = scanned {
            break error;
        }
        assert!(started.elapsed() < Duration::from_mins(1), "it is still remembered");
    };
    assert!(matches!(expired, ScanError::Expired), "{expired:?}");
    let found = store.moment(&control.live).await.unwrap().find(View::Customers, &[]).await;
    assert!(found.unwrap().is_empty());
}

#[tokio::test]
async fn names_follow_the_generation_that_they_are_pointed_to() {
    let (store, _live, database) = begun().await;
    let second = GenerationName::new(2, "b");
    store.create(&second, &[(Partition(0), 9)].into()).await.unwrap();
    let anna = doc! { "_id": "anna" };
    database.collection("customers_2_b").insert_one(anna.clone()).await.unwrap();
    let names = database.collection::<Document>("customers");
    assert_eq!(names.find_one(doc! {}).await.unwrap(), None);
    store.repoint(&second).await.unwrap();
    assert_eq!(names.find_one(doc! {}).await.unwrap(), Some(anna));
    // Somebody removed one, and another stands elsewhere.
    database.run_command(doc! { "drop": "purchase_list" }).await.unwrap();
    let elsewhere = doc! { "collMod": "customers", "viewOn": "customers_1_a", "pipeline": [] };
    database.run_command(elsewhere).await.unwrap();
    store.repoint(&second).await.unwrap();
    assert!(names.find_one(doc! {}).await.unwrap().is_some());
    let all = database.list_collection_names().await.unwrap();
    assert!(all.iter().any(|name| name == "purchase_list"), "{all:?}");
}

#[tokio::test]
async fn collections_of_others_are_no_generations() {
    let (store, live, database) = begun().await;
    for name in ["customers_archive", "prices_2020", "customers_2_b_c", "sales_x_y"] {
        database.create_collection(name).await.unwrap();
    }
    assert_eq!(store.stored_generations().await.unwrap(), [live].into());
}
