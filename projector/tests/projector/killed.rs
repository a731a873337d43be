//! Rebuilding in a real `MongoDB`, while those who do it are killed.

use std::{sync::Arc, time::Duration};

use projector::{FeedState, Projector, RebuildError, RebuildSettings, wish};
use testkit::Mongo;
use tokio::{
    runtime::{Builder, Runtime},
    task::spawn_blocking,
};
use views::{
    Checkpoint, Commit, ControlConflict, DesiredState, GenerationState, Mode, MongoViews, Phase,
    ViewStore,
};

use crate::{
    given::{Writer, caught_up, projector, until},
    history::{PARTITIONS, history, many_purchases},
    rebuild::{rebuilt, rolled_back, settings, shows, start},
};

/// A client of its own, as another process has it.
async fn opened(uri: &str, database: &str) -> Arc<dyn ViewStore> {
    MongoViews::open(uri, database).await.unwrap()
}

async fn server() -> &'static str {
    spawn_blocking(testkit::mongodb).await.unwrap()
}

/// A process that can be killed: everything in it stops where it is, transactions too.
struct Process(Option<Runtime>);

impl Process {
    fn new() -> Self {
        Self(Some(Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()))
    }

    fn kill(mut self) {
        self.0.take().unwrap().shutdown_background();
    }

