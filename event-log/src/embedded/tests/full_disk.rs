use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::{
    chance::Chance,
    faulty::FaultyDisk,
    history::{History, PARTITIONS},
};
use crate::embedded::{EmbeddedLog, disk::Disk};

const JOURNAL_BYTES: u64 = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn a_full_disk_refuses_appends_and_heals_by_itself() {
    for seed in 0..30 {
        run(seed);
    }
}

fn run(seed: u64) {
    eprintln!("seed {seed}");
    let mut chance = Chance(seed);
    let faulty = Arc::new(FaultyDisk::default());
    let disk: Arc<dyn Disk> = Arc::<FaultyDisk>::clone(&faulty);
    let mut history = History::default();
    let log = EmbeddedLog::open_on(&disk, Some(PARTITIONS), JOURNAL_BYTES).unwrap();
    for _ in 0..2 {
        faulty.set_free_blocks(Some(chance.below(100)));
        while history.append(&log, 1 + chance.below(20), &mut chance) > 0 {}
        until("it is read while the disk is full", || log.reader.store.ends(PARTITIONS).is_ok());
        assert_eq!(
            history.append(&log, 1, &mut chance),
            0,
            "nothing is accepted while the disk is full"
        );
        faulty.set_free_blocks(None);
        until("it accepts again", || history.append(&log, 1, &mut chance) == 1);
        history.check_only_acknowledged(&log);
    }
    drop(log);
    history.check_only_acknowledged(&EmbeddedLog::open_on(&disk, None, JOURNAL_BYTES).unwrap());
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}
