//! Generations, and parts of them, that are removed.

use std::sync::Arc;

use event_log::Partition;
use projector::{RebuildError, drop_orphans, drop_previous, orphans};
use views::{Control, ControlConflict, GenerationName, GenerationState, MemoryViews, ViewStore};

use crate::{
    given::{Writer, caught_up, projector, until},
    history::{PARTITIONS, history, many_purchases},
    rebuild::{rebuilt, shows},
};

fn memory() -> Arc<dyn ViewStore> {
    Arc::new(MemoryViews::new())
}

/// Views whose older generation somebody has begun to remove, and control as it was before that.
async fn removal_begun() -> (Writer, Arc<dyn ViewStore>, Control) {
    let (mut writer, store) = (Writer::new(), memory());
    writer.write(&history(&many_purchases(50)));
    rebuilt(&writer, &store, "a").await;
    rebuilt(&writer, &store, "b").await;
    let control = store.find_control().await.unwrap().unwrap();
    let marked = control.with_dropping(control.previous.as_ref().unwrap()).unwrap();
    assert!(store.replace_control(&marked).await.unwrap());
    (writer, store, control)
}

#[tokio::test(start_paused = true)]
async fn only_one_older_generation_is_kept_and_that_can_be_dropped() {
    let (mut writer, store) = (Writer::new(), memory());
    writer.write(&history(&many_purchases(50)));
    for name in ["a", "b", "c"] {
        rebuilt(&writer, &store, name).await;
    }
    let control = store.find_control().await.unwrap().unwrap();
    let numbers: Vec<u64> = control.generations.values().map(|it| it.number).collect();
    assert_eq!(numbers, [2, 3]);
    assert_eq!(Some(drop_previous(&*store).await.unwrap()), control.previous);
    assert!(matches!(
        drop_previous(&*store).await,
        Err(RebuildError::NotNow(ControlConflict::NoBack))
    ));
    assert_eq!(store.stored_generations().await.unwrap(), [control.live].into());
}

#[tokio::test(start_paused = true)]
async fn a_projector_goes_on_with_a_removal_that_was_begun() {
    let (writer, store, control) = removal_begun().await;
    let projector = projector(&writer, &store, "one");
    until(|| async {
        let control = store.find_control().await.unwrap().unwrap();
        control.generations.values().all(|it| it.state == GenerationState::Ready)
    })
    .await;
    assert_eq!(store.stored_generations().await.unwrap(), [control.live].into());
    projector.stop().await;
}

#[tokio::test(start_paused = true)]
async fn whoever_drops_the_older_generation_again_goes_on_with_it() {
    let (_writer, store, control) = removal_begun().await;
    assert_eq!(Some(drop_previous(&*store).await.unwrap()), control.previous);
    assert_eq!(store.stored_generations().await.unwrap(), [control.live].into());
}

#[tokio::test(start_paused = true)]
async fn a_projector_goes_on_where_nothing_is_sold_after_every_rebuild() {
    let (mut writer, store) = (Writer::new(), memory());
    writer.write(&history(&many_purchases(50)));
    let projector = projector(&writer, &store, "one");
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    rebuilt(&writer, &store, "a").await;
    for number in 0..20 {
        let left = rebuilt(&writer, &store, &format!("b{number}")).await.left;
        assert!(!left.is_empty(), "{number}: no projector was found that removes what is old");
    }
    projector.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_rebuild_leaves_removal_to_a_projector_that_is_there() {
    let (mut writer, store) = (Writer::new(), memory());
    writer.write(&history(&many_purchases(50)));
    let projector = projector(&writer, &store, "one");
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    let first = store.control().await.unwrap().unwrap().live;
    assert_eq!(rebuilt(&writer, &store, "b").await.left, []);
    assert_eq!(rebuilt(&writer, &store, "c").await.left, std::slice::from_ref(&first));
    assert!(store.stored_generations().await.unwrap().contains(&first), "queries may read it yet");
    until(|| async { store.stored_generations().await.unwrap().len() == 2 }).await;
    projector.stop().await;
}

#[tokio::test(start_paused = true)]
async fn checkpoints_that_somebody_removed_are_missed_until_the_views_are_rebuilt() {
    let facts = history(&many_purchases(100));
    let (mut writer, store) = (Writer::new(), memory());
    writer.write(&facts);
    let projector = projector(&writer, &store, "one");
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    let live = store.control().await.unwrap().unwrap().live;
    store.remove_checkpoints(&live).await.unwrap();
    writer.barrier(Partition(0));
    let stopped = || async {
        let trouble = projector.status().trouble().unwrap_or_default();
        projector.status().stopped() && trouble.contains("run `sklep rebuild`")
    };
    until(stopped).await;
    rebuilt(&writer, &store, "job").await;
    until(|| async { projector.status().trouble().is_none() }).await;
    shows(&*store, &facts).await;
    projector.stop().await;
}

#[tokio::test]
async fn what_control_does_not_know_is_removed() {
    let (mut writer, store) = (Writer::new(), memory());
    writer.write(&history(&many_purchases(50)));
    rebuilt(&writer, &store, "a").await;
    let left = GenerationName::new(7, "left");
    store.create(&left, &[(Partition(0), 5)].into()).await.unwrap();
    assert_eq!(orphans(&*store).await.unwrap(), [left.clone()].into());
    assert_eq!(drop_orphans(&*store).await.unwrap(), [left].into());
    assert!(orphans(&*store).await.unwrap().is_empty());
}
