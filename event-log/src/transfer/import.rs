//! Filling a log from a file.

pub(super) mod source;

use std::{
    io::{self, BufRead, Seek},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Semaphore;

use self::source::{Source, refused};
use super::{
    Fill, Moved, Progress, TransferError,
    compare::compare,
    format::{Closing, Opening},
};
use crate::{LogError, NewRecord, Offset, Partition};

/// How many appends may be on their way: enough to keep any store busy, few enough to hold in memory.
const IN_FLIGHT: u32 = 10_000;
/// After how many records `told` hears of them.
const STEP: u64 = 1_000;

/// Appends every record of the file to an empty log of as many partitions, or goes on with an import of it that did not
/// come to its end. `told` hears how far it is.
///
/// The whole file is checked before anything is written, and the log is marked as unfinished before its first record.
/// Afterwards the log is read back: this returns without an error only when every record of it is the file's, and then
/// the mark is gone. Nobody may have begun the log before.
pub async fn import(
    mut file: impl BufRead + Seek + Send,
    log: &dyn Fill,
    told: impl FnMut(Progress) + Send,
) -> Result<Moved, TransferError> {
    let begin = file.stream_position()?;
    let checked = check(&mut file)?;
    file.seek(io::SeekFrom::Start(begin))?;
    import_checked(file, checked, log, told).await
}

/// The same for a file that was [checked](check) before, from its begin again.
pub async fn import_checked(
    mut file: impl BufRead + Seek + Send,
    checked: Checked,
    log: &dyn Fill,
    mut told: impl FnMut(Progress) + Send,
) -> Result<Moved, TransferError> {
    let Checked { opening, closing } = checked;
    let begin = file.stream_position()?;
    check_partitions(&opening, log)?;
    let there = begin_filling(log).await?;
    if there.iter().any(|end| *end > 0) {
        file.seek(io::SeekFrom::Start(begin))?;
        compare(&mut file, log, &there).await?;
    }
    file.seek(io::SeekFrom::Start(begin))?;
    append_all(&mut file, log, &there, &mut told).await.map_err(partial)?;
    file.seek(io::SeekFrom::Start(begin))?;
    check_result(&mut file, log, &opening).await.map_err(partial)?;
    log.mark_finished().await.map_err(|error| partial(error.into()))?;
    Ok(Moved { partitions: opening.partitions, records: closing.records })
}

fn partial(why: TransferError) -> TransferError {
    TransferError::Partial(Box::new(why))
}

/// A file that is a whole export.
pub struct Checked {
    opening: Opening,
    closing: Closing,
}

impl Checked {
    /// How many partitions the log in the file has.
    pub fn partitions(&self) -> u16 {
        self.opening.partitions
    }
}

/// Reads a whole file, so that for a broken one no log is begun.
pub fn check(mut file: impl BufRead) -> Result<Checked, TransferError> {
    let mut source = Source::open(&mut file)?;
    while source.next()?.is_some() {}
    let (opening, closing) = source.close()?;
    Ok(Checked { opening, closing })
}

fn check_partitions(opening: &Opening, log: &dyn Fill) -> Result<(), TransferError> {
    let (has, needs) = (log.partitions(), opening.partitions);
    if has == needs {
        return Ok(());
    }
    Err(refused(format!(
        "the export has {needs} partitions and the log has {has}: import into a new topic or folder, which gets as many as the \
         export has"
    )))
}

/// Marks an empty log, or finds one that is marked; says how many records of each partition are there.
///
/// Whoever begins the log at the same moment stores a record first and looks for the mark then; this sets the mark first
/// and looks for records then. So at least one of the two sees the other.
async fn begin_filling(log: &dyn Fill) -> Result<Vec<Offset>, TransferError> {
    if log.is_unfinished().await? {
        return Ok(ends(log).await?);
    }
    empty(&ends(log).await?)?;
    log.mark_unfinished().await?;
    let there = ends(log).await?;
    if let Err(not_empty) = empty(&there) {
        // It is somebody's log, and not this import's to mark.
        log.mark_finished().await?;
        return Err(not_empty);
    }
    Ok(there)
}

async fn ends(log: &dyn Fill) -> Result<Vec<Offset>, LogError> {
    let mut ends = Vec::new();
    for partition in Partition::all(log.partitions()) {
        ends.push(log.end(partition).await?);
    }
    Ok(ends)
}

fn empty(ends: &[Offset]) -> Result<(), TransferError> {
    match (0..).map(Partition).zip(ends).find(|(_, end)| **end > 0) {
        None => Ok(()),
        Some((partition, end)) => Err(refused(format!(
            "partition {partition} of the log has {end} records already: import needs an empty log, \
             so name a new topic or folder"
        ))),
    }
}

async fn append_all(
    file: &mut impl BufRead,
    log: &dyn Fill,
    there: &[Offset],
    told: &mut impl FnMut(Progress),
) -> Result<(), TransferError> {
    let mut source = Source::open(file)?;
    let mut progress = Progress { done: 0, all: source.opening().all() };
    let appends = AppendsInFlight::default();
    while let Some((partition, offset, record)) = source.next()? {
        if there.get(usize::from(partition.0)).is_none_or(|there| offset >= *there) {
            appends.begin(log, partition, offset, record).await?;
        }
        progress.done = progress.done.saturating_add(1);
        if progress.done.checked_rem(STEP) == Some(0) {
            told(progress);
        }
    }
    appends.finish().await?;
    told(progress);
    Ok(())
}

/// Checks that the log holds the file's records and no others.
async fn check_result(
    file: &mut impl BufRead,
    log: &dyn Fill,
    opening: &Opening,
) -> Result<(), TransferError> {
    let ends = ends(log).await?;
    if let Some(partition) = (0..)
        .zip(&ends)
        .zip(&opening.records)
        .find_map(|((partition, end), all)| (end < all).then_some(Partition(partition)))
    {
        return Err(LogError::Unavailable(
            format!("partition {partition} does not show all records yet that were stored").into(),
        )
        .into());
    }
    compare(file, log, &ends).await
}

/// Appends that are on their way, and the first error among those that came back.
struct AppendsInFlight {
    free: Arc<Semaphore>,
    error: Arc<Mutex<Option<TransferError>>>,
}

impl Default for AppendsInFlight {
    fn default() -> Self {
        let free = Semaphore::new(usize::try_from(IN_FLIGHT).unwrap_or(usize::MAX));
        Self { free: Arc::new(free), error: Arc::default() }
    }
}

impl AppendsInFlight {
    async fn begin(
        &self,
        log: &dyn Fill,
        partition: Partition,
        offset: Offset,
        record: NewRecord,
    ) -> Result<(), TransferError> {
        let permit =
            Arc::clone(&self.free).acquire_owned().await.map_err(|closed| gone(closed.into()))?;
        self.check()?;
        let error = Arc::clone(&self.error);
        let receipt = move |outcome| {
            if let Err(wrong) = landed(partition, offset, outcome) {
                error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(wrong);
            }
            drop(permit);
        };
        log.append(partition, record, Box::new(receipt));
        Ok(())
    }

    async fn finish(&self) -> Result<(), TransferError> {
        drop(self.free.acquire_many(IN_FLIGHT).await.map_err(|closed| gone(closed.into()))?);
        self.check()
    }

    fn check(&self) -> Result<(), TransferError> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }
}

/// An unknown offset is no error yet: the log is read back in the end.
fn landed(
    partition: Partition,
    offset: Offset,
    outcome: Result<Option<Offset>, LogError>,
) -> Result<(), TransferError> {
    match outcome? {
        Some(at) if at != offset => Err(refused(format!(
            "the record that belongs at offset {offset} of partition {partition} was stored at {at}: \
             somebody else writes to the log"
        ))),
        Some(_) | None => Ok(()),
    }
}

fn gone(closed: Box<dyn std::error::Error + Send + Sync>) -> TransferError {
    LogError::Unavailable(closed).into()
}
