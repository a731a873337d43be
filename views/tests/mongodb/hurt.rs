//! A real `MongoDB`, hurt.

use std::{
    thread,
    time::{Duration, Instant},
};

use event_log::{LogId, Partition};
use mongodb::{
    Client,
    bson::{Document, doc},
};
use testkit::Mongo;
use tokio::{runtime::Runtime, task::spawn_blocking};
use uuid::Uuid;
use views::{MongoViews, StoreError, Versions, ViewFeed, ViewReader, testing::begun};

const LOG: LogId = LogId(Uuid::from_u128(7));
const VERSIONS: Versions = Versions { fold: 1, shape: 1 };

async fn shared() -> (&'static str, String) {
    (spawn_blocking(testkit::mongodb).await.unwrap(), testkit::unique("faults"))
}

/// Claims partition 0 and dies in its transaction, as a killed process does: nothing is aborted, the connections end.
fn die_in_a_transaction(uri: &str, database: &str, checkpoint: &str) {
    let (uri, database, checkpoint) = (uri.to_owned(), database.to_owned(), checkpoint.to_owned());
    let death = thread::spawn(move || {
        let runtime = Runtime::new().unwrap();
        runtime.block_on(async {
            let client = Client::with_uri_str(uri).await.unwrap();
            let checkpoints =
                client.database(&database).collection::<Document>("sklep_checkpoints");
            let mut session = client.start_session().await.unwrap();
            let lsid = session.id().get("id").cloned();
            let by = doc! { "instance": "victim", "lsid": lsid };
            let claim = doc! { "$set": { "by": by }, "$inc": { "rev": 1_i64 } };
            checkpoints.update_one(doc! { "_id": &checkpoint }, claim).await.unwrap();
            session.start_transaction().await.unwrap();
            let lock = doc! { "$inc": { "rev": 1_i64 } };
            let locked = checkpoints.update_one(doc! { "_id": &checkpoint }, lock);
            assert_eq!(locked.session(&mut session).await.unwrap().matched_count, 1);
            std::mem::forget(session);
        });
        runtime.shutdown_background();
    });
    death.join().unwrap();
}

#[tokio::test]
async fn a_dead_feeders_transaction_is_ended_by_the_next_claim() {
    let (uri, database) = shared().await;
    let store = MongoViews::open(uri, &database).await.unwrap();
    let control = begun(&*store, LOG, 1, VERSIONS, "a").await.unwrap();
    die_in_a_transaction(uri, &database, "1_a/0");
    let started = Instant::now();
    let claim = store.claim(&control.live, Partition(0), "heir").await.unwrap();
    let took = started.elapsed();
    assert!(took < Duration::from_secs(10), "the claim took {took:?}");
    // The beginning's two steps, the victim's claim and this one; not what the victim had not committed.
    assert_eq!(claim.checkpoint.rev, 4);
}

#[tokio::test]
async fn a_foreign_collection_under_a_stable_name_is_left_alone() {
    let (uri, database) = shared().await;
    let raw = Client::with_uri_str(uri).await.unwrap().database(&database);
    raw.create_collection("customers").await.unwrap();
    let store = MongoViews::open(uri, &database).await.unwrap();
    let refused = begun(&*store, LOG, 3, VERSIONS, "a").await.unwrap_err();
    assert!(matches!(&refused, StoreError::Unfit(why) if why.contains("customers")), "{refused}");
    assert_eq!(raw.list_collection_names().await.unwrap(), ["customers"]);
}

#[tokio::test]
async fn a_mongodb_without_transactions_is_refused_with_what_to_do() {
    let mongo = spawn_blocking(Mongo::start_standalone).await.unwrap().unwrap();
    let store = MongoViews::open(mongo.uri(), "sklep").await.unwrap();
    let refused = begun(&*store, LOG, 3, VERSIONS, "a").await.unwrap_err();
    assert!(
        matches!(&refused, StoreError::Unfit(why) if why.contains("rs.initiate()")),
        "{refused}"
    );
}

#[tokio::test]
async fn a_missing_mongodb_is_unavailable_within_seconds() {
    let mut mongo = spawn_blocking(Mongo::start_private).await.unwrap().unwrap();
    let store = MongoViews::open(mongo.uri(), "sklep").await.unwrap();
    mongo.kill().unwrap();
    let started = Instant::now();
    let missing = store.control().await;
    assert!(matches!(missing, Err(StoreError::Unavailable(_))), "{missing:?}");
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_frozen_mongodb_is_unavailable_within_seconds() {
    let mongo = spawn_blocking(Mongo::start_private).await.unwrap().unwrap();
    let store = MongoViews::open(mongo.uri(), "sklep").await.unwrap();
    store.check().await.unwrap();
    mongo.pause().unwrap();
    let started = Instant::now();
    let mut frozen = store.control().await;
    // The signal may take a moment to reach the server.
    while frozen.is_ok() {
        frozen = store.control().await;
    }
    assert!(matches!(frozen, Err(StoreError::Unavailable(_))), "{frozen:?}");
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    mongo.resume().unwrap();
}

#[tokio::test]
async fn what_is_no_connection_string_is_refused_with_an_example() {
    let refused = MongoViews::open("localhost:27017", "sklep").await.unwrap_err();
    assert!(matches!(&refused, StoreError::Unfit(why) if why.contains("mongodb://")), "{refused}");
}

#[tokio::test]
async fn what_waiting_does_not_mend_is_refused() {
    let mongo = spawn_blocking(Mongo::start_private).await.unwrap().unwrap();
    let unknown = format!("mongodb://nobody:wrong@{}/?replicaSet=rs0", mongo.address());
    for (uri, database, why) in [(unknown.as_str(), "sklep", "user"), (mongo.uri(), "a$b", "name")]
    {
        let refused = MongoViews::open(uri, database).await.unwrap().check().await.unwrap_err();
        assert!(matches!(&refused, StoreError::Unfit(text) if text.contains(why)), "{refused:?}");
    }
    MongoViews::open(mongo.uri(), "sklep").await.unwrap().check().await.unwrap();
}
