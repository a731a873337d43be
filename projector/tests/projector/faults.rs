//! The projector while a real `MongoDB` is hurt.

use std::{sync::Arc, time::Duration};

use projector::FeedState;
use testkit::Mongo;
use tokio::task::spawn_blocking;
use views::{MongoViews, ViewStore};

use crate::{
    given::{Writer, caught_up, documents, projector, until},
    history::{PARTITIONS, history, many_purchases},
    recount::Recount,
};

async fn opened(uri: &str, database: &str) -> Arc<dyn ViewStore> {
    MongoViews::open(uri, database).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_or_doubled_when_mongodb_is_killed() {
    let mut mongo = spawn_blocking(Mongo::start_private).await.unwrap().unwrap();
    let store = opened(mongo.uri(), "sklep").await;
    let facts = history(&many_purchases(3_000));
    let mut writer = Writer::new();
    let projector = projector(&writer, &store, "one");
    for part in facts.chunks(1_000) {
        for few in part.chunks(20) {
            writer.write(few);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        mongo = spawn_blocking(move || {
            mongo.kill().unwrap();
            mongo.start().unwrap();
            mongo
        })
        .await
        .unwrap();
    }
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    let documents = documents(&*store, &facts).await;
    assert_eq!(Recount::of_documents(&documents), Recount::of_facts(&facts));
    until(|| async { projector.status().trouble().is_none() }).await;
    projector.stop().await;
}

#[tokio::test]
async fn a_projector_waits_for_a_mongodb_that_is_missing() {
    let mut mongo = spawn_blocking(Mongo::start_private).await.unwrap().unwrap();
    let mut writer = Writer::new();
    let facts = history(&many_purchases(10));
    writer.write(&facts);
    mongo.stop().unwrap();
    let store = opened(mongo.uri(), "sklep").await;
    let projector = projector(&writer, &store, "one");
    until(|| async {
        projector.status().trouble().is_some_and(|trouble| trouble.contains("unavailable"))
    })
    .await;
    let started = spawn_blocking(move || {
        mongo.start().unwrap();
        mongo
    });
    let _running = started.await.unwrap();
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    assert_eq!(Recount::of_documents(&documents(&*store, &facts).await), Recount::of_facts(&facts));
    projector.stop().await;
}

#[tokio::test]
async fn a_mongodb_without_transactions_is_refused_with_what_to_do() {
    let mongo = spawn_blocking(Mongo::start_standalone).await.unwrap().unwrap();
    let store = opened(mongo.uri(), "sklep").await;
    let projector = projector(&Writer::new(), &store, "one");
    until(|| async { matches!(projector.status().partitions[0].state, FeedState::Stopped { .. }) })
        .await;
    let trouble = projector.status().trouble().unwrap();
    assert!(trouble.contains("--replSet") && trouble.contains("rs.initiate()"), "{trouble}");
    projector.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_projectors_of_one_database_fold_everything_once() {
    let uri = spawn_blocking(testkit::mongodb).await.unwrap();
    let database = testkit::unique("two");
    // Two clients, as in two processes.
    let stores = [opened(uri, &database).await, opened(uri, &database).await];
    let facts = history(&many_purchases(2_000));
    let mut writer = Writer::new();
    let two = [projector(&writer, &stores[0], "one"), projector(&writer, &stores[1], "two")];
    for part in facts.chunks(50) {
        writer.write(part);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    caught_up(&writer, &*stores[0], 0..PARTITIONS).await;
    let documents = documents(&*stores[0], &facts).await;
    assert_eq!(Recount::of_documents(&documents), Recount::of_facts(&facts));
    for projector in two {
        projector.stop().await;
    }
}
