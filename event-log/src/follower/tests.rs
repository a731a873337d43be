use std::time::Duration;

use uuid::Uuid;

use super::*;
use crate::{
    Content, Envelope, LogId, LogSettings, MemoryLog, NewRecord, Stamp, Timestamp, Trace, Verdict,
    WriterId, WriterStarted, codec,
};

const LOG: LogIdentity =
    LogIdentity { id: LogId(Uuid::from_u128(7)), partitions: 2, settings: LogSettings::USUAL };
const P0: Partition = Partition(0);
const P1: Partition = Partition(1);

fn record(stamp: (u64, u128, u64), content: Content) -> NewRecord {
    let (epoch, writer, sequence) = stamp;
    let envelope = Envelope {
        id: Uuid::from_u128(1),
        time: Timestamp(0),
        stamp: Stamp { epoch, writer: WriterId(Uuid::from_u128(writer)), sequence },
        trace: Trace::default(),
        content,
    };
    codec::encode(&envelope, LOG.id)
}

fn started_in(log: LogIdentity, epoch: u64, writer: u128) -> NewRecord {
    let address = Some(format!("host-{writer}:8080"));
    let started =
        WriterStarted { log_id: log.id, partitions: log.partitions, address, settings: None };
    record((epoch, writer, 0), Content::WriterStarted(started))
}

fn started(epoch: u64, writer: u128) -> NewRecord {
    started_in(LOG, epoch, writer)
}

fn barrier(epoch: u64, writer: u128, sequence: u64) -> NewRecord {
    record((epoch, writer, sequence), Content::Barrier)
}

fn log(partition: Partition, records: impl IntoIterator<Item = NewRecord>) -> MemoryLog {
    let log = MemoryLog::new(LOG.partitions);
    put(&log, partition, records);
    log
}

fn put(log: &MemoryLog, partition: Partition, records: impl IntoIterator<Item = NewRecord>) {
    for record in records {
        log.put(partition, record).unwrap();
    }
}

fn follow(log: &MemoryLog) -> Follower {
    Follower::start(log, LOG, Subscribers::default())
}

#[tokio::test]
async fn every_record_is_judged_and_what_does_not_count_is_known_later() {
    let records = [
        barrier(1, 10, 1),
        started(1, 10),
        barrier(1, 10, 1),
        NewRecord::default(),
        barrier(1, 11, 2),
        barrier(1, 10, 2),
    ];
    let follower = follow(&log(P1, records));
    follower.reached(P1, 6).await.unwrap();
    let counts: Vec<_> = (0..8).map(|offset| follower.counts(P1, offset)).collect();
    let (yes, no) = (Some(true), Some(false));
    assert_eq!(counts, [no, yes, yes, no, no, yes, None, None]);
    assert_eq!(follower.tally(P1), RecordCounts { counted: 3, void: 2, foreign: 1 });
    assert_eq!(
        follower.ledger(P1),
        Ledger { epoch: 1, writer: Some(WriterId(Uuid::from_u128(10))), sequence: 2 }
    );
    assert_eq!(follower.tally(P0), RecordCounts::default());
}

#[tokio::test]
async fn the_route_is_the_last_writer_that_counts() {
    let log = log(P1, [started(1, 10)]);
    let follower = follow(&log);
    follower.reached(P1, 1).await.unwrap();
    assert_eq!(follower.route(P1).unwrap().address.as_deref(), Some("host-10:8080"));
    put(&log, P1, [started(2, 20), started(2, 30)]);
    follower.reached(P1, 3).await.unwrap();
    let route = follower.route(P1).unwrap();
    assert_eq!((route.epoch, route.address.as_deref()), (2, Some("host-20:8080")));
    assert_eq!(follower.route(P0), None);
}

#[tokio::test]
async fn a_partition_whose_epochs_are_used_up_is_named() {
    let log = log(P1, [started(u64::MAX - 1, 10)]);
    let follower = follow(&log);
    follower.reached(P1, 1).await.unwrap();
    assert_eq!(follower.exhausted(), None);
    put(&log, P1, [started(u64::MAX, 20), started(u64::MAX, 30)]);
    follower.reached(P1, 3).await.unwrap();
    let told = follower.exhausted().unwrap();
    assert!(told.contains("partition 1 can never be written again"), "{told}");
    assert_eq!(follower.tally(P1), RecordCounts { counted: 2, void: 1, foreign: 0 });
}

#[tokio::test]
async fn the_position_covers_what_was_seen() {
    let log = log(P1, [started(1, 10), barrier(1, 10, 1)]);
    put(&log, P0, [started(1, 10)]);
    let follower = follow(&log);
    follower.reached(P1, 2).await.unwrap();
    follower.reached(P0, 1).await.unwrap();
    let seen: Vec<_> = follower.position().iter().collect();
    assert_eq!((follower.position().log(), seen), (LOG.id, vec![(P0, 1), (P1, 2)]));
}

