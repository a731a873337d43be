//! Opening, closing and opening again.

use std::{path::Path, sync::Arc};

use event_log::{DEFAULT_PARTITIONS, EmbeddedLog, EventLog, LogError, Partition};
use redb::{Database, TableDefinition};

use crate::contract::{append, numbered};

#[test]
fn the_folder_is_made_and_keeps_its_partitions() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("deep").join("down");
    assert_eq!(open(&folder, Some(5)).unwrap().partitions(), 5);
    assert_eq!(open(&folder, None).unwrap().partitions(), 5);
    assert_eq!(open(&folder, Some(5)).unwrap().partitions(), 5);
    let refused = unfit(open(&folder, Some(12)));
    assert!(
        refused.contains("has 5 partitions, not 12") && refused.contains("--partitions 5"),
        "{refused}"
    );
}

#[test]
fn what_is_stored_is_readable_by_its_owner_only() {
    use std::{fs, os::unix::fs::PermissionsExt as _};
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("data");
    drop(open(&folder, None).unwrap());
    assert_eq!(mode(&folder), 0o700);
    let files = || fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(files().count(), 2);
    for path in files() {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        // As older versions made them.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    }
    drop(open(&folder, None).unwrap());
    assert!(files().all(|path| mode(&path) == 0o600));
}

#[test]
fn a_link_where_a_new_store_is_made_is_not_followed() {
    let place = tempfile::tempdir().unwrap();
    let needed = place.path().join("needed");
    std::fs::write(&needed, "needed").unwrap();
    let folder = place.path().join("data");
    std::fs::create_dir(&folder).unwrap();
    std::os::unix::fs::symlink(&needed, folder.join("log.redb.new")).unwrap();
    drop(open(&folder, None).unwrap());
    assert_eq!(std::fs::read(&needed).unwrap(), b"needed");
}

#[test]
fn a_log_is_begun_with_the_usual_partitions_when_nobody_says() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(open(folder.path(), None).unwrap().partitions(), DEFAULT_PARTITIONS);
}

#[test]
fn a_log_without_partitions_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(unfit(open(folder.path(), Some(0))).contains("--partitions 1"));
    assert_eq!(open(folder.path(), Some(1)).unwrap().partitions(), 1);
}

#[test]
fn a_folder_in_use_is_refused_and_free_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), None).unwrap();
    let refused = unfit(open(folder.path(), None));
    assert!(refused.contains("another sklep works in the folder"), "{refused}");
    assert!(
        refused.contains(&folder.path().display().to_string()) && refused.contains("--data"),
        "{refused}"
    );
    drop(log);
    open(folder.path(), None).unwrap();
}

#[test]
fn a_newer_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path(), None));
    let database = Database::open(folder.path().join("log.redb")).unwrap();
    let transaction = database.begin_write().unwrap();
    let facts: TableDefinition<'_, &str, u64> = TableDefinition::new("log");
    transaction.open_table(facts).unwrap().insert("format", 2).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let refused = unfit(open(folder.path(), None));
    assert!(refused.contains("newer sklep"), "{refused}");
}

#[test]
fn a_folder_that_cannot_be_made_is_unavailable_and_named() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    std::fs::write(&file, "").unwrap();
    let Err(LogError::Unavailable(cause)) = open(&file.join("log"), None) else {
        panic!("opened in a file")
    };
    assert!(cause.to_string().contains("file"), "{cause}");
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_stores_what_was_queued_and_ends_the_tails() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), None).unwrap();
    let mut tail = log.follow(vec![(Partition(3), 0)]);
    let receipts: Vec<_> =
        (0..300).map(|number| append(log.as_ref(), Partition(3), numbered(number))).collect();
    drop(log);
    for receipt in receipts {
        receipt.await.unwrap().unwrap();
    }
    while let Some(batch) = tail.recv().await {
        batch.unwrap();
    }
    let log = open(folder.path(), None).unwrap();
    let records = log.read(Partition(3), 0, 1000).await.unwrap();
    assert!(records.into_iter().map(|stored| stored.record).eq((0..300).map(numbered)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_bounded_in_bytes_and_goes_on_across_the_journal_and_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let large = |number| event_log::NewRecord {
        value: Some(vec![b'x'; 300_000].into()),
        ..numbered(number)
    };
    for reopened in 0..3 {
        let log = open(folder.path(), None).unwrap();
        // Fifteen megabytes: the journal moves into the store meanwhile.
        for number in reopened * 50..reopened * 50 + 50 {
            append(log.as_ref(), Partition(0), large(number)).await.unwrap().unwrap();
        }
        let mut next = 0;
        while next < reopened * 50 + 50 {
            let records = log.read(Partition(0), next, usize::MAX).await.unwrap();
            assert!(
                (1..=15).contains(&records.len()),
                "{} records of 300 kB at once",
                records.len()
            );
            for stored in records {
                assert_eq!((stored.offset, stored.record), (next, large(next)));
                next += 1;
            }
        }
    }
}

fn open(folder: &Path, partitions: Option<u16>) -> Result<Arc<EmbeddedLog>, LogError> {
    EmbeddedLog::open(folder, partitions)
}

fn unfit(opened: Result<Arc<EmbeddedLog>, LogError>) -> String {
    match opened {
        Err(LogError::Unfit(why)) => why,
        outcome => panic!("{outcome:?}"),
    }
}
