//! An event that an earlier program could not read and an operator gave up, in the hands of a program that can read it.

use std::sync::Arc;

use domain::testing::customer_created;
use event_log::{Partition, RecordId};
use projector::{FeedState, RebuildSettings, fold::VERSIONS, throttle};
use views::{Control, GenerationName, MemoryViews, MongoViews, ViewStore};

use crate::{
    given::{IDENTITY, Writer, caught_up, projector, until},
    history::PARTITIONS,
    rebuild::{rebuilt, settings, start},
    verify::verified,
};

/// Anna's registration is given up after that of Jan, and comes again.
fn log() -> Writer {
    let mut writer = Writer::new();
    let place = RecordId { partition: Partition(0), offset: 1 };
    for name in ["anna", "jan"] {
        writer.event(place.partition, customer_created(name));
    }
    writer.skip(place, "anna");
    writer.event(Partition(1), customer_created("ola"));
    writer
}

async fn customers(store: &dyn ViewStore) -> Vec<String> {
    let control = store.control().await.unwrap().unwrap();
    let ids = ["anna", "jan", "ola"].map(ToOwned::to_owned);
    let found = store.customers(&control.live, &ids).await.unwrap();
    let mut ids: Vec<String> = found.into_iter().map(|it| it.id).collect();
    ids.sort();
    ids
}

async fn check(store: Arc<dyn ViewStore>) {
    let mut writer = log();
    rebuilt(&writer, &store, "one").await;
    assert_eq!(customers(&*store).await, ["jan", "ola"]);
    let control = store.control().await.unwrap().unwrap();
    assert_eq!(control.generations.len(), 1, "what was begun with it is gone");
    let verdict = verified(&writer, &store, 1 << 20).await.unwrap();
    assert_eq!((verdict.differences.len(), verdict.parked.len()), (0, 0));
    // She may come again.
    writer.event(Partition(0), customer_created("anna"));
    let projector = projector(&writer, &store, "two");
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    assert_eq!(customers(&*store).await, ["anna", "jan", "ola"]);
    projector.stop().await;
}

#[tokio::test]
async fn a_rebuild_makes_the_views_without_it() {
    check(Arc::new(MemoryViews::new())).await;
    let uri = tokio::task::spawn_blocking(testkit::mongodb).await.unwrap();
    check(MongoViews::open(uri, &testkit::unique("skipped")).await.unwrap()).await;
}

/// Three are given up, in two partitions; so many others register.
fn log_of_three(others: usize) -> Writer {
    let mut writer = Writer::new();
    for number in 0..others {
        writer.event(Partition(1), customer_created(&format!("other{number}")));
    }
    let behind = u64::try_from(others).unwrap();
    for (partition, offset, name) in [(0, 1, "anna"), (0, 2, "jan"), (1, behind + 1, "ola")] {
        let place = RecordId { partition: Partition(partition), offset };
        writer.event(place.partition, customer_created(name));
        if name == "jan" {
            // Her skip comes behind his event, and his behind hers.
            writer.skip(RecordId { offset: 1, ..place }, "anna");
        }
        if name != "anna" {
            writer.skip(place, name);
        }
    }
    writer
}

#[tokio::test]
async fn however_many_they_are_the_views_are_made_anew_once() {
    let store: Arc<dyn ViewStore> = Arc::new(MemoryViews::new());
    let writer = log_of_three(0);
    let rebuilt = rebuilt(&writer, &store, "one").await;
    let control = store.control().await.unwrap().unwrap();
    let live = &control.generations[&rebuilt.generation];
    assert_eq!((live.number, live.skips.len(), control.previous.as_ref()), (2, 0, None));
    assert_eq!(customers(&*store).await, [""; 0]);
    let verdict = verified(&writer, &store, 1 << 20).await.unwrap();
    assert_eq!((verdict.differences.len(), verdict.parked.len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn who_goes_on_with_a_killed_rebuild_knows_them_too() {
    let store: Arc<dyn ViewStore> = Arc::new(MemoryViews::new());
    let writer = log_of_three(300);
    // Minutes, so that it is killed in the middle.
    let slow = RebuildSettings { throttle: Some(1), ..settings("killed") };
    let mut slow = start(&writer, &store, slow);
    slow.progress.wait_for(|it| it.number == 2 && it.done > 100).await.unwrap();
    slow.task.abort();
    let control = store.find_control().await.unwrap().unwrap();
    let (name, filling) = control.filling().unwrap();
    assert_eq!((filling.skips.len(), control.generations.len()), (3, 1));
    throttle(&*store, None).await.unwrap();
    let rebuilt = rebuilt(&writer, &store, "second").await;
    assert_eq!(rebuilt.generation, *name, "it is not begun anew");
    assert_eq!(customers(&*store).await, [""; 0]);
    let verdict = verified(&writer, &store, 1 << 20).await.unwrap();
    assert_eq!((verdict.differences.len(), verdict.parked.len()), (0, 0));
}

/// The fill of this generation ended before the log began, so that every event is fed to it.
#[tokio::test]
async fn a_rebuild_that_hears_of_it_when_the_fill_is_over_makes_the_views_without_it() {
    let store: Arc<dyn ViewStore> = Arc::new(MemoryViews::new());
    let writer = log();
    let begun = GenerationName::new(1, "begun");
    let control = Control::first(&begun, IDENTITY.id, VERSIONS, "one");
    assert!(store.insert_control(&control).await.unwrap());
    let ends = (0..PARTITIONS).map(|it| (Partition(it), 0)).collect();
    store.create(&begun, &ends).await.unwrap();
    let rebuilt = rebuilt(&writer, &store, "one").await;
    assert_ne!(rebuilt.generation, begun);
    assert_eq!(customers(&*store).await, ["jan", "ola"]);
    let control = store.control().await.unwrap().unwrap();
    assert_eq!(control.generations.len(), 1, "what was begun with it is gone");
    let verdict = verified(&writer, &store, 1 << 20).await.unwrap();
    assert_eq!((verdict.differences.len(), verdict.parked.len()), (0, 0));
}

#[tokio::test]
async fn a_feed_that_has_taken_it_in_stops_and_says_what_to_do() {
    let store: Arc<dyn ViewStore> = Arc::new(MemoryViews::new());
    let mut writer = Writer::new();
    let place = RecordId { partition: Partition(0), offset: 1 };
    writer.event(place.partition, customer_created("anna"));
    let projector = projector(&writer, &store, "one");
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    writer.skip(place, "anna");
    until(|| async { matches!(projector.status().partitions[0].state, FeedState::Stopped { .. }) })
        .await;
    let trouble = projector.status().trouble().unwrap();
    assert!(trouble.contains("sklep rebuild") && trouble.contains("offset 2"), "{trouble}");
    projector.stop().await;
}