#[tokio::test]
async fn subscribers_get_each_record_once_in_order_with_its_verdict_known() {
    let log = log(P1, [started(1, 10)]);
    put(&log, P0, [started(1, 11), NewRecord::default()]);
    let mut subscribers = Subscribers::default();
    let mut all = subscribers.to_all(8);
    let mut one = subscribers.to(P1, 8);
    let follower = Follower::start(&log, LOG, subscribers);
    follower.reached(P1, 1).await.unwrap();
    put(&log, P1, [barrier(1, 10, 1), barrier(9, 9, 9)]);

    let mut got = Vec::new();
    while got.len() < 3 {
        let batch = one.recv().await.unwrap();
        assert_eq!(batch.partition, P1);
        for judged in &batch.records {
            assert_eq!(
                follower.counts(P1, judged.stored.offset),
                Some(judged.verdict == Verdict::Counts)
            );
            assert_eq!(judged.claim, codec::claim(&judged.stored.record));
            got.push((judged.stored.offset, judged.verdict));
        }
    }
    assert_eq!(got, [(0, Verdict::Counts), (1, Verdict::Counts), (2, Verdict::Void)]);
    let (mut records, mut counted) = (0, 0);
    while records < 5 {
        let batch = all.recv().await.unwrap();
        records += batch.records.len();
        counted += batch.counted().count();
        assert_eq!(batch.end(), batch.records.last().unwrap().stored.offset + 1);
    }
    assert_eq!((records, counted), (5, 3));
}

#[tokio::test]
async fn a_full_queue_holds_the_follower_back_and_loses_nothing() {
    let log = MemoryLog::new(LOG.partitions);
    let mut subscribers = Subscribers::default();
    let mut slow = subscribers.to(P1, 1);
    let follower = Follower::start(&log, LOG, subscribers);
    put(&log, P1, [started(1, 10)]);
    follower.reached(P1, 1).await.unwrap();
    for sequence in 1..=20 {
        put(&log, P1, [barrier(1, 10, sequence)]);
        // One batch in the queue, one in the follower's hands.
        tokio::time::timeout(Duration::from_millis(5), follower.reached(P1, sequence + 1))
            .await
            .ok();
    }
    let seen = follower.seen(P1);
    assert!(seen < 21, "it ran ahead of its subscriber to {seen}");
    let mut next = 0;
    while next < 21 {
        let batch = slow.recv().await.unwrap();
        assert_eq!(batch.records[0].stored.offset, next);
        next = batch.end();
    }
}

#[tokio::test]
async fn a_subscriber_that_leaves_holds_nobody_up() {
    let log = log(P1, [started(1, 10)]);
    let mut subscribers = Subscribers::default();
    drop(subscribers.to_all(1));
    let mut stays = subscribers.to_all(1);
    let follower = Follower::start(&log, LOG, subscribers);
    assert_eq!(stays.recv().await.unwrap().records.len(), 1);
    put(&log, P1, [barrier(1, 10, 1)]);
    assert_eq!(stays.recv().await.unwrap().end(), 2);
    follower.reached(P1, 2).await.unwrap();
}

#[tokio::test]
async fn a_writer_of_another_log_stops_the_follower() {
    let other = LogIdentity { id: LogId(Uuid::from_u128(8)), ..LOG };
    let mut subscribers = Subscribers::default();
    let mut feed = subscribers.to_all(8);
    let log = log(P1, [started(1, 10), started_in(other, 1, 11), started_in(other, 2, 12)]);
    let follower = Follower::start(&log, LOG, subscribers);
    let error = follower.reached(P1, 3).await.unwrap_err();
    let error = error.to_string();
    assert!(error.contains("two logs were written into one topic"), "{error}");
    // Nobody can know which of the two it was.
    assert!(error.contains("created again") && error.contains("were mixed"), "{error}");
    assert!(error.contains("sklep import FILE --topic NAME"), "{error}");
    assert_eq!(follower.failed().unwrap().to_string(), error);
    // The void one harmed nobody.
    assert_eq!(follower.seen(P1), 2);
    while feed.recv().await.is_some() {}
}

#[tokio::test]
async fn a_writer_that_knows_another_number_of_partitions_stops_the_follower() {
    let follower = follow(&log(P0, [started_in(LogIdentity { partitions: 3, ..LOG }, 1, 10)]));
    let error = follower.reached(P0, 1).await.unwrap_err();
    assert!(error.to_string().contains("with 3 partitions"), "{error}");
}

#[tokio::test]
async fn a_log_that_turns_out_unfit_stops_the_follower() {
    let log = log(P0, [started(1, 10)]);
    let follower = follow(&log);
    follower.reached(P0, 1).await.unwrap();
    assert!(follower.failed().is_none());
    log.spoil("records were deleted");
    let error = follower.reached(P0, 2).await.unwrap_err();
    assert_eq!(error.to_string(), "records were deleted");
    // What was seen stays known.
    follower.reached(P0, 1).await.unwrap();
    assert_eq!(follower.counts(P0, 0), Some(true));
}

#[tokio::test]
async fn a_partition_that_does_not_exist_is_never_reached() {
    let follower = follow(&MemoryLog::new(2));
    assert!(follower.reached(Partition(2), 0).await.is_err());
    assert_eq!(follower.counts(Partition(2), 0), None);
}

#[tokio::test]
async fn feeds_end_when_the_last_handle_is_dropped() {
    let mut subscribers = Subscribers::default();
    let mut feed = subscribers.to_all(1);
    let follower = Follower::start(&MemoryLog::new(2), LOG, subscribers);
    let clone = follower.clone();
    drop(follower);
    assert!(clone.failed().is_none());
    drop(clone);
    assert!(feed.recv().await.is_none());
}
