//! Kafka goes away and comes back.

use std::time::{Duration, Instant};

use event_log::{EventLog, KafkaLog, LogError, Partition};
use testkit::Kafka;

use crate::support::{PATIENCE, append, follow_records, offsets, record, settings, store, texts};

/// A deletion is believed after ten seconds; some more are for the looks in between.
const LONGER_THAN_A_DELETION_TAKES: Duration = Duration::from_secs(16);

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_and_comes_back_loses_nothing_acknowledged() {
    let mut kafka = Kafka::start_private().expect("Kafka starts");
    let log = KafkaLog::open(settings(kafka.bootstrap(), 1)).await.expect("the log opens");
    let mut tail = log.follow(vec![(Partition(0), 0)]);
    let mut stored = Vec::new();
    for n in 0..20 {
        stored.push((store(&*log, 0, record(&n.to_string())).await.expect("an offset"), n));
    }
    kafka.kill().expect("killed");
    let begun = Instant::now();
    let in_flight: Vec<_> = (20..40).map(|n| append(&*log, 0, record(&n.to_string()))).collect();
    for told in in_flight {
        let fate = tokio::time::timeout(PATIENCE, told).await.expect("in time").expect("a receipt");
        assert!(matches!(fate, Err(LogError::Unavailable(_))), "{fate:?}");
    }
    // Before a command's deadline of ten seconds.
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    let end = log.end(Partition(0)).await;
    assert!(matches!(end, Err(LogError::Unavailable(_))), "{end:?}");
    kafka.start().expect("started again");
    let begun = Instant::now();
    for n in 40..60 {
        let offset = loop {
            match append(&*log, 0, record(&n.to_string())).await.expect("a receipt") {
                Ok(offset) => break offset,
                Err(error) => assert!(begun.elapsed() < PATIENCE, "{error}"),
            }
        };
        stored.extend(offset.map(|offset| (offset, n)));
    }
    let end = log.end(Partition(0)).await.expect("an end");
    let followed = follow_records(&mut tail, usize::try_from(end).expect("small")).await;
    assert_eq!(offsets(&followed), (0..end).collect::<Vec<_>>());
    let followed = texts(&followed);
    for (offset, n) in stored {
        assert_eq!(followed[usize::try_from(offset).expect("small")], n.to_string());
    }
    for n in (0..20).chain(40..60) {
        let copies = followed.iter().filter(|text| **text == n.to_string()).count();
        assert_eq!(copies, 1, "{n} was acknowledged once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_stopped_in_order_for_long_is_waited_for() {
    let mut kafka = Kafka::start_private().expect("Kafka starts");
    let log = KafkaLog::open(settings(kafka.bootstrap(), 2)).await.expect("the log opens");
    store(&*log, 0, record("before")).await;
    let mut tail = log.follow(vec![(Partition(0), 0), (Partition(1), 0)]);
    follow_records(&mut tail, 1).await;
    kafka.stop().expect("stopped");
    // A broker that stops in order leaves its clients with the news that no partition has a leader.
    let told = tokio::time::timeout(LONGER_THAN_A_DELETION_TAKES, tail.recv()).await;
    assert!(told.is_err(), "{told:?}");
    kafka.start().expect("started again");
    let begun = Instant::now();
    while append(&*log, 0, record("after")).await.expect("a receipt").is_err() {
        assert!(begun.elapsed() < PATIENCE, "it never works again");
    }
    let followed = follow_records(&mut tail, 1).await;
    assert_eq!(texts(&followed).first().map(String::as_str), Some("after"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_stands_still_leaves_no_append_without_a_receipt() {
    let kafka = Kafka::start_private().expect("Kafka starts");
    let log = KafkaLog::open(settings(kafka.bootstrap(), 2)).await.expect("the log opens");
    store(&*log, 0, record("before")).await;
    kafka.pause().expect("paused");
    let begun = Instant::now();
    let told = append(&*log, 0, record("meanwhile"));
    let fate = tokio::time::timeout(PATIENCE, told).await.expect("in time").expect("a receipt");
    assert!(fate.is_err(), "{fate:?}");
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    kafka.resume().expect("resumed");
    let begun = Instant::now();
    while append(&*log, 0, record("after")).await.expect("a receipt").is_err() {
        assert!(begun.elapsed() < PATIENCE, "it never works again");
    }
    let end = log.end(Partition(0)).await.expect("an end");
    let read = texts(&log.read(Partition(0), 0, 100).await.expect("readable"));
    assert_eq!(u64::try_from(read.len()).expect("small"), end);
    // The one in doubt may be there or not; the others are, in this order.
    assert_eq!(read.first().map(String::as_str), Some("before"));
    assert_eq!(read.last().map(String::as_str), Some("after"));
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledgements_that_are_lost_leave_the_record_once() {
    let (_kafka, proxy) = Kafka::start_behind_proxy().expect("Kafka starts");
    let log = KafkaLog::open(settings(&proxy.address(), 1)).await.expect("the log opens");
    store(&*log, 0, record("before")).await;
    proxy.stall_replies();
    let told = append(&*log, 0, record("in doubt"));
    tokio::time::sleep(Duration::from_millis(500)).await;
    proxy.cut();
    proxy.heal();
    let fate = tokio::time::timeout(PATIENCE, told).await.expect("in time").expect("a receipt");
    // The producer sends it again; Kafka knows it and says so, with or without an offset.
    let offset = fate.expect("stored");
    assert!(offset.is_none_or(|offset| offset == 1), "{offset:?}");
    store(&*log, 0, record("after")).await;
    let read = log.read(Partition(0), 0, 100).await.expect("readable");
    assert_eq!(texts(&read), ["before", "in doubt", "after"]);
}
