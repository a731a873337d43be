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

/// Small, so that it moves into the store every few groups.
const JOURNAL_BYTES: u64 = 16 * 1024;

/// How many runs unless `SKLEP_SEEDS` says another number; each takes most of a second in a debug build.
const SEEDS: u64 = 20;
const CUTS: u64 = 6;

#[test]
fn a_power_cut_at_any_moment_loses_no_acknowledged_append_and_leaves_no_half_one() {
    let seeds = std::env::var("SKLEP_SEEDS").map_or(SEEDS, |seeds| seeds.parse().unwrap());
    for seed in 0..seeds {
        run(seed);
    }
}

fn run(seed: u64) {
    eprintln!("seed {seed}");
    let mut chance = Chance(seed);
    let faulty = Arc::new(FaultyDisk::default());
    let disk: Arc<dyn Disk> = Arc::<FaultyDisk>::clone(&faulty);
    let mut history = History::default();
    for _ in 0..CUTS {
        // Sometimes it comes while the log is opened or begun, sometimes after many transactions.
        let operations = [20, 100, 1000][usize::try_from(chance.below(3)).unwrap()];
        faulty.lose_power_after(chance.below(operations));
        match open(&disk) {
            Ok(log) => append_until_it_fails(&log, &mut history, &mut chance),
            Err(LogError::Unavailable(_)) => {}
            Err(LogError::Unfit(why)) => panic!("{why}"),
        }
        faulty.come_back(&mut chance);
        history.check(&open(&disk).unwrap());
    }
}

fn append_until_it_fails(log: &EmbeddedLog, history: &mut History, chance: &mut Chance) {
    loop {
        let count = 1 + chance.below(12);
        if history.append(log, count, chance) == 0 {
            return;
        }
    }
}

fn open(disk: &Arc<dyn Disk>) -> Result<Arc<EmbeddedLog>, LogError> {
    EmbeddedLog::open_on(disk, Some(PARTITIONS), JOURNAL_BYTES)
}
