use std::sync::Arc;

use super::{
    chance::Chance,
    faulty::FaultyDisk,
    history::{History, PARTITIONS},
};
use crate::{
    LogError,
    embedded::{EmbeddedLog, disk::Disk},
};

const STORE: usize = 0;
const JOURNAL: usize = 1;
const JOURNAL_BYTES: u64 = 64 * 1024;

#[test]
fn a_file_that_is_no_store_is_called_damaged() {
    let faulty = Arc::new(FaultyDisk::default());
    faulty.damage(STORE, |bytes| bytes.extend(b"not a database at all".repeat(1000)));
    refused_as(&faulty, "damaged");
}

#[test]
fn a_store_without_its_beginning_is_called_damaged() {
    let faulty = closed_log();
    faulty.damage(STORE, |bytes| bytes[..512].fill(0));
    refused_as(&faulty, "damaged");
}

#[test]
fn a_store_cut_short_is_called_damaged() {
    let faulty = closed_log();
    faulty.damage(STORE, |bytes| bytes.truncate(bytes.len() / 2));
    refused_as(&faulty, "damaged");
}

#[test]
fn a_changed_bit_in_a_stored_record_is_noticed_when_it_is_read() {
    let faulty = closed_log();
    let needle = 77_u64.to_le_bytes().repeat(4);
    faulty.damage(STORE, |bytes| {
        let places: Vec<usize> = (0..bytes.len() - needle.len())
            .filter(|at| bytes[*at..].starts_with(&needle))
            .collect();
        assert!(!places.is_empty());
        for place in places {
            bytes[place] ^= 1;
        }
    });
    let disk: Arc<dyn Disk> = Arc::<FaultyDisk>::clone(&faulty);
    let read = EmbeddedLog::open_on(&disk, None, JOURNAL_BYTES).and_then(|log| {
        let everything = crate::embedded::ReadLimit { records: usize::MAX, bytes: usize::MAX };
        crate::Partition::all(PARTITIONS)
            .try_for_each(|partition| log.reader.read(partition, 0, everything).map(drop))
    });
    assert_unfit(read, "damaged");
}

#[test]
fn a_damaged_frame_before_a_whole_one_is_called_damaged() {
    let faulty = killed_log();
    faulty.damage(JOURNAL, |bytes| bytes[40] ^= 1);
    refused_as(&faulty, "log.journal");
}

#[test]
fn a_copy_that_lacks_the_journal_or_its_end_is_called_damaged() {
    for left in [0, 64, 40_000] {
        let faulty = killed_log();
        faulty.damage(JOURNAL, |bytes| bytes.truncate(left));
        refused_as(&faulty, "log.journal is missing or has lost its end");
    }
}

#[test]
fn a_store_on_which_redb_panics_is_called_damaged() {
    for (from, to) in [(4_096, 8_192), (8_192, 40_000), (4_096, 40_000), (600, 5_000)] {
        let faulty = closed_log();
        faulty.damage(STORE, |bytes| {
            let to = to.min(bytes.len());
            bytes[from..to].fill(0);
        });
        let disk: Arc<dyn Disk> = Arc::<FaultyDisk>::clone(&faulty);
        // Damage that nobody reads at start is met later.
        if let Err(error) = EmbeddedLog::open_on(&disk, None, JOURNAL_BYTES) {
            assert!(error.to_string().contains("damaged"), "{from} to {to}: {error}");
        }
    }
}

#[test]
fn a_store_of_another_moment_than_the_journal_is_refused() {
    let faulty = closed_log();
    let mut older = Vec::new();
    faulty.damage(STORE, |bytes| older.clone_from(bytes));
    drop(append_in_four_groups(&faulty));
    kill(&faulty, append_in_four_groups(&faulty));
    faulty.damage(STORE, |bytes| *bytes = older);
    refused_as(&faulty, "not of the same moment");
}

/// A log with everything in the store.
fn closed_log() -> Arc<FaultyDisk> {
    let faulty = Arc::new(FaultyDisk::default());
    drop(append_in_four_groups(&faulty));
    faulty
}

/// A log with frames in the journal.
fn killed_log() -> Arc<FaultyDisk> {
    let faulty = Arc::new(FaultyDisk::default());
    kill(&faulty, append_in_four_groups(&faulty));
    faulty
}

fn kill(faulty: &FaultyDisk, log: Arc<EmbeddedLog>) {
    faulty.lose_power_after(0);
    drop(log);
    faulty.come_back(&mut Chance(0));
}

fn append_in_four_groups(faulty: &Arc<FaultyDisk>) -> Arc<EmbeddedLog> {
    let disk: Arc<dyn Disk> = Arc::<FaultyDisk>::clone(faulty);
    let log = EmbeddedLog::open_on(&disk, Some(PARTITIONS), JOURNAL_BYTES).unwrap();
    let mut history = History::default();
    for _ in 0..4 {
        history.append(&log, 25, &mut Chance(1));
    }
    log
}

fn refused_as(faulty: &Arc<FaultyDisk>, why: &str) {
    let disk: Arc<dyn Disk> = Arc::<FaultyDisk>::clone(faulty);
    assert_unfit(EmbeddedLog::open_on(&disk, None, JOURNAL_BYTES), why);
}

fn assert_unfit<T: std::fmt::Debug>(outcome: Result<T, LogError>, why: &str) {
    match outcome {
        Err(LogError::Unfit(text)) => assert!(text.contains(why), "{text}"),
        outcome => panic!("{outcome:?}"),
    }
}
