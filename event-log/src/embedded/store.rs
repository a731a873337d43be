//! `log.redb`: every partition's records in chunks, and the facts of the log.

use std::{
    io,
    panic::{self, AssertUnwindSafe},
    sync::{Arc, PoisonError, RwLock},
};

use redb::{Database, TableDefinition};

use super::{
    chunk,
    disk::{Disk, Storage},
    reader::ReadBatch,
    tail::PartitionTail,
    unavailable,
};
use crate::{DEFAULT_PARTITIONS, LogError, Offset, Partition};

mod metadata;
mod scan;

pub(super) use metadata::{LogMetadata, StoreGeneration};

/// Chunks by partition and first offset.
const RECORDS: TableDefinition<'_, (u16, u64), &[u8]> = TableDefinition::new("records");

/// redb's own cache, by default 1 GiB; the system's page cache does this work for everything that is read.
const CACHE_BYTES: usize = 32 * 1024 * 1024;

/// The store; closed while it is opened again after a failure, and in the end.
#[derive(Debug)]
pub(super) struct Store {
    disk: Arc<dyn Disk>,
    database: RwLock<Option<Database>>,
}

impl Store {
    /// Opens the store, or begins one with so many partitions.
    pub(super) fn open(
        disk: Arc<dyn Disk>,
        partitions: Option<u16>,
    ) -> Result<(Self, LogMetadata), LogError> {
        let storage = |error| unavailable(format!("{}: {error}", disk.name()));
        if disk.store().map_err(storage)?.is_none() {
            let partitions = partitions.unwrap_or(DEFAULT_PARTITIONS);
            if partitions == 0 {
                return Err(LogError::Unfit(
                    "a log needs a partition: say --partitions 1 or more".to_owned(),
                ));
            }
            let database = connect(disk.as_ref(), disk.new_store().map_err(storage)?)?;
            metadata::begin(&database, partitions)
                .map_err(|error| refused(disk.as_ref(), error))?;
            drop(database);
            disk.keep_new_store().map_err(storage)?;
        }
        let database = connect_to_store(disk.as_ref())?;
        let facts = metadata::read(&database).map_err(|error| refused(disk.as_ref(), error))?;
        let facts = facts.agreeing_with(partitions, disk.as_ref())?;
        Ok((Self { disk, database: RwLock::new(Some(database)) }, facts))
    }

    /// What is stored of the log's facts now; opens the store again if a failure closed it.
    pub(super) fn metadata(&self) -> Result<LogMetadata, LogError> {
        self.connect_if_closed()?;
        self.with(metadata::read)
    }

    /// Marks the log as unfinished, or as finished. Durable when this returns.
    pub(super) fn mark(&self, unfinished: bool) -> Result<(), LogError> {
        self.with(|database| metadata::put_unfinished(database, unfinished))
    }

    /// Where each partition's chunks end.
    pub(super) fn ends(&self, partitions: u16) -> Result<Vec<Offset>, LogError> {
        self.with(|database| {
            Partition::all(partitions).map(|partition| scan::end(database, partition)).collect()
        })
    }

    /// Stores all of these records and the generation that begins with it, or nothing.
    ///
    /// After an error nobody knows which; [`Self::metadata`] tells. redb stays failed after one, so that the
    /// store is opened again at once: what it has can be read also while the disk is full.
    pub(super) fn absorb(
        &self,
        lanes: &[PartitionTail],
        generation: StoreGeneration,
    ) -> Result<(), LogError> {
        let stored = self.with(|database| absorb(database, lanes, generation));
        if stored.is_err() {
            self.lock_and_close();
            // The failure is told already; whether the store can be opened shows again at the next attempt.
            let _ = self.connect_if_closed();
        }
        stored
    }

    /// Puts the next records into the batch, at least one: it is asked only for what it must have.
    pub(super) fn read(&self, batch: &mut ReadBatch) -> Result<(), LogError> {
        let before = batch.next;
        self.with(|database| scan::fill(database, batch))?;
        if batch.next == before {
            let hole = format!("record {before} of partition {} is missing", batch.partition);
            return Err(damaged(self.disk.as_ref(), &hole));
        }
        Ok(())
    }

    /// Closes the store for good.
    pub(super) fn close(&self) {
        self.lock_and_close();
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, redb::Error>,
    ) -> Result<T, LogError> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let done = database.as_ref().ok_or(redb::Error::DatabaseClosed).and_then(work);
        drop(database);
        done.map_err(|error| refused(self.disk.as_ref(), error))
    }

    fn lock_and_close(&self) {
        let closed = self.database.write().unwrap_or_else(PoisonError::into_inner).take();
        drop(closed);
    }

    // The journal's lock, held all the time, keeps other processes out while the store's own is let go.
    fn connect_if_closed(&self) -> Result<(), LogError> {
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        if database.is_none() {
            *database = Some(connect_to_store(self.disk.as_ref())?);
        }
        drop(database);
        Ok(())
    }
}

fn absorb(
    database: &Database,
    lanes: &[PartitionTail],
    generation: StoreGeneration,
) -> Result<(), redb::Error> {
    let mut transaction = database.begin_write()?;
    // Takes a second fsync, once for thousands of records, and spares walking the whole file after a crash.
    transaction.set_quick_repair(true);
    let mut records = transaction.open_table(RECORDS)?;
    for (partition, lane) in
        Partition::all(u16::MAX).zip(lanes).filter(|(_, lane)| !lane.records.is_empty())
    {
        chunk::cut(partition, lane.first, &lane.records, |first, chunk| {
            records.insert((partition.0, first), chunk).map(drop)
        })?;
    }
    drop(records);
    metadata::put_generation(&transaction, generation)?;
    Ok(transaction.commit()?)
}

fn connect_to_store(disk: &dyn Disk) -> Result<Database, LogError> {
    let storage = disk.store().map_err(|error| unavailable(format!("{}: {error}", disk.name())))?;
    connect(disk, storage.ok_or_else(|| damaged(disk, "log.redb is gone"))?)
}

fn connect(disk: &dyn Disk, storage: Storage) -> Result<Database, LogError> {
    // Some damage makes redb panic instead of telling it.
    let open = || Database::builder().set_cache_size(CACHE_BYTES).create_with_backend(storage);
    let opened = panic::catch_unwind(AssertUnwindSafe(open));
    let database = opened.map_err(|_panic| damaged(disk, "log.redb cannot be read"))?;
    database.map_err(|error| refused(disk, error.into()))
}

/// What the caller is told when redb fails.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "redb may add errors, and most of its many mean the same here"
)]
fn refused(disk: &dyn Disk, error: redb::Error) -> LogError {
    match error {
        redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => in_use(disk),
        redb::Error::UpgradeRequired(_) => newer(disk),
        redb::Error::Corrupted(how) => damaged(disk, &how),
        redb::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            damaged(disk, &error.to_string())
        }
        error => unavailable(error),
    }
}

/// Another process has the folder.
pub(super) fn in_use(disk: &dyn Disk) -> LogError {
    LogError::Unfit(format!(
        "another sklep works in the folder {}: stop it first (Ctrl-C or SIGTERM), or name another folder (--data)",
        disk.name()
    ))
}

/// The bytes are not what was written.
pub(super) fn damaged(disk: &dyn Disk, how: &str) -> LogError {
    LogError::Unfit(format!(
        "the log in {} is damaged ({how}): restore the folder from a backup",
        disk.name()
    ))
}

fn newer(disk: &dyn Disk) -> LogError {
    LogError::Unfit(format!(
        "the log in {} was written by a newer sklep: use that version or a later one",
        disk.name()
    ))
}
