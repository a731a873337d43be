//! Imports that were interrupted.

use futures::FutureExt;

use super::*;
use crate::transfer::Fill;

/// A log into which the first so many records of each partition of a file were imported.
async fn begun(partitions: &[Vec<NewRecord>], there: usize) -> MemoryLog {
    let first = |records: &Vec<NewRecord>| records.iter().take(there).cloned().collect();
    let log = log_of(&partitions.iter().map(first).collect::<Vec<Vec<NewRecord>>>());
    log.mark_unfinished().await.unwrap();
    log
}

#[tokio::test]
async fn an_import_goes_on_wherever_it_stopped() {
    let all = [peculiar(), Vec::new(), peculiar()];
    let file = exported(&log_of(&all)).await;
    for there in 0..=4 {
        let log = begun(&all, there).await;
        assert_eq!(imported(&file, &log).await.unwrap(), Moved { partitions: 3, records: 8 });
        assert_eq!(exported(&log).await, file);
        assert!(!log.is_unfinished().await.unwrap());
    }
}

#[tokio::test]
async fn a_log_is_unfinished_until_every_record_was_compared() {
    let file = exported(&log_of(&[vec![NewRecord::default(); 3_000]])).await;
    let log = MemoryLog::new(1);
    let looked = log.clone();
    let mut marked = Vec::new();
    let told = |_| marked.push(looked.is_unfinished().now_or_never().unwrap().unwrap());
    import(Cursor::new(&file), &log, told).await.unwrap();
    assert_eq!(marked, [true; 4]);
    assert!(!log.is_unfinished().await.unwrap());
}

#[tokio::test]
async fn the_first_record_that_is_not_the_files_is_named_with_both() {
    let mut all = [peculiar(), peculiar()];
    let file = exported(&log_of(&all)).await;
    all[1][2].value = bytes(b"something else");
    let log = begun(&all, 4).await;
    let outcome = imported(&file, &log).await;
    says(&outcome, "at offset 2 of partition 1 the log holds something else than the file");
    says(&outcome, r#""v":"something else"}"#);
    says(&outcome, r#""v":{"base64":"ww=="}}"#);
    says(&outcome, "into a new topic or folder");
    assert!(log.is_unfinished().await.unwrap(), "nobody may work on it");
}

#[tokio::test]
async fn an_unfinished_log_with_more_records_than_the_file_is_refused() {
    let file = small_file().await;
    let mut more = [peculiar(), Vec::new(), peculiar()];
    more[1].push(NewRecord::default());
    let outcome = imported(&file, &begun(&more, 5).await).await;
    says(&outcome, "partition 1 of the log has 1 records and the file 0");
}

#[tokio::test]
async fn what_somebody_else_wrote_meanwhile_leaves_the_log_unfinished() {
    let file = small_file().await;
    let log = MemoryLog::new(3);
    let intruder = log.clone();
    let told = move |progress: Progress| {
        if progress.done == progress.all {
            intruder.put(Partition(1), NewRecord::default()).unwrap();
        }
    };
    let error = import(Cursor::new(&file), &log, told).await.unwrap_err();
    assert!(error.to_string().contains("into a new topic or folder"), "{error}");
    assert!(log.is_unfinished().await.unwrap());
    // And the same import does not go on with it either.
    says(&imported(&file, &log).await, "partition 1 of the log has 1 records and the file 0");
}

/// Whoever begins the log in the moment between the look at it and the mark keeps it.
#[tokio::test]
async fn a_log_that_is_refused_is_not_marked() {
    let file = small_file().await;
    let log = log_of(&[peculiar(), Vec::new(), peculiar()]);
    says(&imported(&file, &log).await, "has 4 records already");
    assert!(!log.is_unfinished().await.unwrap());
    let other = MemoryLog::new(4);
    says(&imported(&file, &other).await, "a new topic or folder, which gets as many");
    assert!(!other.is_unfinished().await.unwrap());
}
