//! The projector over a log in memory.

use std::sync::Arc;

use domain::testing::{customer_created, product_priced};
use event_log::Partition;
use projector::FeedState;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use views::{MemoryViews, ViewReader, ViewStore};

use crate::{
    given::{IDENTITY, Writer, caught_up, documents, projector, until},
    history::{PARTITIONS, history, many_purchases, steps},
    recount::Recount,
};

fn memory() -> Arc<dyn ViewStore> {
    Arc::new(MemoryViews::new())
}

#[tokio::test]
async fn everything_that_happened_is_seen() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..20 {
        let facts = history(&steps(200).new_tree(&mut runner).unwrap().current());
        let (mut writer, store) = (Writer::new(), memory());
        let (before, after) = facts.split_at(facts.len() / 2);
        writer.write(before);
        let projector = projector(&writer, &store, "one");
        writer.write(after);
        caught_up(&writer, &*store, 0..PARTITIONS).await;
        let documents = documents(&*store, &facts).await;
        assert_eq!(Recount::of_documents(&documents), Recount::of_facts(&facts));
        until(|| async { projector.status().trouble().is_none() }).await;
        projector.stop().await;
    }
}

#[tokio::test]
async fn bookkeeping_void_and_foreign_records_move_the_checkpoint_and_nothing_else() {
    let (mut writer, store) = (Writer::new(), memory());
    let projector = projector(&writer, &store, "one");
    writer.event(Partition(0), customer_created("anna"));
    let mut usurper = Writer::at(Arc::clone(&writer.log), 2);
    // Void: it was overtaken.
    writer.event(Partition(0), customer_created("zombie"));
    writer.barrier(Partition(1));
    writer.log.put(Partition(0), event_log::NewRecord::default()).unwrap();
    usurper.event(Partition(0), customer_created("ola"));
    usurper.barrier(Partition(1));
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    let control = store.control().await.unwrap().unwrap();
    let ids = ["anna", "zombie", "ola"].map(ToOwned::to_owned);
    let found = store.customers(&control.live, &ids).await.unwrap();
    assert_eq!(found.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["anna", "ola"]);
    let checkpoint = store.checkpoints(&control.live).await.unwrap()[&Partition(0)];
    assert_eq!((checkpoint.at, checkpoint.ledger.epoch, checkpoint.ledger.sequence), (6, 2, 1));
    projector.stop().await;
}

#[tokio::test]
async fn another_projector_goes_on_where_one_stopped() {
    let facts = history(&many_purchases(100));
    let (mut writer, store) = (Writer::new(), memory());
    for part in facts.chunks(13) {
        let projector = projector(&writer, &store, "next");
        writer.write(part);
        caught_up(&writer, &*store, 0..PARTITIONS).await;
        projector.stop().await;
    }
    let documents = documents(&*store, &facts).await;
    assert_eq!(Recount::of_documents(&documents), Recount::of_facts(&facts));
}

#[tokio::test]
async fn an_event_that_cannot_be_read_holds_up_its_customer_and_nobody_else() {
    let (mut writer, store) = (Writer::new(), memory());
    let projector = projector(&writer, &store, "one");
    writer.event(Partition(0), customer_created("anna"));
    writer.unreadable(Partition(0), customer_created("jan"));
    writer.event(Partition(0), customer_created("ola"));
    writer.event(Partition(0), customer_created("jan"));
    writer.event(Partition(1), product_priced("chleb_2", "0.36"));
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    assert_eq!(customers(&*store).await, ["anna", "ola"]);
    assert_eq!(parked(&*store).await, [("jan".to_owned(), 2, 1)]);
    projector.stop().await;
}

#[tokio::test]
async fn an_event_that_does_not_fit_holds_up_its_customer_across_restarts() {
    let facts = history(&many_purchases(5));
    let (mut writer, store) = (Writer::new(), memory());
    writer.event(Partition(0), customer_created("anna"));
    // The customer of this purchase was never registered.
    writer.event(Partition(0), facts.last().unwrap().event.clone());
    for name in ["ola", "c0"] {
        writer.event(Partition(0), customer_created(name));
        let projector = projector(&writer, &store, "one");
        caught_up(&writer, &*store, 0..PARTITIONS).await;
        projector.stop().await;
    }
    assert_eq!(customers(&*store).await, ["anna", "ola"]);
    assert_eq!(parked(&*store).await, [("c0".to_owned(), 2, 1)]);
}

/// The keys in quarantine, each with the event that blocks it and how many wait.
async fn parked(store: &dyn ViewStore) -> Vec<(String, u64, u64)> {
    let control = store.control().await.unwrap().unwrap();
    let parked = store.parked(&control.live).await.unwrap();
    parked.iter().map(|it| (it.key.clone(), it.lasting().unwrap().blocked, it.waiting)).collect()
}

async fn customers(store: &dyn ViewStore) -> Vec<String> {
    let control = store.control().await.unwrap().unwrap();
    let ids = ["anna", "jan", "ola", "c0"].map(ToOwned::to_owned);
    let found = store.customers(&control.live, &ids).await.unwrap();
    found.into_iter().map(|it| it.id).collect()
}

#[tokio::test]
async fn views_of_another_log_are_left_alone() {
    let store = Arc::new(MemoryViews::new());
    let other = event_log::LogId(uuid::Uuid::from_u128(1));
    let before = views::testing::begun(&*store, other, PARTITIONS, projector::fold::VERSIONS, "a")
        .await
        .unwrap();
    let (writer, fed): (_, Arc<dyn ViewStore>) = (Writer::new(), Arc::<MemoryViews>::clone(&store));
    let projector = projector(&writer, &fed, "one");
    until(|| async {
        projector.status().partitions.iter().all(|it| matches!(it.state, FeedState::Stopped { .. }))
    })
    .await;
    let trouble = projector.status().trouble().unwrap();
    assert!(trouble.contains("sklep rebuild") && trouble.contains(&IDENTITY.id.to_string()));
    assert_eq!(store.control().await.unwrap(), Some(before));
    projector.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_projectors_of_one_store_fold_everything_once() {
    let facts = history(&many_purchases(2_000));
    let (mut writer, store) = (Writer::new(), memory());
    let two = [projector(&writer, &store, "one"), projector(&writer, &store, "two")];
    for part in facts.chunks(10) {
        writer.write(part);
        tokio::task::yield_now().await;
    }
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    let documents = documents(&*store, &facts).await;
    assert_eq!(Recount::of_documents(&documents), Recount::of_facts(&facts));
    for projector in two {
        projector.stop().await;
    }
}
