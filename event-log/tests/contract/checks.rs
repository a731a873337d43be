//! What every log must do, whatever stores it. Give it an empty log of three partitions or more.

#![expect(clippy::arithmetic_side_effects, reason = "an overflow in a test is a failed test")]

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use event_log::{
    Batch, EventLog, LogError, NewRecord, Offset, Partition, RecordStream, StoredRecord,
};
use tokio::{sync::oneshot, time::timeout};

const ORDERED: Partition = Partition(0);
const EXACT: Partition = Partition(1);
const FOLLOWED: Partition = Partition(2);

/// Long enough for any log that works; the tests wait for records, not for time.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs every check on an empty log.
pub(crate) async fn contract(log: Arc<dyn EventLog>) {
    assert!(log.partitions() >= 3, "the contract needs three partitions");
    let log = log.as_ref();
    an_empty_log_ends_at_zero(log).await;
    appends_are_stored_in_the_order_of_the_calls(log).await;
    every_byte_comes_back(log).await;
    a_part_of_a_partition_is_read_from_where_it_is_asked(log).await;
    followers_see_every_record_once_and_in_order_while_others_append(log).await;
    a_follower_may_begin_anywhere(log).await;
    one_follower_follows_several_partitions(log).await;
    a_dropped_tail_disturbs_nobody(log).await;
    a_partition_that_is_not_there_is_an_error(log).await;
}

async fn an_empty_log_ends_at_zero(log: &dyn EventLog) {
    for partition in Partition::all(log.partitions()) {
        assert_eq!(log.end(partition).await.unwrap(), 0);
        assert_eq!(log.read(partition, 0, 10).await.unwrap(), []);
    }
}

async fn appends_are_stored_in_the_order_of_the_calls(log: &dyn EventLog) {
    let receipts: Vec<_> = (0..500).map(|number| append(log, ORDERED, numbered(number))).collect();
    for (number, receipt) in (0..).zip(receipts) {
        let offset = receipt.await.unwrap().unwrap();
        assert!(
            offset.is_none_or(|offset| offset == number),
            "append {number} was told {offset:?}"
        );
        assert!(log.end(ORDERED).await.unwrap() > number, "the end lacks an acknowledged append");
    }
    assert_eq!(log.end(ORDERED).await.unwrap(), 500);
    assert_eq!(log.end(EXACT).await.unwrap(), 0, "partitions are independent");
    assert_eq!(read_all(log, ORDERED).await, stored(0, (0..500).map(numbered)));
}

async fn every_byte_comes_back(log: &dyn EventLog) {
    let records = unusual_records();
    for record in &records {
        append(log, EXACT, record.clone()).await.unwrap().unwrap();
    }
    assert_eq!(read_all(log, EXACT).await, stored(0, records.clone()));
    let mut tail = log.follow(vec![(EXACT, 0)]);
    assert_eq!(next_records(&mut tail, EXACT, records.len()).await, stored(0, records));
}

async fn a_part_of_a_partition_is_read_from_where_it_is_asked(log: &dyn EventLog) {
    let expect = |from: u64, count: u64| stored(from, (from..from + count).map(numbered));
    assert_eq!(log.read(ORDERED, 0, 1).await.unwrap(), expect(0, 1));
    assert_eq!(log.read(ORDERED, 123, 1).await.unwrap(), expect(123, 1));
    assert_eq!(log.read(ORDERED, 123, 45).await.unwrap(), expect(123, 45));
    assert_eq!(log.read(ORDERED, 499, 45).await.unwrap(), expect(499, 1));
    assert_eq!(log.read(ORDERED, 500, 45).await.unwrap(), []);
    // A log that was replaced while it was open may say so.
    assert!(log.read(ORDERED, 501, 45).await.map_or(true, |read| read.is_empty()));
    assert_eq!(log.read(ORDERED, 0, 0).await.unwrap(), []);
}

async fn followers_see_every_record_once_and_in_order_while_others_append(log: &dyn EventLog) {
    let before: Vec<_> = (0..200).map(|number| append(log, FOLLOWED, numbered(number))).collect();
    acknowledged(before).await;
    let mut early = log.follow(vec![(FOLLOWED, 0)]);
    let mut halfway = log.follow_batched(vec![(FOLLOWED, 100)]);
    let mut at_the_end = log.follow(vec![(FOLLOWED, 200)]);
    let appending = async {
        for burst in 2..12 {
            let receipts = (burst * 100..burst * 100 + 100)
                .map(|number| append(log, FOLLOWED, numbered(number)));
            acknowledged(receipts.collect()).await;
        }
    };
    let following = async {
        futures::join!(
            next_records(&mut early, FOLLOWED, 1200),
            next_records(&mut halfway, FOLLOWED, 1100),
            next_records(&mut at_the_end, FOLLOWED, 1000),
        )
    };
    let ((), (early, halfway, at_the_end)) = futures::join!(appending, following);
    assert_eq!(early, stored(0, (0..1200).map(numbered)));
    assert_eq!(halfway, stored(100, (100..1200).map(numbered)));
    assert_eq!(at_the_end, stored(200, (200..1200).map(numbered)));
}

