//! Quarantine as feeders and operators see it.

use std::sync::Arc;

use event_log::Partition;
use views::{Change, Document, Key, ViewStore};

use crate::given::*;

crate::contract![
    what_is_parked_now_is_listed,
    a_feeder_finds_what_its_partition_ever_parked,
    what_was_parked_is_removed_once_it_is_taken_in,
];

async fn what_is_parked_now_is_listed(store: Arc<dyn ViewStore>) {
    let documents = [
        Document::Customer(anna()),
        Document::Parked(parked("ola", 2, true)),
        Document::Parked(parked("anna", 2, false)),
        Document::Parked(parked("zoe", 0, true)),
        Document::Parked(parked("", 0, true)),
        Document::Queue(queue("zoe", 0, 0, 4..=9)),
    ];
    let control = stored(&*store, inserts(documents)).await;
    let expected = [parked("", 0, true), parked("zoe", 0, true), parked("ola", 2, true)];
    assert_eq!(store.parked(&control.live).await.unwrap(), expected);
}

async fn a_feeder_finds_what_its_partition_ever_parked(store: Arc<dyn ViewStore>) {
    let documents = [
        Document::Parked(parked("ola", 0, true)),
        Document::Parked(parked("anna", 0, false)),
        Document::Queue(queue("ola", 0, 0, 4..=9)),
        Document::Parked(parked("zoe", 1, true)),
        Document::DaySales(day_sales("2026-11-22", "chleb_2", 0)),
    ];
    let control = stored(&*store, inserts(documents)).await;
    let parked_in = async |partition| store.parked_in(&control.live, partition).await.unwrap();
    assert_eq!(parked_in(P0).await, [parked("anna", 0, false), parked("ola", 0, true)]);
    assert_eq!(parked_in(Partition(1)).await, [parked("zoe", 1, true)]);
    assert_eq!(parked_in(Partition(2)).await, []);
}

async fn what_was_parked_is_removed_once_it_is_taken_in(store: Arc<dyn ViewStore>) {
    let documents = [
        Document::Parked(parked("ola", 0, true)),
        Document::Queue(queue("ola", 0, 0, 4..=9)),
        Document::Queue(queue("ola", 0, 1, 10..=12)),
        Document::Parked(parked("zoe", 0, true)),
    ];
    let control = stored(&*store, inserts(documents)).await;
    let keys = [
        Key::Parked(P0, "ola".into()),
        Key::Queue(P0, "ola".into(), 0),
        Key::Queue(P0, "ola".into(), 1),
    ];
    let claim = store.claim(&control.live, P0, "test").await.unwrap();
    let removals = keys.iter().cloned().map(Change::Remove).collect();
    store.commit(&commit(&control, claim, 1_000_000, removals)).await.unwrap();
    assert_eq!(store.load(&control.live, &keys).await.unwrap(), []);
    assert_eq!(store.parked(&control.live).await.unwrap(), [parked("zoe", 0, true)]);
}
