mod closed;
mod unfinished;

use std::io::Cursor;

use bytes::Bytes;
use proptest::{option, prelude::*};
use uuid::Uuid;

use super::*;
use crate::{
    EventLog, Headers, LogId, MemoryLog, NewRecord, Partition, Timestamp, WriterId, identity,
};

#[expect(
    clippy::unnecessary_wraps,
    reason = "a key, a value or a header's value, which may be absent"
)]
fn bytes(of: &[u8]) -> Option<Bytes> {
    Some(Bytes::copy_from_slice(of))
}

/// Everything that is easily lost on the way.
fn peculiar() -> Vec<NewRecord> {
    vec![
        NewRecord::default(),
        NewRecord {
            key: bytes(b""),
            value: bytes(b""),
            timestamp: -1,
            headers: [("", bytes(b""))].into_iter().collect(),
        },
        NewRecord {
            key: bytes(&[0xFF, 0]),
            value: bytes(&[0xC3]),
            timestamp: i64::MAX,
            headers: Headers::default(),
        },
        NewRecord {
            key: bytes("żółw\n\u{0}\"".as_bytes()),
            value: bytes(br#"{"base64":"AP8="}"#),
            timestamp: i64::MIN,
            headers: [
                ("b", None),
                ("a", bytes(&[0xFE])),
                ("b", bytes(b"again")),
                ("ż\"\n", bytes(b"x")),
            ]
            .into_iter()
            .collect(),
        },
    ]
}

fn log_of(partitions: &[Vec<NewRecord>]) -> MemoryLog {
    let log = MemoryLog::new(u16::try_from(partitions.len()).unwrap());
    for (partition, records) in (0..).map(Partition).zip(partitions) {
        for record in records {
            log.put(partition, record.clone()).unwrap();
        }
    }
    log
}

async fn exported(log: &MemoryLog) -> Vec<u8> {
    let mut file = Vec::new();
    export(log, &mut file, |_| ()).await.unwrap();
    file
}

async fn imported(file: &[u8], log: &MemoryLog) -> Result<Moved, TransferError> {
    import(Cursor::new(file), log, |_| ()).await
}

async fn records(log: &MemoryLog) -> Vec<Vec<NewRecord>> {
    let mut partitions = Vec::new();
    for partition in Partition::all(log.partitions()) {
        let stored = log.read(partition, 0, usize::MAX).await.unwrap();
        partitions.push(stored.into_iter().map(|stored| stored.record).collect());
    }
    partitions
}

/// A file of three partitions with a few records each.
async fn small_file() -> Vec<u8> {
    exported(&log_of(&[peculiar(), Vec::new(), peculiar()])).await
}

#[track_caller]
fn says(outcome: &Result<Moved, TransferError>, why: &str) {
    let Err(TransferError::Refused(text)) = outcome else {
        panic!("it is not refused: {outcome:?}")
    };
    assert!(text.contains(why), "{text}");
}

#[tokio::test]
async fn a_log_comes_back_as_it_was() {
    let old = log_of(&[peculiar(), Vec::new(), peculiar()]);
    let file = exported(&old).await;
    let new = MemoryLog::new(3);
    assert_eq!(imported(&file, &new).await.unwrap(), Moved { partitions: 3, records: 8 });
    assert_eq!(records(&new).await, records(&old).await);
    assert_eq!(exported(&new).await, file);
}

#[tokio::test]
async fn the_file_is_as_documented() {
    let log = MemoryLog::new(2);
    let id = LogId(Uuid::from_u128(7));
    identity::begin(&log, id, WriterId(id.0), Timestamp(5)).await.unwrap();
    log.put(Partition(1), peculiar().remove(2)).unwrap();
    let file = String::from_utf8(exported(&log).await).unwrap();
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(
        lines[0],
        format!(r#"{{"sklep_export":1,"log_id":"{id}","partitions":2,"records":[1,1]}}"#)
    );
    assert!(
        lines[1]
            .starts_with(r#"{"p":0,"o":0,"t":5,"k":null,"h":[["ce_specversion","1.0"],["ce_id","#)
    );
    assert_eq!(
        lines[2],
        r#"{"p":1,"o":0,"t":9223372036854775807,"k":{"base64":"/wA="},"h":[],"v":{"base64":"ww=="}}"#
    );
    assert!(lines[3].starts_with(r#"{"records":2,"sha256":""#));
    assert_eq!((lines.len(), file.ends_with("}\n")), (4, true));
}

#[tokio::test]
async fn an_empty_log_can_be_moved_too() {
    let file = exported(&MemoryLog::new(2)).await;
    assert!(
        file.starts_with(br#"{"sklep_export":1,"log_id":null,"partitions":2,"records":[0,0]}"#)
    );
    assert_eq!(imported(&file, &MemoryLog::new(2)).await.unwrap().records, 0);
}

#[tokio::test]
async fn a_file_that_is_cut_anywhere_is_refused_before_anything_is_written() {
    let file = small_file().await;
    let log = MemoryLog::new(3);
    for length in 0..file.len() {
        let outcome = imported(&file[..length], &log).await;
        assert!(matches!(outcome, Err(TransferError::Refused(_))), "cut to {length}: {outcome:?}");
    }
    assert_eq!(records(&log).await, [[], [], []]);
    imported(&file, &log).await.unwrap();
}

#[tokio::test]
async fn a_file_that_was_changed_anywhere_is_refused_before_anything_is_written() {
    let file = small_file().await;
    let log = MemoryLog::new(3);
    for place in 0..file.len() {
        let mut changed = file.clone();
        changed[place] ^= 1;
        let outcome = imported(&changed, &log).await;
        assert!(
            matches!(outcome, Err(TransferError::Refused(_))),
            "changed at {place}: {outcome:?}"
        );
    }
    assert_eq!(records(&log).await, [[], [], []]);
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_said() {
    let file = String::from_utf8(small_file().await).unwrap();
    let log = MemoryLog::new(3);
    let newer = file.replacen(r#""sklep_export":1"#, r#""sklep_export":2"#, 1);
    says(&imported(newer.as_bytes(), &log).await, "has format 2; this program reads format 1");
    says(&imported(b"name,price\n", &log).await, "no export of Sklep's log");
    says(&imported(b"", &log).await, "no export of Sklep's log");
    says(&imported(format!("{file}{file}").as_bytes(), &log).await, "something follows");
    let swapped = file.replacen(r#""p":0,"o":1"#, r#""p":0,"o":2"#, 1);
    says(
        &imported(swapped.as_bytes(), &log).await,
        "line 3 of the export cannot be read: offset 1 of partition 0",
    );
    let half: String = file.split_inclusive('\n').take(4).collect();
    says(&imported(half.as_bytes(), &log).await, "cut off in line 5");
}

#[tokio::test]
async fn a_log_that_has_records_is_refused_and_left_alone() {
    let file = small_file().await;
    let log = MemoryLog::new(3);
    imported(&file, &log).await.unwrap();
    says(&imported(&file, &log).await, "partition 0 of the log has 4 records already");
    assert_eq!(exported(&log).await, file);
    let begun = log_of(&[vec![], vec![], vec![NewRecord::default()]]);
    says(&imported(&file, &begun).await, "partition 2 of the log has 1 records already");
}

#[tokio::test]
async fn a_log_with_another_number_of_partitions_is_refused() {
    let log = MemoryLog::new(4);
    says(
        &imported(&small_file().await, &log).await,
        "import into a new topic or folder, which gets as many",
    );
    assert_eq!(records(&log).await, [[], [], [], []]);
}

#[tokio::test]
async fn somebody_elses_record_in_between_is_noticed() {
    let many = log_of(&[vec![NewRecord::default(); 2_500]]);
    let file = exported(&many).await;
    let log = MemoryLog::new(1);
    let intruder = log.clone();
    let told = move |_| drop(intruder.put(Partition(0), NewRecord::default()));
    let outcome = import(Cursor::new(file), &log, told).await;
    assert!(matches!(outcome, Err(TransferError::Partial(_))), "{outcome:?}");
}

#[tokio::test]
async fn somebody_elses_record_at_the_end_is_noticed() {
    let file = small_file().await;
    let log = MemoryLog::new(3);
    let intruder = log.clone();
    let told = move |progress: Progress| {
        if progress.done == progress.all {
            intruder.put(Partition(1), NewRecord::default()).unwrap();
        }
    };
    let outcome = import(Cursor::new(file), &log, told).await;
    assert!(matches!(outcome, Err(TransferError::Partial(_))), "{outcome:?}");
}

#[tokio::test]
async fn progress_is_told_to_the_end() {
    let old = log_of(&[vec![NewRecord::default(); 2_500], vec![NewRecord::default()]]);
    let mut told = Vec::new();
    let mut file = Vec::new();
    export(&old, &mut file, |progress| told.push(progress)).await.unwrap();
    assert_eq!(told.last(), Some(&Progress { done: 2_501, all: 2_501 }));
    told.clear();
    import(Cursor::new(file), &MemoryLog::new(2), |progress| told.push(progress)).await.unwrap();
    let done: Vec<u64> = told.iter().map(|progress| progress.done).collect();
    assert_eq!(done, [1_000, 2_000, 2_501]);
}

#[tokio::test]
async fn a_live_log_is_exported_as_it_was_at_the_beginning() {
    let log = log_of(&[vec![NewRecord::default(); 3]]);
    let writer = log.clone();
    let mut file = Vec::new();
    let told = move |_| drop(writer.put(Partition(0), NewRecord::default()));
    let moved = export(&log, &mut file, told).await.unwrap();
    assert_eq!(moved.records, 3);
    assert_eq!(file, exported(&log_of(&[vec![NewRecord::default(); 3]])).await);
}

#[tokio::test]
async fn a_file_without_a_line_end_is_refused_before_it_fills_the_memory() {
    let one_line = Cursor::new(vec![b'x'; (64 << 20) + 1]);
    let outcome = import(one_line, &MemoryLog::new(1), |_| ()).await.unwrap_err();
    assert!(outcome.to_string().contains("line 1 of the file is longer"), "{outcome}");
}

#[tokio::test]
async fn a_file_of_more_partitions_than_any_log_has_is_refused() {
    let counts = "0,".repeat(65_534) + "0";
    let beginning =
        format!(r#"{{"sklep_export":1,"log_id":null,"partitions":65535,"records":[{counts}]}}"#);
    let outcome = partitions_of(Cursor::new(beginning + "\n")).unwrap_err();
    assert!(outcome.to_string().contains("at most 65,534 partitions"), "{outcome}");
}

#[tokio::test]
async fn a_log_that_fails_is_not_taken_for_a_whole_one() {
    let log = log_of(&[peculiar()]);
    log.spoil("records were deleted");
    let outcome = export(&log, &mut Vec::new(), |_| ()).await;
    assert!(matches!(outcome, Err(TransferError::Log(_))), "{outcome:?}");
}

fn blob() -> impl Strategy<Value = Option<Bytes>> {
    let text = ".{0,20}".prop_map(Bytes::from);
    let binary = prop::collection::vec(any::<u8>(), 0..20).prop_map(Bytes::from);
    option::of(prop_oneof![text, binary])
}

prop_compose! {
    fn record()(
        key in blob(), value in blob(), timestamp: i64, headers in prop::collection::vec((".{0,10}", blob()), 0..5),
    ) -> NewRecord {
        NewRecord { key, headers: headers.into_iter().collect(), value, timestamp }
    }
}

proptest! {
    #[test]
    fn whatever_a_log_holds_comes_back(
        partitions in prop::collection::vec(prop::collection::vec(record(), 0..6), 1..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let new = MemoryLog::new(u16::try_from(partitions.len()).unwrap());
            let file = exported(&log_of(&partitions)).await;
            imported(&file, &new).await.unwrap();
            assert_eq!(records(&new).await, partitions);
            assert_eq!(exported(&new).await, file);
        });
    }

    /// `PROPTEST_CASES=1000000` tries more of them.
    #[test]
    fn a_damaged_export_is_refused_and_ends_nothing(
        partitions in prop::collection::vec(prop::collection::vec(record(), 0..4), 1..4),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in option::of(any::<prop::sample::Index>()),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let whole = exported(&log_of(&partitions)).await;
            let mut file = whole.clone();
            for (at, byte) in damage {
                let at = at.index(file.len());
                file[at] = byte;
            }
            if let Some(cut) = cut {
                file.truncate(cut.index(file.len()));
            }
            let new = MemoryLog::new(u16::try_from(partitions.len()).unwrap());
            assert_eq!(imported(&file, &new).await.is_ok(), file == whole);
        });
    }
}
