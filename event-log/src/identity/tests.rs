use domain::{Event, Money, Price, ProductPriced, testing::name};
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

fn start(n: u128, settings: LogSettings, epoch: u64, log: &MemoryLog) -> NewRecord {
    let start = Start { writer: nonce(n), now: Timestamp(5), settings };
    codec::encode(&start.begun(log, id(n), epoch), id(n))
}

async fn stored(log: &MemoryLog) -> Vec<StoredRecord> {
    log.read(FIRST, 0, 100).await.unwrap()
}

#[tokio::test]
async fn an_empty_log_is_begun_once() {
    let log = MemoryLog::new(3);
    assert_eq!(read(&log).await.unwrap(), None);
    let begun = begin_with(&log, 7).await.unwrap();
    assert_eq!(begun, LogIdentity { id: id(7), partitions: 3, settings: LogSettings::USUAL });
    assert_eq!(begin_with(&log, 8).await.unwrap(), begun);
    assert_eq!(read(&log).await.unwrap(), Some(begun));
    assert_eq!(stored(&log).await.len(), 1);
}

#[tokio::test]
async fn of_two_that_begin_at_once_both_agree() {
    let log = MemoryLog::new(3);
    // Both have looked before either has written.
    for n in [7, 8] {
        let record = start(n, LogSettings::USUAL, 1, &log);
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
    let mut record = start(7, LogSettings::USUAL, 1, &log);
    record.value = Some("{}".into());
    log.put(FIRST, record).unwrap();
    let Err(LogError::Unfit(why)) = begin_with(&log, 8).await else { panic!("it is unfit") };
    assert!(why.contains("offset 0 of partition 0 cannot be read"), "{why}");
    assert_eq!(stored(&log).await.len(), 1);
}

fn yen() -> LogSettings {
    LogSettings::of("JPY".parse().unwrap())
}

async fn begin_in_yen(log: &MemoryLog, n: u128) -> LogSettings {
    begin_as(log, id(n), nonce(n), Timestamp(5), yen()).await.unwrap().settings
}

/// A log that a program began which named no settings, with these prices in partition 1, each at its time.
fn older(prices: &[(&str, i64)]) -> MemoryLog {
    let log = MemoryLog::new(2);
    for partition in [FIRST, Partition(1)] {
        put_older(&log, partition, 0, Timestamp(1), |_| {
            let (log_id, partitions) = (id(7), 2);
            Content::WriterStarted(WriterStarted {
                log_id,
                partitions,
                address: None,
                settings: None,
            })
        });
    }
    for (sequence, (currency, time)) in (1..).zip(prices) {
        put_older(&log, Partition(1), sequence, Timestamp(*time), |version| {
            let money = Money::new(1000, currency.parse().unwrap());
            Content::Event(Event::ProductPriced(ProductPriced {
                product_id: "chleb_1".parse().unwrap(),
                name: name("Chleb wiejski"),
                product_type: name("chleb"),
                price: Price::new(money).unwrap(),
                previous_price: None,
                version,
            }))
        });
    }
    log
}

fn put_older(
    log: &MemoryLog,
    partition: Partition,
    sequence: u64,
    time: Timestamp,
    content: impl FnOnce(u32) -> Content,
) {
    let envelope = Envelope {
        id: Uuid::from_u128(1),
        time,
        stamp: Stamp { epoch: 1, writer: nonce(7), sequence },
        trace: Trace::default(),
        content: content(u32::try_from(sequence).unwrap()),
    };
    log.put(partition, codec::encode(&envelope, id(7))).unwrap();
}

#[tokio::test]
async fn a_log_keeps_the_currency_that_it_was_begun_with() {
    let log = MemoryLog::new(2);
    assert_eq!(begin_in_yen(&log, 7).await, yen());
    assert_eq!(begin_with(&log, 8).await.unwrap().settings, yen());
    assert_eq!(read(&log).await.unwrap().unwrap().settings, yen());
    assert_eq!(stored(&log).await.len(), 1);
}

#[tokio::test]
async fn an_older_log_has_the_currency_of_its_first_price() {
    let log = older(&[("PLN", 5), ("JPY", 6)]);
    assert_eq!(begin_in_yen(&log, 8).await, LogSettings::USUAL);
    assert_eq!(recorded(&log).await.unwrap().unwrap().settings, LogSettings::USUAL);
    assert_eq!(begin_with(&older(&[("JPY", 5)]), 8).await.unwrap().settings, yen());
    assert_eq!(stored(&log).await.len(), 1, "nothing is written into it for that");
}

#[tokio::test]
async fn an_older_log_without_any_price_is_told_its_currency_once() {
    let log = older(&[]);
    assert_eq!(begin_in_yen(&log, 8).await, yen());
    assert_eq!(begin_with(&log, 9).await.unwrap().settings, yen());
    assert_eq!(recorded(&log).await.unwrap().unwrap().settings, yen());
    assert_eq!(stored(&log).await.len(), 2);
}

#[tokio::test]
async fn what_does_not_count_does_not_name_the_currency() {
    let log = older(&[]);
    // A start that was overtaken, with the epoch in force.
    log.put(FIRST, start(7, yen(), 1, &log)).unwrap();
    assert_eq!(begin_with(&log, 9).await.unwrap().settings, LogSettings::USUAL);
}
