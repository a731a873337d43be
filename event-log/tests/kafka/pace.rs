//! How fast it is. Run by hand:
//! `cargo test --release -p event-log --test kafka pace -- --ignored --nocapture`
#![expect(
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    reason = "its numbers are for whoever runs it"
)]

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use event_log::{EventLog, KafkaLog, LogError, NewRecord, Partition};
use testkit::{Kafka, KafkaOptions};
use tokio::sync::oneshot;

use crate::support::{append, follow_records, record, settings, store};

#[tokio::test]
#[ignore = "a measurement"]
async fn pace() {
    let jvm = ["-Xmx1g", "-Xms1g"].map(str::to_owned).into();
    let options = KafkaOptions { jvm, ..KafkaOptions::default() };
    let kafka = Kafka::start_with(&options).expect("Kafka starts");
    let settings = settings(kafka.bootstrap(), 12);
    for topic in ["a new", "the same"] {
        let begun = Instant::now();
        let log = KafkaLog::open(settings.clone()).await.expect("the log opens");
        println!("open with {topic} topic: {:?}", begun.elapsed());
        timed("its first append", 1, async |_| stored(&log).await).await;
    }
    let log = KafkaLog::open(settings).await.expect("the log opens");
    timed("append, warming up", 3000, async |_| stored(&log).await).await;
    timed("append, one at a time", 3000, async |_| stored(&log).await).await;
    in_flight(&log, 1).await;
    in_flight(&log, 12).await;
    reading(&log).await;
    following(&log).await;
}

/// Tells the median and the 99th of a hundred.
async fn timed(what: &str, count: u32, mut work: impl AsyncFnMut(u32)) {
    let mut times = Vec::new();
    for n in 0..count {
        let begun = Instant::now();
        work(n).await;
        times.push(begun.elapsed());
    }
    times.sort();
    println!("{what}: p50 {:?}, p99 {:?}", times[times.len() / 2], times[times.len() * 99 / 100]);
}

fn event() -> NewRecord {
    NewRecord { value: Some(vec![b'x'; 400].into()), ..record("") }
}

async fn stored(log: &KafkaLog) {
    store(log, 0, event()).await;
}

fn tell_rate(what: &str, count: u32, took: Duration) {
    println!("{what}: {:.0} a second", f64::from(count) / took.as_secs_f64());
}

async fn in_flight(log: &KafkaLog, partitions: u32) {
    let count = 100_000;
    let begun = Instant::now();
    let mut waiting = VecDeque::<oneshot::Receiver<Result<_, LogError>>>::new();
    for n in 0..count {
        if waiting.len() == 64 {
            waiting.pop_front().expect("64 of them").await.expect("a receipt").expect("stored");
        }
        let partition = u16::try_from(n % partitions).expect("small");
        waiting.push_back(append(log, partition, event()));
    }
    for told in waiting {
        told.await.expect("a receipt").expect("stored");
    }
    tell_rate(&format!("64 in flight over {partitions} partitions"), count, begun.elapsed());
}

async fn reading(log: &KafkaLog) {
    let end = log.end(Partition(0)).await.expect("an end");
    timed("end", 1000, async |_| {
        log.end(Partition(0)).await.expect("an end");
    })
    .await;
    for count in [1, 1000] {
        timed(&format!("read of {count}"), 200, async |n| {
            let read = log.read(Partition(0), u64::from(n) * 997 % end, count).await;
            read.expect("readable");
        })
        .await;
    }
}

async fn following(log: &KafkaLog) {
    let mut all = 0;
    for partition in Partition::all(12) {
        all += u32::try_from(log.end(partition).await.expect("an end")).expect("small");
    }
    let begun = Instant::now();
    let mut tail = log.follow(Partition::all(12).map(|partition| (partition, 0)).collect());
    follow_records(&mut tail, usize::try_from(all).expect("small")).await;
    tell_rate("follow", all, begun.elapsed());
    timed("append until followed", 2000, async |_| {
        log.append(Partition(3), event(), Box::new(drop));
        follow_records(&mut tail, 1).await;
    })
    .await;
}
