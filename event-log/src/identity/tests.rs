use uuid::Uuid;

use super::*;
use crate::MemoryLog;

fn id(n: u128) -> LogId {
    LogId(Uuid::from_u128(n))
}

fn nonce(n: u128) -> WriterId {
    WriterId(Uuid::from_u128(n))
}

async fn begin_with(log: &MemoryLog, n: u128) -> Result<LogIdentity, LogError> {
    begin(log, id(n), nonce(n), Timestamp(5)).await
}

async fn stored(log: &MemoryLog) -> Vec<StoredRecord> {
    log.read(FIRST, 0, 100).await.unwrap()
}

#[tokio::test]
async fn an_empty_log_is_begun_once() {
    let log = MemoryLog::new(3);
    assert_eq!(read(&log).await.unwrap(), None);
    let begun = begin_with(&log, 7).await.unwrap();
    assert_eq!(begun, LogIdentity { id: id(7), partitions: 3 });
    assert_eq!(begin_with(&log, 8).await.unwrap(), begun);
    assert_eq!(read(&log).await.unwrap(), Some(begun));
    assert_eq!(stored(&log).await.len(), 1);
}

#[tokio::test]
async fn of_two_that_begin_at_once_both_agree() {
    let log = MemoryLog::new(3);
    // Both have looked before either has written.
    for n in [7, 8] {
        let record = codec::encode(&begun(&log, id(n), nonce(n), Timestamp(5)), id(n));
        log.put(FIRST, record).unwrap();
    }
    assert_eq!(read(&log).await.unwrap().unwrap().id, id(7));
    assert_eq!(begin_with(&log, 8).await.unwrap().id, id(7));
}

#[tokio::test]
async fn processes_that_race_agree() {
    let log = MemoryLog::new(3);
    let racers = (1..=20_u128).map(|n| {
        let log = log.clone();
        tokio::spawn(async move { begin_with(&log, n).await.unwrap() })
    });
    let mut ids = Vec::new();
    for racer in racers.collect::<Vec<_>>() {
        ids.push(racer.await.unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn what_does_not_count_does_not_name_the_log() {
    let log = MemoryLog::new(3);
    for _ in 0..250 {
        log.put(FIRST, NewRecord::default()).unwrap();
    }
    assert_eq!(read(&log).await.unwrap(), None);
    assert_eq!(begin_with(&log, 7).await.unwrap().id, id(7));
}

#[tokio::test]
async fn another_number_of_partitions_is_unfit() {
    let old = MemoryLog::new(3);
    begin_with(&old, 7).await.unwrap();
    let grown = MemoryLog::new(4);
    for stored in stored(&old).await {
        grown.put(FIRST, stored.record).unwrap();
    }
    for outcome in [begin_with(&grown, 8).await.map(Some), read(&grown).await] {
        let Err(LogError::Unfit(why)) = outcome else { panic!("{outcome:?}") };
        assert!(why.contains("was begun with 3 partitions and now has 4"), "{why}");
        assert!(why.contains("sklep import"), "{why}");
    }
}

#[tokio::test]
async fn a_first_record_that_cannot_be_read_is_unfit() {
    let log = MemoryLog::new(3);
    let mut record = codec::encode(&begun(&log, id(7), nonce(7), Timestamp(5)), id(7));
    record.value = Some("{}".into());
    log.put(FIRST, record).unwrap();
    let Err(LogError::Unfit(why)) = begin_with(&log, 8).await else { panic!("it is unfit") };
    assert!(why.contains("offset 0 of partition 0 cannot be read"), "{why}");
    assert_eq!(stored(&log).await.len(), 1);
}
