//! The views compared with the log.

use std::sync::Arc;

use domain::testing::customer_created;
use event_log::{EventLog, MemoryLog, Partition};
use projector::{Verdict, VerifyError, VerifySettings, fold::VERSIONS};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use tokio::{sync::watch, task::spawn_blocking};
use tokio_util::sync::CancellationToken;
use views::{Control, GenerationName, MemoryViews, MongoViews, StoreError, ViewStore};

use crate::{
    given::{IDENTITY, Writer, caught_up, projector, until},
    history::{PARTITIONS, history, many_customers, many_purchases, steps},
};

/// How many records the live generation has taken in.
async fn records_taken(store: &dyn ViewStore) -> u64 {
    let control = store.control().await.unwrap().unwrap();
    let checkpoints = store.checkpoints(&control.live).await.unwrap();
    checkpoints.values().map(|checkpoint| checkpoint.at).sum()
}

/// Compares all, within so many bytes of memory.
pub(crate) async fn verified(
    writer: &Writer,
    store: &Arc<dyn ViewStore>,
    memory: u64,
) -> Result<Verdict, VerifyError> {
    let log: Arc<dyn EventLog> = Arc::<MemoryLog>::clone(&writer.log);
    let settings = VerifySettings { memory, at_once: 2, generation: None, all: true };
    let (progress, shutdown) = (watch::Sender::default(), CancellationToken::new());
    projector::verify(&log, IDENTITY, store, settings, progress, &shutdown).await
}

/// Much memory, and next to none.
const MEMORY: [u64; 3] = [1 << 30, 40_000, 1];

async fn check_equal(store: Arc<dyn ViewStore>, steps: &[crate::history::Step]) {
    let mut writer = Writer::new();
    let facts = history(steps);
    writer.write(&facts);
    writer.unreadable(Partition(0), customer_created("jan"));
    writer.event(Partition(0), customer_created("jan"));
    // This one does not fit.
    writer.event(Partition(1), many_purchases_event());
    let projector = projector(&writer, &store, "one");
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    let mut digests = Vec::new();
    for memory in MEMORY {
        let verdict = verified(&writer, &store, memory).await.unwrap();
        assert_eq!(verdict.differences, []);
        let parked: Vec<_> = verdict.parked.iter().map(|it| it.key.as_str()).collect();
        assert_eq!(parked, ["jan", "c0"]);
        digests.push(verdict.views);
    }
    assert!(digests.iter().all(|digest| *digest == digests[0]));
    projector.stop().await;
}

/// A purchase of a customer who never comes.
fn many_purchases_event() -> domain::Event {
    let mut event = history(&many_purchases(1)).last().unwrap().event.clone();
    if let domain::Event::ProductPurchased(bought) = &mut event {
        bought.purchase_id.number = 1_000_000;
    }
    event
}

#[tokio::test]
async fn views_that_were_fed_are_what_the_log_says() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..10 {
        let steps = steps(300).new_tree(&mut runner).unwrap().current();
        check_equal(Arc::new(MemoryViews::new()), &steps).await;
    }
    check_equal(Arc::new(MemoryViews::new()), &many_purchases(500)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_does_not_fit_into_memory_is_compared_in_parts() {
    let store: Arc<dyn ViewStore> = Arc::new(MemoryViews::new());
    let mut writer = Writer::new();
    // Buckets fill at several places of the log, some of them before it is cut into parts.
    writer.write(&history(&many_customers(150, 70)));
    let projector = projector(&writer, &store, "one");
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    let whole = verified(&writer, &store, 1 << 30).await.unwrap();
    assert_eq!(whole.differences, []);
    for memory in (0..12).map(|power| (4_000 << power) - 4_000) {
        let verdict = verified(&writer, &store, memory).await.unwrap();
        assert_eq!(verdict.differences, [], "{memory}");
        assert_eq!(verdict.views, whole.views, "{memory}");
    }
    projector.stop().await;
}

#[tokio::test]
async fn views_that_are_being_filled_for_the_first_time_are_not_compared() {
    let store: Arc<dyn ViewStore> = Arc::new(MemoryViews::new());
    let writer = Writer::new();
    let first = GenerationName::new(1, "one");
    let control = Control::first(&first, IDENTITY.id, VERSIONS, "job");
    store.insert_control(&control).await.unwrap();
    let verdict = verified(&writer, &store, 1 << 20).await;
    assert!(matches!(verdict, Err(VerifyError::Store(StoreError::NotBuilt))), "{verdict:?}");
}

#[tokio::test]
async fn so_are_those_in_mongodb() {
    let uri = spawn_blocking(testkit::mongodb).await.unwrap();
    let mut runner = TestRunner::deterministic();
    for _ in 0..3 {
        let steps = steps(300).new_tree(&mut runner).unwrap().current();
        let store = MongoViews::open(uri, &testkit::unique("verify")).await.unwrap();
        check_equal(store, &steps).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_shop_that_sells_meanwhile_is_compared_at_one_moment() {
    let uri = spawn_blocking(testkit::mongodb).await.unwrap();
    let store: Arc<dyn ViewStore> =
        MongoViews::open(uri, &testkit::unique("verify")).await.unwrap();
    let mut writer = Writer::new();
    let facts = history(&many_purchases(4_000));
    let projector = projector(&writer, &store, "one");
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    let mut positions = Vec::new();
    let mut taken = records_taken(&*store).await;
    for part in facts.chunks(400) {
        writer.write(part);
        // How far the projector is by then does not matter, as long as it goes on.
        until(|| async { records_taken(&*store).await > taken }).await;
        taken = records_taken(&*store).await;
        let verdict = verified(&writer, &store, 1 << 20).await.unwrap();
        assert_eq!(verdict.differences, []);
        positions.push(verdict.position);
    }
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    assert_eq!(verified(&writer, &store, 1 << 20).await.unwrap().differences, []);
    positions.dedup();
    assert!(positions.len() > 3, "{positions:?}");
    projector.stop().await;
}
