use event_log::{MemoryLog, NewRecord};

use super::*;

/// More than fits into the queues of one partition.
const MANY: Offset = 20_000;

fn put(log: &MemoryLog, partition: Partition, count: Offset) {
    for _ in 0..count {
        log.put(partition, NewRecord::default()).unwrap();
    }
}

fn shared(log: &MemoryLog, from: [Offset; 2]) -> [Records; 2] {
    let log: Arc<dyn EventLog> = Arc::new(log.clone());
    let from = BTreeMap::from([(Partition(0), from[0]), (Partition(1), from[1])]);
    let (tail, records) = share(&log, &from);
    tokio::spawn(tail.run());
    records.try_into().unwrap()
}

/// Takes everything from `at` up to `end`, each record once and in order.
async fn take_all(records: &mut Records, mut at: Offset, end: Offset) {
    while at < end {
        for record in records.next(at, 700).await.unwrap() {
            assert_eq!(record.offset, at);
            at = at.checked_add(1).unwrap();
        }
    }
    assert_eq!(at, end);
}

#[tokio::test]
async fn a_feeder_that_takes_nothing_holds_up_no_other_and_misses_nothing() {
    let log = MemoryLog::new(2);
    put(&log, Partition(0), MANY);
    put(&log, Partition(1), MANY);
    let [mut idle, mut busy] = shared(&log, [0, 0]);
    take_all(&mut busy, 0, MANY).await;
    take_all(&mut idle, 0, MANY).await;
    put(&log, Partition(0), 3);
    take_all(&mut idle, MANY, MANY.checked_add(3).unwrap()).await;
}

#[tokio::test]
async fn a_feeder_that_is_gone_holds_up_no_other() {
    let log = MemoryLog::new(2);
    put(&log, Partition(0), MANY);
    let [gone, mut busy] = shared(&log, [0, 0]);
    drop(gone);
    put(&log, Partition(1), MANY);
    take_all(&mut busy, 0, MANY).await;
}

#[tokio::test]
async fn a_feeder_gets_again_what_it_must_do_again() {
    let log = MemoryLog::new(2);
    put(&log, Partition(0), 100);
    let [mut records, _other] = shared(&log, [10, 0]);
    take_all(&mut records, 10, 100).await;
    // Nothing new comes, and still there is something to do.
    take_all(&mut records, 40, 100).await;
    put(&log, Partition(0), 50);
    take_all(&mut records, 70, 150).await;
}

#[tokio::test]
async fn a_feeder_that_was_overtaken_gets_only_what_comes_after() {
    let log = MemoryLog::new(2);
    put(&log, Partition(0), 100);
    let [mut records, _other] = shared(&log, [0, 0]);
    take_all(&mut records, 0, 100).await;
    put(&log, Partition(0), 100);
    take_all(&mut records, 120, 200).await;
}

#[tokio::test]
async fn a_log_that_cannot_be_trusted_is_told_to_all() {
    let log = MemoryLog::new(2);
    put(&log, Partition(0), 1);
    let all = shared(&log, [0, 0]);
    log.spoil("its records are gone");
    for (mut records, at) in all.into_iter().zip([1, 0]) {
        let error = records.next(at, 10).await.unwrap_err();
        assert!(matches!(error, LogError::Unfit(reason) if reason == "its records are gone"));
    }
}