async fn a_follower_may_begin_anywhere(log: &dyn EventLog) {
    for from in [0, 1, 599, 1198] {
        let mut tail = log.follow(vec![(FOLLOWED, from)]);
        let count = usize::try_from(1200 - from).unwrap();
        assert_eq!(
            next_records(&mut tail, FOLLOWED, count).await,
            stored(from, (from..1200).map(numbered))
        );
    }
}

async fn one_follower_follows_several_partitions(log: &dyn EventLog) {
    let mut tail = log.follow(vec![(ORDERED, 400), (FOLLOWED, 1000)]);
    let (mut ordered, mut followed) = (Vec::new(), Vec::new());
    while ordered.len() < 100 || followed.len() < 200 {
        let batch = next_batch(&mut tail).await;
        let seen = if batch.partition == ORDERED { &mut ordered } else { &mut followed };
        seen.extend(batch.records);
    }
    assert_eq!(ordered, stored(400, (400..500).map(numbered)));
    assert_eq!(followed, stored(1000, (1000..1200).map(numbered)));
    append(log, ORDERED, numbered(500)).await.unwrap().unwrap();
    assert_eq!(next_records(&mut tail, ORDERED, 1).await, stored(500, [numbered(500)]));
}

async fn a_dropped_tail_disturbs_nobody(log: &dyn EventLog) {
    drop(log.follow(vec![(FOLLOWED, 0)]));
    let mut slow = log.follow(vec![(FOLLOWED, 0)]);
    next_batch(&mut slow).await;
    drop(slow);
    append(log, FOLLOWED, numbered(1200)).await.unwrap().unwrap();
    assert_eq!(log.end(FOLLOWED).await.unwrap(), 1201);
}

async fn a_partition_that_is_not_there_is_an_error(log: &dyn EventLog) {
    let beyond = Partition(log.partitions());
    assert!(log.end(beyond).await.is_err());
    assert!(append(log, beyond, numbered(0)).await.unwrap().is_err());
}

/// A record that tells its number.
pub(crate) fn numbered(number: u64) -> NewRecord {
    NewRecord {
        key: Some(Bytes::from(format!("key-{}", number % 7))),
        headers: [("number", Some(number.to_string()))].into_iter().collect(),
        value: Some(Bytes::from(format!("{{\"number\":{number}}}"))),
        timestamp: 1_700_000_000_000 + i64::try_from(number).unwrap(),
    }
}

/// Appends and gives what the receipt will be told.
pub(crate) fn append(
    log: &dyn EventLog,
    partition: Partition,
    record: NewRecord,
) -> oneshot::Receiver<Result<Option<Offset>, LogError>> {
    let (tell, told) = oneshot::channel();
    // A test that no longer waits does not mind.
    log.append(partition, record, Box::new(|outcome| drop(tell.send(outcome))));
    told
}

async fn acknowledged(receipts: Vec<oneshot::Receiver<Result<Option<Offset>, LogError>>>) {
    for receipt in receipts {
        receipt.await.unwrap().unwrap();
    }
}

fn unusual_records() -> Vec<NewRecord> {
    let text = |text: &'static str| Some(Bytes::from_static(text.as_bytes()));
    let timestamp = 1_700_000_000_123;
    vec![
        NewRecord { timestamp, ..NewRecord::default() },
        NewRecord {
            key: text(""),
            value: text(""),
            timestamp: timestamp + 1,
            ..NewRecord::default()
        },
        NewRecord { key: text("ключ"), value: None, timestamp: 1, ..NewRecord::default() },
        NewRecord {
            key: Some(Bytes::from((0..=255).collect::<Vec<u8>>())),
            headers: [
                ("twice", text("first")),
                ("none", None),
                ("empty", text("")),
                ("twice", text("second")),
                ("zażółć", Some(Bytes::from(vec![0, 255, 0]))),
            ]
            .into_iter()
            .collect(),
            value: Some(Bytes::from(
                (0..100_000_u32).flat_map(u32::to_be_bytes).collect::<Vec<u8>>(),
            )),
            timestamp,
        },
        NewRecord {
            value: text("after the large one"),
            timestamp: timestamp - 5_000,
            ..NewRecord::default()
        },
    ]
}

fn stored(from: Offset, records: impl IntoIterator<Item = NewRecord>) -> Vec<StoredRecord> {
    (from..).zip(records).map(|(offset, record)| StoredRecord { offset, record }).collect()
}

async fn read_all(log: &dyn EventLog, partition: Partition) -> Vec<StoredRecord> {
    let mut records: Vec<StoredRecord> = Vec::new();
    loop {
        let from = records.last().map_or(0, |last| last.offset + 1);
        let more = log.read(partition, from, 100).await.unwrap();
        assert!(more.len() <= 100);
        if more.is_empty() {
            return records;
        }
        records.extend(more);
    }
}

async fn next_batch(tail: &mut RecordStream) -> Batch {
    let batch = timeout(PATIENCE, tail.recv())
        .await
        .expect("no batch came")
        .expect("the tail ended")
        .unwrap();
    assert!(!batch.records.is_empty());
    batch
}

async fn next_records(
    tail: &mut RecordStream,
    partition: Partition,
    count: usize,
) -> Vec<StoredRecord> {
    let mut records = Vec::new();
    while records.len() < count {
        let batch = next_batch(tail).await;
        assert_eq!(batch.partition, partition);
        records.extend(batch.records);
    }
    records
}
