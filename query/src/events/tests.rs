use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use event_log::{
    EventLog, Follower, Headers, LogError, LogId, MemoryLog, NewRecord, Offset, Partition, Receipt,
    RecordStream, StoredRecord, Subscribers, Timestamp, WriterId, identity,
};
use futures::{
    FutureExt,
    future::{BoxFuture, join_all},
};
use tokio::time::sleep;
use uuid::Uuid;
use views::MemoryViews;

use super::*;
use crate::{Queries, Settings};

/// A log that takes its time, and counts how often it is read, how often at once, and how much.
#[derive(Debug)]
struct SlowLog {
    log: MemoryLog,
    now: AtomicUsize,
    most: AtomicUsize,
    records: AtomicUsize,
}

impl EventLog for SlowLog {
    fn partitions(&self) -> u16 {
        self.log.partitions()
    }

    fn append(&self, partition: Partition, record: NewRecord, receipt: Receipt) {
        self.log.append(partition, record, receipt);
    }

    fn end(&self, partition: Partition) -> BoxFuture<'_, Result<Offset, LogError>> {
        self.log.end(partition)
    }

    fn read(
        &self,
        partition: Partition,
        from: Offset,
        at_most: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredRecord>, LogError>> {
        async move {
            let now = self.now.fetch_add(1, Ordering::Relaxed).saturating_add(1);
            self.most.fetch_max(now, Ordering::Relaxed);
            sleep(Duration::from_millis(1)).await;
            let read = self.log.read(partition, from, at_most).await;
            self.now.fetch_sub(1, Ordering::Relaxed);
            self.records.fetch_add(read.as_ref().map_or(0, Vec::len), Ordering::Relaxed);
            read
        }
        .boxed()
    }

    fn follow(&self, from: Vec<(Partition, Offset)>) -> RecordStream {
        self.log.follow(from)
    }

    fn follow_batched(&self, from: Vec<(Partition, Offset)>) -> RecordStream {
        self.log.follow_batched(from)
    }
}

const PARTITIONS: u16 = 64;
const IN_EACH: u64 = 300;

/// A log of records that nobody wants.
async fn shop(settings: Settings) -> (Arc<SlowLog>, Queries) {
    let log = MemoryLog::new(PARTITIONS);
    let (id, writer) = (LogId(Uuid::from_u128(1)), WriterId(Uuid::from_u128(2)));
    let identity = identity::begin(&log, id, writer, Timestamp(0)).await.unwrap();
    for partition in Partition::all(PARTITIONS) {
        for _ in 0..IN_EACH {
            let record =
                NewRecord { key: None, headers: Headers::default(), value: None, timestamp: 0 };
            log.append(partition, record, Box::new(|stored| assert!(stored.is_ok())));
        }
    }
    let follower = Follower::start(&log, identity, Subscribers::default());
    for partition in Partition::all(PARTITIONS) {
        follower.reached(partition, IN_EACH).await.unwrap();
    }
    let [now, most, records] = [0; 3].map(AtomicUsize::new);
    let log = Arc::new(SlowLog { log, now, most, records });
    let reads: Arc<SlowLog> = Arc::clone(&log);
    (log, Queries::start(Arc::new(MemoryViews::new()), reads, follower, settings))
}

/// A request for so many pages at once, of which none has an event.
async fn ask(queries: &Queries, pages: usize) -> Result<(), Failure> {
    let wish = EventsQuery { first: 1, ..EventsQuery::default() };
    let asked = queries.read(|reading| {
        let wish = &wish;
        async move {
            let pages = (0..pages).map(|_| reading.events(wish));
            join_all(pages).await.into_iter().collect::<Result<Vec<_>, _>>()
        }
    });
    asked.await.flatten().map(drop)
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_for_a_thousand_pages_reads_one_at_a_time() {
    let (log, queries) = shop(Settings { looked_at: u64::MAX, ..Settings::default() }).await;
    ask(&queries, 3).await.unwrap();
    // One page looks at 10,000 records at most, and reads no more of each partition than it doubles to.
    let read = log.records.load(Ordering::Relaxed);
    assert!((30_000..60_000).contains(&read), "{read} records");
    let many = (0..4).map(|_| ask(&queries, 2));
    join_all(many).await.into_iter().for_each(drop);
    let most = log.most.load(Ordering::Relaxed);
    assert!((16..=32).contains(&most), "{most} reads at once");
}

#[tokio::test(start_paused = true)]
async fn records_that_nobody_wants_are_charged_before_they_are_read() {
    let (log, queries) = shop(Settings { looked_at: 25_000, ..Settings::default() }).await;
    ask(&queries, 1).await.unwrap();
    log.records.store(0, Ordering::Relaxed);
    assert!(matches!(ask(&queries, 900).await, Err(Failure::TooMuch { looked_at: 25_000, .. })));
    let read = log.records.load(Ordering::Relaxed);
    assert!(read <= 25_000, "{read} records");
}
