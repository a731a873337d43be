//! A process that appends and is killed.

#![expect(clippy::arithmetic_side_effects, reason = "an overflow in a test is a failed test")]

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
};

use bytes::Bytes;
use event_log::{EmbeddedLog, EventLog, LogError, NewRecord, Offset, Partition, RecordId};

use crate::contract::numbered;

const FOLDER: &str = "SKLEP_TEST_APPEND_TO";
const PARTITIONS: u16 = 3;
const KILLS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_before_a_kill_is_there_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for kill in 0..KILLS {
        // From the very beginning to after the journal has moved into the store.
        acknowledged.extend(append_and_kill(folder.path(), kill * kill * 5));
        let log = EmbeddedLog::open(folder.path(), Some(PARTITIONS)).unwrap();
        let stored = whole_records(log.as_ref()).await;
        for (place, number) in &acknowledged {
            assert_eq!(stored.get(place), Some(number), "{place:?} after kill {kill}");
        }
    }
    assert!(acknowledged.len() > 5_000, "the child was killed too early to show anything");
}

/// Has a child append until it has reported so many appends, kills it, and gives everything that it reported.
fn append_and_kill(folder: &Path, reports: usize) -> Vec<(RecordId, u64)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "killed::the_child_appends_until_it_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut reported: Vec<_> =
        lines.by_ref().filter_map(|line| parse(&line)).take(reports).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    reported.extend(lines.filter_map(|line| parse(&line)));
    reported
}

/// A last line that was cut off lacks its final word.
fn parse(line: &str) -> Option<(RecordId, u64)> {
    let numbers = line.strip_prefix("acknowledged ")?.strip_suffix(" .")?;
    let mut numbers = numbers.split(' ').map(|number| number.parse::<u64>().unwrap());
    let partition = Partition(u16::try_from(numbers.next()?).unwrap());
    Some((RecordId { partition, offset: numbers.next()? }, numbers.next()?))
}

/// The number of each record by its place; every record is one that was appended.
async fn whole_records(log: &dyn EventLog) -> HashMap<RecordId, u64> {
    let mut numbers = HashMap::new();
    for partition in Partition::all(PARTITIONS) {
        let mut next = 0;
        while next < log.end(partition).await.unwrap() {
            for stored in log.read(partition, next, 1000).await.unwrap() {
                let number =
                    u64::try_from(stored.record.timestamp - numbered(0).timestamp).unwrap();
                assert_eq!((stored.offset, &stored.record), (next, &large(number)));
                numbers.insert(RecordId { partition, offset: next }, number);
                next += 1;
            }
        }
    }
    numbers
}

fn large(number: u64) -> NewRecord {
    NewRecord { value: Some(Bytes::from(number.to_string().repeat(500))), ..numbered(number) }
}

#[test]
#[ignore = "is the child of the test above"]
fn the_child_appends_until_it_is_killed() {
    let folder = std::env::var(FOLDER).expect("run the test that starts this one");
    let log = EmbeddedLog::open(Path::new(&folder), Some(PARTITIONS)).unwrap();
    let (tell, told) = mpsc::channel();
    for number in 0_u64.. {
        let partition = Partition(u16::try_from(number % u64::from(PARTITIONS)).unwrap());
        let tell = tell.clone();
        let receipt = move |stored: Result<Option<Offset>, LogError>| {
            // Nobody listens once this process is being killed.
            let _ = tell.send((partition, stored.unwrap().unwrap(), number));
        };
        log.append(partition, large(number), Box::new(receipt));
        // Sixteen in flight, so that groups of them are stored together.
        if number >= 16 {
            report(told.recv().unwrap());
        }
    }
}

fn report((partition, offset, number): (Partition, Offset, u64)) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "acknowledged {partition} {offset} {number} .").unwrap();
    out.flush().unwrap();
}
