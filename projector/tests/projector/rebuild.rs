//! Rebuilding beside the live views, in memory.

use std::{sync::Arc, time::Duration};

use event_log::{EventLog, MemoryLog};
use projector::{
    Progress, RebuildError, RebuildSettings, Rebuilt, cancel, orphans, rollback, throttle, wish,
};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use views::{
    ControlConflict, Customer, DesiredState, Document, GenerationName, MemoryViews, Phase,
    ViewStore,
};

use crate::{
    given::{IDENTITY, Writer, caught_up, documents, projector, until},
    history::{PARTITIONS, history, many_purchases},
    recount::Recount,
};

/// The settings of a job of this name.
pub(crate) fn settings(name: &str) -> RebuildSettings {
    RebuildSettings {
        instance: name.into(),
        job: name.into(),
        tag: name.into(),
        seed: name.bytes().map(u64::from).sum(),
        memory: 100_000,
        throttle: None,
        at_once: 2,
        verify: true,
    }
}

/// A rebuild that runs beside the test.
pub(crate) struct Rebuilding {
    pub(crate) task: JoinHandle<Result<Rebuilt, RebuildError>>,
    pub(crate) progress: watch::Receiver<Progress>,
}

pub(crate) fn start(
    writer: &Writer,
    store: &Arc<dyn ViewStore>,
    settings: RebuildSettings,
) -> Rebuilding {
    let log: Arc<dyn EventLog> = Arc::<MemoryLog>::clone(&writer.log);
    let store = Arc::clone(store);
    let (told, progress) = watch::channel(Progress::default());
    let shutdown = CancellationToken::new();
    let task = tokio::spawn(async move {
        projector::rebuild(&log, IDENTITY, &store, settings, told, &shutdown).await
    });
    Rebuilding { task, progress }
}

pub(crate) async fn rebuilt(writer: &Writer, store: &Arc<dyn ViewStore>, name: &str) -> Rebuilt {
    start(writer, store, settings(name)).task.await.unwrap().unwrap()
}

pub(crate) async fn rolled_back(writer: &Writer, store: &Arc<dyn ViewStore>, name: &str) {
    let log: Arc<dyn EventLog> = Arc::<MemoryLog>::clone(&writer.log);
    let (told, shutdown) = (watch::Sender::default(), CancellationToken::new());
    rollback(&log, IDENTITY, store, settings(name), told, &shutdown).await.unwrap();
}

/// The live generation shows what happened, and nothing is stored that control does not know.
pub(crate) async fn shows(store: &dyn ViewStore, facts: &[projector::fold::RecordedEvent]) {
    let found = documents(store, facts).await;
    assert_eq!(Recount::of_documents(&found), Recount::of_facts(facts));
    assert!(orphans(store).await.unwrap().is_empty());
}

fn memory() -> Arc<dyn ViewStore> {
    Arc::new(MemoryViews::new())
}

#[tokio::test]
async fn views_are_made_again_while_the_shop_sells() {
    let facts = history(&many_purchases(3_000));
    let (mut writer, store) = (Writer::new(), memory());
    let (before, after) = facts.split_at(1_000);
    writer.write(before);
    let projector = projector(&writer, &store, "one");
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    let first = store.control().await.unwrap().unwrap();
    let rebuilding = start(&writer, &store, settings("job"));
    for few in after.chunks(50) {
        writer.write(few);
        tokio::task::yield_now().await;
    }
    let rebuilt = rebuilding.task.await.unwrap().unwrap();
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    let control = store.control().await.unwrap().unwrap();
    assert_eq!((&control.live, control.previous), (&rebuilt.generation, Some(first.live)));
    assert_eq!(rebuilding.progress.borrow().phase, Phase::Flipped);
    shows(&*store, &facts).await;
    until(|| async { projector.status().generation.as_ref() == Some(&rebuilt.generation) }).await;
    projector.stop().await;
}