    async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        self.0.as_ref().unwrap().spawn(work).await.unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

async fn projecting(writer: &Writer, uri: &'static str, database: &str, name: &str) -> Process {
    let (process, database, name) = (Process::new(), database.to_owned(), name.to_owned());
    let writer = writer.reader();
    let work = async move {
        let store = opened(uri, &database).await;
        projector(&writer, &store, &name)
    };
    // It runs on by itself.
    let _: Projector = process.run(work).await;
    process
}

async fn rebuilding(writer: &Writer, uri: &'static str, database: &str, name: &str) -> Process {
    let (process, database) = (Process::new(), database.to_owned());
    // Small, so that it is killed between many steps.
    let settings = RebuildSettings { memory: 200_000, ..settings(name) };
    let writer = writer.reader();
    process
        .run(async move {
            let store = opened(uri, &database).await;
            drop(start(&writer, &store, settings));
        })
        .await;
    process
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_rebuild_that_is_killed_again_and_again_ends_as_if_it_had_not_been() {
    let (uri, database) = (server().await, testkit::unique("killed"));
    let store = opened(uri, &database).await;
    let facts = history(&many_purchases(4_000));
    let mut writer = Writer::new();
    let (before, after) = facts.split_at(3_000);
    writer.write(before);
    rebuilt(&writer, &store, "first").await;
    let _projector = projecting(&writer, uri, &database, "fed").await;
    for (kill, few) in after.chunks(after.len().div_ceil(10)).enumerate() {
        // Under one name, so that nobody has to make sure that the one before is dead.
        let job = rebuilding(&writer, uri, &database, "job").await;
        writer.write(few);
        let chance = u64::try_from(kill).unwrap() * 7_919 % 600;
        tokio::time::sleep(Duration::from_millis(chance)).await;
        job.kill();
    }
    rebuilt(&writer, &store, "last").await;
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    until(|| async { is_tidy(&*store).await }).await;
    shows(&*store, &facts).await;
}

/// Nothing is being filled or removed any more.
async fn is_tidy(store: &dyn ViewStore) -> bool {
    let control = store.find_control().await.unwrap().unwrap();
    control.generations.values().all(|it| it.state == GenerationState::Ready)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn projectors_that_are_killed_inside_transactions_hold_up_no_rebuild() {
    let (uri, database) = (server().await, testkit::unique("fed"));
    let store = opened(uri, &database).await;
    let facts = history(&many_purchases(3_000));
    let mut writer = Writer::new();
    writer.write(&facts[..1_000]);
    rebuilt(&writer, &store, "first").await;
    let job = start(&writer, &store, settings("job"));
    for (kill, few) in facts[1_000..].chunks(200).enumerate() {
        let process = projecting(&writer, uri, &database, &format!("p{kill}")).await;
        for few in few.chunks(10) {
            writer.write(few);
            tokio::time::sleep(Duration::from_millis(4)).await;
        }
        process.kill();
    }
    let rebuilt = job.task.await.unwrap().unwrap();
    let _projector = projecting(&writer, uri, &database, "last").await;
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    assert_eq!(store.control().await.unwrap().unwrap().live, rebuilt.generation);
    shows(&*store, &facts).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_rebuilds_at_once_are_one_rebuild() {
    let (uri, database) = (server().await, testkit::unique("twice"));
    let stores = [opened(uri, &database).await, opened(uri, &database).await];
    let facts = history(&many_purchases(2_000));
    let mut writer = Writer::new();
    writer.write(&facts);
    let [one, two] = [0, 1].map(|it| start(&writer, &stores[it], settings(["one", "two"][it])));
    let (one, two) = (one.task.await.unwrap(), two.task.await.unwrap());
    let refused = [&one, &two]
        .into_iter()
        .filter(|it| matches!(it, Err(RebuildError::NotNow(ControlConflict::AlreadyFilling(_)))));
    // The second one may have come when the first was done, and then made a second generation.
    let refused = refused.count();
    let done = [&one, &two].into_iter().filter(|it| it.is_ok()).count();
    assert_eq!((done + refused, done >= 1), (2, true), "{one:?} {two:?}");
    shows(&*stores[0], &facts).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_still_writes_to_the_old_generation_is_a_feeder_of_it() {
    let (uri, database) = (server().await, testkit::unique("zombie"));
    let store = opened(uri, &database).await;
    let facts = history(&many_purchases(600));
    let mut writer = Writer::new();
    writer.write(&facts[..400]);
    let old = rebuilt(&writer, &store, "old").await.generation;
    // It has claimed, and is then paused until another generation is live.
    let zombie = opened(uri, &database).await;
    let held = zombie.claim(&old, event_log::Partition(0), "zombie").await.unwrap().checkpoint;
    rebuilt(&writer, &store, "new").await;
    writer.write(&facts[400..]);
    // Nobody has claimed since, so that it may commit; what it says is believed, as it folds like everybody.
    let commit = Commit {
        generation: old.clone(),
        partition: event_log::Partition(0),
        checkpoint: Checkpoint { mode: Mode::Live, ..held },
        changes: Vec::new(),
    };
    zombie.commit(&commit).await.unwrap();
    rolled_back(&writer, &store, "back").await;
    // Now somebody has.
    assert!(zombie.commit(&commit).await.is_err());
    let _projector = projecting(&writer, uri, &database, "fed").await;
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    assert_eq!(store.control().await.unwrap().unwrap().live, old);
    shows(&*store, &facts).await;
    rolled_back(&writer, &store, "forth").await;
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    shows(&*store, &facts).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn views_that_were_dropped_by_hand_are_brought_back_under_a_running_projector() {
    let (uri, database) = (server().await, testkit::unique("gone"));
    let store = opened(uri, &database).await;
    let facts = history(&many_purchases(1_000));
    let mut writer = Writer::new();
    writer.write(&facts);
    let projector = projector(&writer, &store, "one");
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    let client = mongodb::Client::with_uri_str(uri).await.unwrap();
    client.database(&database).drop().await.unwrap();
    until(|| async {
        projector.status().partitions.iter().all(|it| {
            matches!(&it.state, FeedState::Stopped { reason } if reason.contains("`sklep rebuild`"))
        })
    })
    .await;
    assert_eq!(store.find_control().await.unwrap(), None);
    rebuilt(&writer, &store, "again").await;
    until(|| async { projector.status().trouble().is_none() }).await;
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    shows(&*store, &facts).await;
    projector.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_rebuild_goes_on_when_mongodb_is_killed() {
    let mut mongo = spawn_blocking(Mongo::start_private).await.unwrap().unwrap();
    let store = opened(mongo.uri(), "sklep").await;
    let facts = history(&many_purchases(4_000));
    let mut writer = Writer::new();
    writer.write(&facts);
    let slow = RebuildSettings { throttle: Some(1_500), memory: 200_000, ..settings("job") };
    let job = start(&writer, &store, slow);
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        mongo = spawn_blocking(move || {
            mongo.kill().unwrap();
            mongo.start().unwrap();
            mongo
        })
        .await
        .unwrap();
    }
    job.task.await.unwrap().unwrap();
    shows(&*store, &facts).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_rebuild_that_cannot_be_given_up_at_once_is_given_up_later() {
    let mut mongo = spawn_blocking(Mongo::start_private).await.unwrap().unwrap();
    let store = opened(mongo.uri(), "sklep").await;
    let facts = history(&many_purchases(2_000));
    let mut writer = Writer::new();
    writer.write(&facts);
    let live = rebuilt(&writer, &store, "first").await.generation;
    let slow = RebuildSettings { throttle: Some(200), memory: 200_000, ..settings("job") };
    let mut job = start(&writer, &store, slow);
    job.progress.wait_for(|it| it.done > 0).await.unwrap();
    wish(&*store, DesiredState::Cancel).await.unwrap();
    // It says so when it begins to remove what it has filled, which takes a few commands.
    job.progress.wait_for(|it| it.phase == Phase::Cancelled).await.unwrap();
    let _running = spawn_blocking(move || {
        mongo.kill().unwrap();
        mongo.start().unwrap();
        mongo
    })
    .await
    .unwrap();
    let ended = job.task.await.unwrap().unwrap_err();
    // The second when all was done but for the last answer.
    let is_given_up = matches!(
        ended,
        RebuildError::Cancelled | RebuildError::NotNow(ControlConflict::JobGone(_))
    );
    assert!(is_given_up, "{ended:?}");
    let control = store.find_control().await.unwrap().unwrap();
    assert_eq!(control.generations.keys().collect::<Vec<_>>(), [&live]);
    shows(&*store, &facts).await;
}
