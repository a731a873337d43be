//! Filling an empty log from a file.

mod source;

use std::{
    io::{self, BufRead, Seek},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Semaphore;

use self::source::Source;
use super::{
    Moved, Progress, TransferError, export,
    form::{Closing, Opening},
};
use crate::{EventLog, LogError, NewRecord, Offset, Partition};

/// How many appends may be on their way: enough to keep any store busy, few enough to hold in memory.
const IN_FLIGHT: u32 = 10_000;
/// After how many records `told` hears of them.
const STEP: u64 = 1_000;

/// Appends every record of the file to an empty log of as many partitions. `told` hears how far it is.
///
/// The whole file is checked before anything is written. Afterwards the log is read back: this returns without an
/// error only when its export would be this very file. Nobody may have begun the log before.
pub async fn import(
    mut file: impl BufRead + Seek + Send,
    log: &dyn EventLog,
    mut told: impl FnMut(Progress) + Send,
) -> Result<Moved, TransferError> {
    let begin = file.stream_position()?;
    let (opening, closing) = check_file(&mut file)?;
    check_log(&opening, log).await?;
    file.seek(io::SeekFrom::Start(begin))?;
    let appended = append_all(&mut file, log, &mut told).await;
    if let Err(error) = appended {
        return Err(TransferError::Partial(Box::new(error)));
    }
    check_result(log, &closing).await.map_err(|error| TransferError::Partial(Box::new(error)))?;
    Ok(Moved { partitions: opening.partitions, records: closing.records })
}

/// How many partitions the log in the file has, from its beginning alone.
pub fn partitions_of(mut file: impl BufRead) -> Result<u16, TransferError> {
    Ok(Source::open(&mut file)?.opening().partitions)
}

fn check_file(file: &mut impl BufRead) -> Result<(Opening, Closing), TransferError> {
    let mut source = Source::open(file)?;
    while source.next()?.is_some() {}
    source.close()
}

async fn check_log(opening: &Opening, log: &dyn EventLog) -> Result<(), TransferError> {
    let (has, needs) = (log.partitions(), opening.partitions);
    if has != needs {
        return Err(TransferError::Refused(format!(
            "the export has {needs} partitions and the log has {has}: import into a new log with --partitions {needs}"
        )));
    }
    for partition in Partition::all(has) {
        let end = log.end(partition).await?;
        if end > 0 {
            return Err(TransferError::Refused(format!(
                "partition {partition} of the log has {end} records already: import needs an empty log, \
                 so name a new topic or folder"
            )));
        }
    }
    Ok(())
}

async fn append_all(
    file: &mut impl BufRead,
    log: &dyn EventLog,
    told: &mut impl FnMut(Progress),
) -> Result<(), TransferError> {
    let mut source = Source::open(file)?;
    let mut progress = Progress { done: 0, all: source.opening().all() };
    let appends = Appends::default();
    while let Some((partition, offset, record)) = source.next()? {
        appends.begin(log, partition, offset, record).await?;
        progress.done = progress.done.saturating_add(1);
        if progress.done.checked_rem(STEP) == Some(0) {
            told(progress);
        }
    }
    appends.finish().await?;
    told(progress);
    Ok(())
}

async fn check_result(log: &dyn EventLog, expected: &Closing) -> Result<(), TransferError> {
    let (_, found) = export::write(log, io::sink(), |_| ()).await?;
    if found == *expected {
        return Ok(());
    }
    Err(TransferError::Refused(
        "the log holds something else than the file: somebody else wrote to it".into(),
    ))
}

/// Appends that are on their way, and the first error among those that came back.
struct Appends {
    free: Arc<Semaphore>,
    error: Arc<Mutex<Option<TransferError>>>,
}

impl Default for Appends {
    fn default() -> Self {
        let free = Semaphore::new(usize::try_from(IN_FLIGHT).unwrap_or(usize::MAX));
        Self { free: Arc::new(free), error: Arc::default() }
    }
}

impl Appends {
    async fn begin(
        &self,
        log: &dyn EventLog,
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
        Some(at) if at != offset => Err(TransferError::Refused(format!(
            "the record that belongs at offset {offset} of partition {partition} was stored at {at}: \
             somebody else writes to the log"
        ))),
        Some(_) | None => Ok(()),
    }
}

fn gone(closed: Box<dyn std::error::Error + Send + Sync>) -> TransferError {
    LogError::Unavailable(closed).into()
}