#[tokio::test]
async fn several_projectors_that_start_at_once_build_the_views_once() {
    let facts = history(&many_purchases(500));
    let (mut writer, store) = (Writer::new(), memory());
    writer.write(&facts);
    let all = ["one", "two", "three"].map(|name| projector(&writer, &store, name));
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    for projector in &all {
        until(|| async { projector.status().trouble().is_none() }).await;
    }
    assert_eq!(store.control().await.unwrap().unwrap().generations.len(), 1);
    shows(&*store, &facts).await;
    for projector in all {
        projector.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_rebuild_is_refused_while_the_first_one_lives() {
    let (mut writer, store) = (Writer::new(), memory());
    writer.write(&history(&many_purchases(500)));
    rebuilt(&writer, &store, "first").await;
    let slow = RebuildSettings { throttle: Some(10), ..settings("slow") };
    let slow = start(&writer, &store, slow);
    until(|| async { store.find_control().await.unwrap().unwrap().filling().is_some() }).await;
    let second = start(&writer, &store, settings("second")).task.await.unwrap();
    assert!(
        matches!(second, Err(RebuildError::NotNow(ControlConflict::AlreadyFilling(_)))),
        "{second:?}"
    );
    assert!(slow.task.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_rebuild_whose_job_was_killed_is_gone_on_with() {
    let facts = history(&many_purchases(500));
    let (mut writer, store) = (Writer::new(), memory());
    writer.write(&facts);
    rebuilt(&writer, &store, "first").await;
    // Minutes, so that it stores meanwhile how far it is.
    let slow = RebuildSettings { throttle: Some(1), ..settings("killed") };
    let mut slow = start(&writer, &store, slow);
    slow.progress.wait_for(|it| it.done > 200).await.unwrap();
    slow.task.abort();
    throttle(&*store, None).await.unwrap();
    let rebuilt = rebuilt(&writer, &store, "second").await;
    assert!(rebuilt.generation.as_str().contains("killed"));
    assert!(rebuilt.records < 350, "{rebuilt:?}");
    shows(&*store, &facts).await;
}

#[tokio::test(start_paused = true)]
async fn a_rebuild_that_others_have_replaced_meanwhile_says_so() {
    let facts = history(&many_purchases(300));
    let (mut writer, store) = (Writer::new(), memory());
    writer.write(&facts);
    let mut jobs = Vec::new();
    // Each looks for a projector when the next one begins; the first is being removed at last.
    for name in ["one", "two", "three"] {
        let mut job = start(&writer, &store, settings(name));
        job.progress.wait_for(|it| it.phase == Phase::Flipped).await.unwrap();
        jobs.push(job);
    }
    let mut superseded = Vec::new();
    for job in jobs {
        superseded.push(job.task.await.unwrap().unwrap().superseded_by);
    }
    let live = store.control().await.unwrap().unwrap().live;
    assert_eq!(superseded, [Some(live.clone()), Some(live), None]);
    shows(&*store, &facts).await;
}

#[tokio::test(start_paused = true)]
async fn a_rebuild_waits_goes_on_and_is_cancelled_as_an_operator_wishes() {
    let facts = history(&many_purchases(2_000));
    let (mut writer, store) = (Writer::new(), memory());
    writer.write(&facts);
    rebuilt(&writer, &store, "first").await;
    let slow = RebuildSettings { throttle: Some(100), ..settings("slow") };
    let mut slow = start(&writer, &store, slow);
    slow.progress.wait_for(|it| it.done > 100).await.unwrap();
    wish(&*store, DesiredState::Pause).await.unwrap();
    slow.progress.wait_for(|it| it.phase == Phase::Paused).await.unwrap();
    let paused = slow.progress.borrow().done;
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert!(slow.progress.borrow().done <= paused + 100);
    wish(&*store, DesiredState::Run).await.unwrap();
    slow.progress.wait_for(|it| it.done > paused + 300).await.unwrap();
    let name = cancel(&*store).await.unwrap();
    assert!(matches!(slow.task.await.unwrap(), Err(RebuildError::Cancelled)));
    let control = store.find_control().await.unwrap().unwrap();
    assert!(!control.generations.contains_key(&name));
    shows(&*store, &facts).await;
    assert!(matches!(wish(&*store, DesiredState::Run).await, Err(RebuildError::NotNow(_))));
}

#[tokio::test(start_paused = true)]
async fn a_dead_rebuild_is_cancelled_by_whoever_asks() {
    let (mut writer, store) = (Writer::new(), memory());
    writer.write(&history(&many_purchases(500)));
    rebuilt(&writer, &store, "first").await;
    let slow = RebuildSettings { throttle: Some(10), ..settings("slow") };
    let mut slow = start(&writer, &store, slow);
    slow.progress.wait_for(|it| it.done > 10).await.unwrap();
    slow.task.abort();
    cancel(&*store).await.unwrap();
    assert_eq!(store.find_control().await.unwrap().unwrap().generations.len(), 1);
    assert!(orphans(&*store).await.unwrap().is_empty());
}

#[tokio::test]
async fn going_back_and_forth_loses_nothing() {
    let facts = history(&many_purchases(900));
    let (mut writer, store) = (Writer::new(), memory());
    let projector = projector(&writer, &store, "one");
    writer.write(&facts[..300]);
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    rebuilt(&writer, &store, "job").await;
    for (name, part) in [("back", &facts[300..600]), ("forth", &facts[600..])] {
        writer.write(part);
        rolled_back(&writer, &store, name).await;
        caught_up(&writer, &*store, 0..PARTITIONS).await;
    }
    let control = store.control().await.unwrap().unwrap();
    assert_eq!(control.generations[&control.live].number, 2);
    shows(&*store, &facts).await;
    projector.stop().await;
}

#[tokio::test]
async fn queries_never_read_a_generation_that_is_not_what_the_log_says() {
    let facts = history(&many_purchases(300));
    let (mut writer, store) = (Writer::new(), memory());
    writer.write(&facts);
    let first = rebuilt(&writer, &store, "first").await.generation;
    let slow = RebuildSettings { throttle: Some(100), ..settings("second") };
    let mut job = start(&writer, &store, slow);
    job.progress.wait_for(|it| it.done > 0).await.unwrap();
    let second = job.progress.borrow().generation.clone().unwrap();
    // Somebody edits it by hand.
    let customer =
        Customer { address: "nowhere".into(), last: 1_000, ..anna(&*store, &first).await };
    store.fill(&second, vec![Document::Customer(customer)]).await.unwrap();
    let differs = job.task.await.unwrap().unwrap_err();
    let RebuildError::Differs(verdict) = differs else { panic!("{differs:?}") };
    assert_eq!(verdict.differences.len(), 1);
    assert_eq!(store.control().await.unwrap().unwrap().live, first);
    shows(&*store, &facts).await;
}

async fn anna(store: &dyn ViewStore, generation: &GenerationName) -> Customer {
    store.customers(generation, &["c0".to_owned()]).await.unwrap().pop().unwrap()
}

#[tokio::test]
async fn without_any_views_there_is_nothing_to_roll_back_to() {
    let (writer, store) = (Writer::new(), memory());
    let log: Arc<dyn EventLog> = Arc::<MemoryLog>::clone(&writer.log);
    let (told, shutdown) = (watch::Sender::default(), CancellationToken::new());
    let rolled = rollback(&log, IDENTITY, &store, settings("job"), told, &shutdown).await;
    assert!(matches!(rolled, Err(RebuildError::NotNow(ControlConflict::NoBack))), "{rolled:?}");
}
