//! How fast it is. Run by hand:
//! `cargo test --release -p event-log --test kafka pace -- --ignored --nocapture`
#![expect(clippy::print_stdout, reason = "its numbers are for whoever runs it")]

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use event_log::{EventLog, LogError, NewRecord, Partition};
use testkit::{Kafka, KafkaOptions};

use crate::support::{append, follow_records, record, settings, store};

fn median(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

async fn timed(count: u32, mut work: impl AsyncFnMut(u32)) -> (Duration, Duration) {
    let mut times = Vec::new();
    for n in 0..count {
        let begun = Instant::now();
        work(n).await;
        times.push(begun.elapsed());
    }
    median(times)
}

#[tokio::test]
#[ignore = "a measurement"]
async fn pace() {
    let jvm = ["-Xmx1g", "-Xms1g"].map(str::to_owned).into();
    let kafka =
        Kafka::start_with(&KafkaOptions { jvm, ..KafkaOptions::default() }).expect("Kafka starts");
    let begun = Instant::now();
    let log =
        event_log::KafkaLog::open(settings(kafka.bootstrap(), 12)).await.expect("the log opens");
    println!("open with a new topic: {:?}", begun.elapsed());
    let event = NewRecord { value: Some(vec![b'x'; 400].into()), ..record("") };

    println!(
        "first append: {:?}",
        timed(1, async |_| drop(store(&*log, 0, event.clone()).await)).await.0
    );
    timed(3000, async |_| drop(store(&*log, 0, event.clone()).await)).await;
    let one = timed(3000, async |_| drop(store(&*log, 0, event.clone()).await)).await;
    println!("append, one at a time (p50, p99): {one:?}");
    for partitions in [1, 12] {
        let count = 100_000_u32;
        let begun = Instant::now();
        let mut waiting = VecDeque::<tokio::sync::oneshot::Receiver<Result<_, LogError>>>::new();
        for n in 0..count {
            if waiting.len() == 64 {
                let told: tokio::sync::oneshot::Receiver<_> =
                    waiting.pop_front().expect("64 of them");
                told.await.expect("a receipt").expect("stored");
            }
            waiting.push_back(append(
                &*log,
                u16::try_from(n % partitions).expect("small"),
                event.clone(),
            ));
        }
        for told in waiting {
            told.await.expect("a receipt").expect("stored");
        }
        println!(
            "64 in flight over {partitions} partitions: {:.0} a second",
            f64::from(count) / begun.elapsed().as_secs_f64()
        );
    }
    println!(
        "end (p50, p99): {:?}",
        timed(1000, async |_| drop(log.end(Partition(0)).await.expect("an end"))).await
    );
    let end = log.end(Partition(0)).await.expect("an end");
    let one = timed(300, async |n| {
        drop(log.read(Partition(0), u64::from(n) * 97 % end, 1).await.expect("read"))
    })
    .await;
    println!("read of one record (p50, p99): {one:?}");
    let many = timed(50, async |n| {
        drop(log.read(Partition(0), u64::from(n) * 997 % end, 1000).await.expect("read"))
    })
    .await;
    println!("read of 1000 records (p50, p99): {many:?}");

    let mut all = 0_usize;
    for partition in Partition::all(12) {
        all += usize::try_from(log.end(partition).await.expect("an end")).expect("small");
    }
    let begun = Instant::now();
    let mut tail = log.follow(Partition::all(12).map(|partition| (partition, 0)).collect());
    let followed = follow_records(&mut tail, all).await.len();
    println!(
        "follow: {:.0} records a second",
        f64::from(u32::try_from(followed).expect("small")) / begun.elapsed().as_secs_f64()
    );
    let seen = timed(2000, async |_| {
        log.append(Partition(3), event.clone(), Box::new(drop));
        follow_records(&mut tail, 1).await;
    })
    .await;
    println!("append until followed (p50, p99): {seen:?}");
}
