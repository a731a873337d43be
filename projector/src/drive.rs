//! Gives a course what it asks for.

use std::collections::BTreeSet;

use event_log::{EventLog, LogError, Offset, Partition, StoredRecord};
use views::{GenerationName, StoreError, ViewFeed};

use crate::{
    alone,
    partition::{Needs, PartitionProjection, Stop},
};

/// How many records are read at once where some of them are needed.
const PAGE: usize = 100;

/// What documents are loaded from.
#[derive(Clone, Copy)]
pub(crate) struct Store<'a, Views: ?Sized> {
    pub(crate) views: &'a Views,
    pub(crate) generation: &'a GenerationName,
}

/// Why a course did not take in what was read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DriveError {
    /// It cannot.
    #[error(transparent)]
    Stop(#[from] Stop),
    /// Documents are not to be had.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Records are not to be had.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Has the course take in everything that was read.
pub(crate) async fn drive<Views: ViewFeed + ?Sized>(
    course: &mut PartitionProjection,
    log: &dyn EventLog,
    store: Store<'_, Views>,
) -> Result<(), DriveError> {
    loop {
        match course.go_on()? {
            Needs::Done => return Ok(()),
            Needs::Documents(keys) => {
                course.loaded(store.views.load(store.generation, &keys).await?);
            }
            Needs::Doubt { key, event } => alone::decide(course, log, &key, event).await?,
            Needs::Records(offsets) => {
                course.reread(&read(log, course.partition(), &offsets).await?);
            }
        }
    }
}

/// The records at these offsets, which the log has.
pub(crate) async fn read(
    log: &dyn EventLog,
    partition: Partition,
    offsets: &[Offset],
) -> Result<Vec<StoredRecord>, LogError> {
    let mut missing: BTreeSet<Offset> = offsets.iter().copied().collect();
    let mut records = Vec::with_capacity(offsets.len());
    while let Some(first) = missing.first().copied() {
        let page = log.read(partition, first, PAGE).await?;
        let found = records.len();
        records.extend(page.into_iter().filter(|stored| missing.remove(&stored.offset)));
        if records.len() == found {
            return Err(LogError::Unavailable("it does not show records that it has".into()));
        }
    }
    Ok(records)
}
