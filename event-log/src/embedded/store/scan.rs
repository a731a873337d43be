//! Reading the table of chunks.

use redb::{Database, ReadOnlyTable, ReadableDatabase, TableError};

use super::RECORDS;
use crate::{
    Offset, Partition,
    embedded::{
        chunk::{self, Damaged, Records},
        reader::ReadBatch,
    },
};

type Chunks = ReadOnlyTable<(u16, u64), &'static [u8]>;

/// Where the partition's chunks end.
pub(super) fn end(database: &Database, partition: Partition) -> Result<Offset, redb::Error> {
    let Some(table) = chunks(database)? else { return Ok(0) };
    let last = table.range((partition.0, 0)..=(partition.0, u64::MAX))?.next_back();
    let Some((key, chunk)) = last.transpose()? else { return Ok(0) };
    let (_, mut end) = key.value();
    let chunk = chunk::checked(partition, end, chunk.value())?;
    let mut records = Records::of(&chunk);
    while records.next()?.is_some() {
        end = end.saturating_add(1);
    }
    Ok(end)
}

/// Puts the next records into the batch, as far as there are any.
pub(super) fn fill(database: &Database, batch: &mut ReadBatch) -> Result<(), redb::Error> {
    let Some(table) = chunks(database)? else { return Ok(()) };
    let partition = batch.partition.0;
    let covering = table.range((partition, 0)..=(partition, batch.next))?.next_back();
    let Some((begin, _)) = covering.transpose()? else { return Ok(()) };
    for entry in table.range(begin.value()..=(partition, u64::MAX))? {
        let (key, chunk) = entry?;
        let (_, first) = key.value();
        take(first, chunk.value(), batch)?;
        if batch.limit.is_reached() {
            break;
        }
    }
    Ok(())
}

fn take(first: Offset, chunk: &[u8], batch: &mut ReadBatch) -> Result<(), Damaged> {
    let chunk = chunk::checked(batch.partition, first, chunk)?;
    let mut records = Records::of(&chunk);
    for _ in first..batch.next {
        if records.next()?.is_none() {
            return Ok(());
        }
    }
    while !batch.limit.is_reached() {
        let Some((length, record)) = records.next_record()? else { break };
        batch.limit.take(length);
        batch.push(record);
    }
    Ok(())
}

fn chunks(database: &Database) -> Result<Option<Chunks>, redb::Error> {
    match database.begin_read()?.open_table(RECORDS) {
        Ok(table) => Ok(Some(table)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl From<Damaged> for redb::Error {
    fn from(_: Damaged) -> Self {
        Self::Corrupted("a checksum is wrong".to_owned())
    }
}
