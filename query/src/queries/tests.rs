use std::sync::atomic::{AtomicUsize, Ordering};

use event_log::{
    Ledger, LogId, LogIdentity, MemoryLog, NewRecord, Partition, RecordId, Subscribers, Timestamp,
    WriterId, identity,
};
use tokio::time::{advance, sleep};
use uuid::Uuid;
use views::{Checkpoint, Commit, MemoryViews, SHAPE, Versions, ViewFeed};

use super::*;

struct World {
    queries: Queries,
    views: Arc<MemoryViews>,
    identity: LogIdentity,
    /// The state of partition 0, of which only the first record counts.
    ledger: Ledger,
}

async fn world() -> World {
    let log = MemoryLog::new(2);
    let (id, writer) = (LogId(Uuid::from_u128(1)), WriterId(Uuid::from_u128(2)));
    let identity = identity::begin(&log, id, writer, Timestamp(0)).await.unwrap();
    for _ in 0..10 {
        log.put(Partition(0), NewRecord::default()).unwrap();
    }
    let follower = Follower::start(&log, identity, Subscribers::default());
    follower.reached(Partition(0), 10).await.unwrap();
    let ledger = follower.ledger(Partition(0));
    let views = Arc::new(MemoryViews::new());
    let reader: Arc<MemoryViews> = Arc::clone(&views);
    // Longer than any lease, but where a test is about it.
    let deadline = Duration::from_mins(10);
    let settings = Settings { deadline, ..Settings::default() };
    let queries = Queries::start(reader, Arc::new(log), follower, settings);
    World { queries, views, identity, ledger }
}

impl World {
    async fn begin(&self, shape: u32) {
        let versions = Versions { fold: 1, shape };
        let LogIdentity { id, partitions, .. } = self.identity;
        views::testing::begun(&*self.views, id, partitions, versions, "t").await.unwrap();
    }

    /// A feeder takes in the first `at` records of partition 0.
    async fn feed(&self, at: u64) {
        let partition = Partition(0);
        let generation = self.views.control().await.unwrap().unwrap().live;
        let claim = self.views.claim(&generation, partition, "test").await.unwrap();
        let checkpoint = Checkpoint { at, ledger: self.ledger, ..claim.checkpoint };
        let commit = Commit { generation, partition, checkpoint, changes: Vec::new() };
        self.views.commit(&commit).await.unwrap();
    }

    fn position(&self, seen: u64) -> Position {
        let place = RecordId { partition: Partition(0), offset: seen.saturating_sub(1) };
        Position::after(self.identity.id, place)
    }

    async fn at_least(&self, position: &Position) -> Result<(), Failure> {
        let wait = |reading: Arc<ReadSession>| async move { reading.at_least(position).await };
        self.queries.read(wait).await.unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_took_longer_than_the_lease_is_thrown_away() {
    let world = world().await;
    world.begin(SHAPE).await;
    let attempts = AtomicUsize::new(0);
    let answer = world.queries.read(|reading| {
        let attempt = attempts.fetch_add(1, Ordering::Relaxed);
        async move {
            reading.customers(&[]).await.unwrap();
            sleep(Duration::from_secs(if attempt == 0 { 31 } else { 29 })).await;
            attempt
        }
    });
    assert_eq!(answer.await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_always_outlives_its_lease_is_given_up() {
    let world = world().await;
    world.begin(SHAPE).await;
    let answer = world.queries.read(|reading| async move {
        reading.customers(&[]).await.unwrap();
        sleep(Duration::from_secs(31)).await;
    });
    assert!(matches!(answer.await, Err(Failure::Moved)));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_reads_no_view_needs_none() {
    let world = world().await;
    assert_eq!(world.queries.read(|_| async { "here" }).await.unwrap(), "here");
}

#[tokio::test(start_paused = true)]
async fn views_that_were_never_begun_are_not_empty_and_are_found_when_they_are() {
    let world = world().await;
    let ask = |reading: Arc<ReadSession>| async move { reading.customers(&[]).await };
    assert!(matches!(world.queries.read(ask).await.unwrap(), Err(Failure::NotBuilt)));
    world.begin(SHAPE).await;
    assert_eq!(world.queries.read(ask).await.unwrap().unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn views_of_another_shape_are_not_read() {
    let world = world().await;
    world.begin(SHAPE + 1).await;
    let ask = |reading: Arc<ReadSession>| async move { reading.customers(&[]).await };
    assert!(matches!(world.queries.read(ask).await.unwrap(), Err(Failure::Unavailable(_))));
}

#[tokio::test(start_paused = true)]
async fn a_reader_waits_until_the_views_have_taken_in_its_position() {
    let world = world().await;
    world.begin(SHAPE).await;
    let position = world.position(7);
    let (waited, ()) = tokio::join!(world.at_least(&position), async {
        advance(Duration::from_secs(2)).await;
        world.feed(6).await;
        advance(Duration::from_secs(1)).await;
        world.feed(7).await;
    });
    waited.unwrap();
    // Known by now, so that nothing is waited for.
    world.at_least(&world.position(7)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_waits_too_long_hears_how_far_the_views_are() {
    let world = world().await;
    world.begin(SHAPE).await;
    world.feed(6).await;
    let begun = Instant::now();
    let Err(Failure::StaleRead { seen }) = world.at_least(&world.position(7)).await else {
        panic!("the views are not that far");
    };
    assert_eq!(seen, world.position(6));
    assert_eq!(begun.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_position_of_another_log_or_partition_is_refused_at_once() {
    let world = world().await;
    world.begin(SHAPE).await;
    let place = RecordId { partition: Partition(0), offset: 0 };
    let foreign = Position::after(LogId(Uuid::from_u128(9)), place);
    let beside = RecordId { partition: Partition(2), offset: 0 };
    let beside = Position::after(world.identity.id, beside);
    for position in [foreign, beside] {
        assert!(matches!(world.at_least(&position).await, Err(Failure::BadPosition)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_not_done_in_time_is_dropped() {
    let mut world = world().await;
    world.begin(SHAPE).await;
    world.queries.settings.deadline = Duration::from_secs(10);
    let begun = Instant::now();
    let answer = world.queries.read(|_| std::future::pending::<()>()).await;
    assert!(matches!(answer, Err(Failure::TimedOut)));
    assert_eq!(begun.elapsed(), Duration::from_secs(10));
    // Also while it waits for the views.
    world.queries.settings.within = Duration::from_mins(1);
    let far = world.position(1_000);
    let wait = |reading: Arc<ReadSession>| {
        let far = far.clone();
        async move { reading.at_least(&far).await }
    };
    assert!(matches!(world.queries.read(wait).await, Err(Failure::TimedOut)));
}

#[tokio::test]
async fn a_request_ends_when_its_budget_is_spent() {
    let mut world = world().await;
    world.begin(SHAPE).await;
    world.queries.settings.looked_at = 100;
    let ids = vec!["anna".to_owned(); 60];
    let ask = |times: usize| {
        let ids = &ids;
        world.queries.read(move |reading| async move {
            for _ in 0..times {
                let _ = reading.customers(ids).await;
            }
            "answered"
        })
    };
    assert_eq!(ask(1).await.unwrap(), "answered");
    // However it would be answered.
    assert!(matches!(ask(2).await, Err(Failure::TooMuch { looked_at: 100, .. })));
    let endless = world.queries.read(|reading| async move {
        while reading.customers(&["anna".to_owned()]).await.is_ok() {}
        std::future::pending::<()>().await;
    });
    assert!(matches!(endless.await, Err(Failure::TooMuch { .. })));
}
