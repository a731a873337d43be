//! Looking at every record that a log has now.

use std::collections::BTreeMap;

use event_log::{Batch, EventLog, LogError, LogIdentity, Offset, Partition, transfer::closed_ends};

use super::scan::{LogScan, Survey};
use crate::progress::Progress;

/// Surveys every record that the log has now, in the partitions that it was begun with: others are no part of it.
pub(super) async fn of(
    log: &dyn EventLog,
    identity: Option<LogIdentity>,
) -> Result<Survey, LogError> {
    let has = log.partitions();
    let partitions = identity.map_or(has, |identity| identity.partitions);
    // Ends of which each purchase has its price before them, also while the shop sells.
    let ends = closed_ends(log, partitions.min(has)).await?;
    let mut ends: BTreeMap<Partition, Offset> = Partition::all(has).zip(ends).collect();
    ends.retain(|_, end| *end > 0);
    let total = ends.values().copied().fold(0, Offset::saturating_add);
    let mut progress = Progress::start("records", Some(total));
    let mut survey = Survey::of(partitions, identity);
    let mut walks: BTreeMap<Partition, LogScan> = BTreeMap::new();
    let mut tail = log.follow(ends.keys().map(|partition| (*partition, 0)).collect());
    while !ends.is_empty() {
        let Some(batch) = tail.recv().await else {
            return Err(LogError::Unavailable("it stopped giving records".into()));
        };
        let batch = batch?;
        let Some(end) = ends.get(&batch.partition).copied() else { continue };
        let walk = walks.entry(batch.partition).or_insert_with(|| LogScan::along(batch.partition));
        for stored in batch.records.iter().filter(|stored| stored.offset < end) {
            walk.take(stored, &mut survey);
        }
        if next(&batch) >= end {
            ends.remove(&batch.partition);
        }
        progress.at(survey.records);
    }
    progress.finish();
    for walk in walks.into_values() {
        walk.end(&mut survey);
    }
    Ok(survey)
}

fn next(batch: &Batch) -> Offset {
    batch.records.last().map_or(0, |last| last.offset.saturating_add(1))
}
