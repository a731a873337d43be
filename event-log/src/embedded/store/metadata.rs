//! What the store says of the log: its format, its partitions, and which frames of the journal go on from it.

use std::{collections::hash_map::RandomState, hash::BuildHasher};

use redb::{Database, ReadableDatabase, TableDefinition, TableError, WriteTransaction};

use super::newer;
use crate::{LogError, embedded::disk::Disk};

/// Facts by name.
const FACTS: TableDefinition<'_, &str, u64> = TableDefinition::new("log");

/// The version of everything in the folder: tables, chunks, records and frames.
const FORMAT: u64 = 1;

/// Stands in the place of the format while an import fills the log. Programs that do not know it take it for a format of
/// later ones, and leave the folder alone.
const UNFINISHED: u64 = u64::MAX;

/// Which frames of the journal go on from the store: those of its generation, with its marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::embedded) struct StoreGeneration {
    /// Counted from 1; each time the journal moves into the store the next one begins.
    pub(in crate::embedded) number: u64,
    /// Random, so that no record's content and no other folder's journal can pass for a frame.
    pub(in crate::embedded) marker: u64,
}

impl StoreGeneration {
    /// The one after this.
    pub(in crate::embedded) fn next(self) -> Self {
        Self::random(self.number.saturating_add(1))
    }

    fn random(number: u64) -> Self {
        Self { number, marker: RandomState::new().hash_one(number) }
    }
}

/// What the store says of the log.
#[derive(Debug, Clone, Copy)]
pub(in crate::embedded) struct LogMetadata {
    /// How many partitions it was begun with.
    pub(in crate::embedded) partitions: u16,
    /// Which frames go on from it.
    pub(in crate::embedded) generation: StoreGeneration,
    /// Whether an import has not come to its end.
    pub(in crate::embedded) unfinished: bool,
    format: u64,
}

impl LogMetadata {
    /// These facts, if this version can read such a log and it has as many partitions as is wanted.
    pub(super) fn agreeing_with(
        self,
        partitions: Option<u16>,
        disk: &dyn Disk,
    ) -> Result<Self, LogError> {
        if self.format > FORMAT {
            return Err(newer(disk));
        }
        match partitions {
            Some(wanted) if wanted != self.partitions => Err(LogError::Unfit(format!(
                "the log in {} has {} partitions, not {wanted}, and keeps them: leave --partitions out or say --partitions {}",
                disk.name(),
                self.partitions,
                self.partitions
            ))),
            Some(_) | None => Ok(self),
        }
    }
}

/// The stored facts.
pub(super) fn read(database: &Database) -> Result<LogMetadata, redb::Error> {
    let transaction = database.begin_read()?;
    let table = match transaction.open_table(FACTS) {
        Err(TableError::TableDoesNotExist(_)) => {
            return Err(redb::Error::Corrupted("log.redb is not the store of a log".to_owned()));
        }
        table => table?,
    };
    let fact = |name: &'static str| -> Result<u64, redb::Error> {
        let missing = || redb::Error::Corrupted(format!("{name} is not written down"));
        Ok(table.get(name)?.ok_or_else(missing)?.value())
    };
    let stored = fact("format")?;
    let unfinished = stored == UNFINISHED;
    let format = if unfinished { FORMAT } else { stored };
    if format > FORMAT {
        // A newer version may have named everything else anew.
        return Ok(LogMetadata {
            partitions: 0,
            generation: StoreGeneration { number: 0, marker: 0 },
            unfinished,
            format,
        });
    }
    let partitions = u16::try_from(fact("partitions")?);
    let partitions =
        partitions.map_err(|error| redb::Error::Corrupted(format!("partitions: {error}")))?;
    let generation = StoreGeneration { number: fact("generation")?, marker: fact("marker")? };
    Ok(LogMetadata { partitions, generation, unfinished, format })
}

/// Begins a log in an empty database.
pub(super) fn begin(database: &Database, partitions: u16) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    let mut table = transaction.open_table(FACTS)?;
    table.insert("format", FORMAT)?;
    table.insert("partitions", u64::from(partitions))?;
    drop(table);
    put_generation(&transaction, StoreGeneration::random(1))?;
    Ok(transaction.commit()?)
}

/// Marks the log as unfinished, or as finished. Durable when this returns.
pub(super) fn put_unfinished(database: &Database, unfinished: bool) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    let format = if unfinished { UNFINISHED } else { FORMAT };
    transaction.open_table(FACTS)?.insert("format", format)?;
    Ok(transaction.commit()?)
}

/// Notes which frames go on from what the transaction stores.
pub(super) fn put_generation(
    transaction: &WriteTransaction,
    generation: StoreGeneration,
) -> Result<(), redb::Error> {
    let mut table = transaction.open_table(FACTS)?;
    table.insert("generation", generation.number)?;
    table.insert("marker", generation.marker)?;
    Ok(())
}
