//! The measuring.

#![expect(clippy::arithmetic_side_effects, reason = "an overflow in a test is a failed test")]

use std::{
    fs::File,
    io::Write,
    path::Path,
    sync::mpsc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use event_log::{EmbeddedLog, EventLog, NewRecord, Partition};

const APPENDS: usize = 4_000;

#[test]
#[ignore = "measures, which means nothing in a debug build"]
#[expect(clippy::print_stdout, reason = "what was measured is what this is for")]
fn appends_against_a_plain_write_and_fsync() {
    let folder = tempfile::tempdir_in(".").unwrap();
    let log = EmbeddedLog::open(&folder.path().join("log"), None).unwrap();
    let plain = plain_appends(&folder.path().join("plain"));
    println!("plain write and fsync:     p50 {:?}, p99 {:?}", at(&plain, 50), at(&plain, 99));
    let mut records = 0;
    for in_flight in [1, 64] {
        let begun = Instant::now();
        let count = APPENDS * in_flight;
        let times = log_appends(log.as_ref(), count, in_flight);
        let rate = u128::try_from(count).unwrap() * 1000 / begun.elapsed().as_millis();
        let share = at(&times, 50).as_nanos() * 100 / at(&plain, 50).as_nanos();
        println!(
            "embedded log, {in_flight} in flight: p50 {:?} ({share} % of plain), p99 {:?}, {rate} a second",
            at(&times, 50),
            at(&times, 99),
        );
        records += count;
    }
    drop(log);
    let begun = Instant::now();
    let log = EmbeddedLog::open(&folder.path().join("log"), None).unwrap();
    println!("opened in {:?}", begun.elapsed());
    let begun = Instant::now();
    let mut tail = log.follow(Partition::all(12).map(|partition| (partition, 0)).collect());
    let mut seen = 0;
    while seen < records {
        seen += tail.blocking_recv().unwrap().unwrap().records.len();
    }
    println!("followed {seen} records from the beginning in {:?}", begun.elapsed());
}

fn plain_appends(path: &Path) -> Vec<Duration> {
    let mut file = File::create(path).unwrap();
    let mut once = || {
        let begun = Instant::now();
        file.write_all(&[7; 400]).unwrap();
        file.sync_data().unwrap();
        begun.elapsed()
    };
    (0..APPENDS).map(|_| once()).collect()
}

fn log_appends(log: &dyn EventLog, count: usize, in_flight: usize) -> Vec<Duration> {
    let (done, acknowledged) = mpsc::channel();
    let send = |number: usize| {
        let (begun, done) = (Instant::now(), done.clone());
        let partition = Partition(u16::try_from(number * 7 % 12).unwrap());
        log.append(
            partition,
            record(number),
            Box::new(move |outcome| {
                outcome.unwrap();
                done.send(begun.elapsed()).unwrap();
            }),
        );
    };
    (0..in_flight).for_each(send);
    let mut times = Vec::new();
    for number in in_flight..count {
        times.push(acknowledged.recv().unwrap());
        send(number);
    }
    times.extend((0..in_flight).map(|_| acknowledged.recv().unwrap()));
    times
}

/// About 400 bytes, as an event of the shop has.
fn record(number: usize) -> NewRecord {
    NewRecord {
        key: Some(Bytes::from(format!("customer-{number}"))),
        headers: ["ce_id", "ce_type", "ce_source", "ce_time", "ce_writer", "ce_writerepoch"]
            .map(|name| (name, Some("0123456789")))
            .into_iter()
            .collect(),
        value: Some(Bytes::from(vec![b'x'; 250])),
        timestamp: 1_700_000_000_000,
    }
}

fn at(times: &[Duration], percent: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times[(times.len() * percent / 100).min(times.len() - 1)]
}
