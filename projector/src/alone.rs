//! What the log alone says of an event, whatever the views hold.

use std::collections::{BTreeMap, BTreeSet};

use domain::Currency;
use event_log::{EventLog, LogError, Offset, Partition, StoredRecord};

use crate::{
    DocumentCache, StoreContents, drive,
    partition::{Needs, PartitionProjection, Stop},
};

/// How many records are read at once: some 500 kB.
const PAGE: usize = 1_000;

/// An event in question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) partition: Partition,
    pub(crate) currency: Currency,
    pub(crate) key: &'a str,
    pub(crate) event: Offset,
}

/// Tells a course that doubts an event what the log alone says of it.
pub(crate) async fn decide(
    course: &mut PartitionProjection,
    log: &dyn EventLog,
    key: &str,
    event: Offset,
) -> Result<(), LogError> {
    let fits = fits(log, course.question(key, event)).await?;
    course.heard(event, fits);
    Ok(())
}

/// Whether its key's earlier events lead to it. Reads the partition from the log's begin up to the event, which takes as long
/// as a part of a rebuild; an event that does not fit is rare.
async fn fits(log: &dyn EventLog, question: Question<'_>) -> Result<bool, LogError> {
    let mut skips = BTreeSet::new();
    loop {
        match replay(log, question, &skips).await? {
            Ok(fits) => return Ok(fits),
            // Known from the begin on, it is left out in its turn.
            Err(Stop::SkippedAfterwards { event, .. }) if skips.insert(event) => {}
            Err(stop) => return Err(LogError::Unfit(stop.to_string())),
        }
    }
}

async fn replay(
    log: &dyn EventLog,
    question: Question<'_>,
    skips: &BTreeSet<Offset>,
) -> Result<Result<bool, Stop>, LogError> {
    let Question { partition, currency, key, event } = question;
    let image = DocumentCache::beside(StoreContents::Nothing);
    let replay = PartitionProjection::replay(partition, currency, image, BTreeMap::new());
    let mut course = replay.with_skips(skips).only(key);
    let mut at = 0;
    while at <= event {
        let mut records = log.read(partition, at, PAGE).await?;
        records.retain(|stored| stored.offset <= event);
        let Some(last) = records.last() else {
            return Err(LogError::Unavailable("it does not show records that it has".into()));
        };
        at = last.offset.saturating_add(1);
        if let Err(stop) = take(&mut course, log, partition, &records).await? {
            return Ok(Err(stop));
        }
    }
    Ok(Ok(!course.is_blocked_by(key, event)))
}

async fn take(
    course: &mut PartitionProjection,
    log: &dyn EventLog,
    partition: Partition,
    records: &[StoredRecord],
) -> Result<Result<(), Stop>, LogError> {
    if let Err(stop) = course.read(records) {
        return Ok(Err(stop));
    }
    loop {
        match course.go_on() {
            Err(stop) => return Ok(Err(stop)),
            Ok(Needs::Done) => return Ok(Ok(())),
            // It is beside no store, and never asks for any.
            Ok(Needs::Documents(_)) => course.loaded(Vec::new()),
            Ok(Needs::Doubt { event, .. }) => course.heard(event, false),
            Ok(Needs::Records(offsets)) => {
                course.reread(&drive::read(log, partition, &offsets).await?);
            }
        }
    }
}
