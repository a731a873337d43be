//! Writing a log to a file.

use std::io::Write;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    Moved, Progress, TransferError,
    cuts::closed_ends,
    format::{Closing, FORMAT, Line, Opening},
};
use crate::{
    Batch, EventLog, LogError, LogIdentity, Offset, Partition, StoredRecord, codec, identity,
};

/// How many records are read at once where they are only counted.
const PAGE: usize = 1000;

/// Writes every record that the log has now, closed under cause: see [`closed_ends`]. `told` hears how far it is, after each batch.
///
/// The file is whole only when this returns without an error; a cut one is refused by [`import`](super::import()).
/// `out` should be buffered.
pub async fn export(
    log: &dyn EventLog,
    out: impl Write + Send,
    mut told: impl FnMut(Progress) + Send,
) -> Result<Moved, TransferError> {
    let mut file = File { out, hash: Sha256::new(), line: Vec::new() };
    let opening = opening(log).await?;
    file.write(&opening)?;
    let mut progress = Progress { done: 0, all: opening.all() };
    for (partition, end) in Partition::all(opening.partitions).zip(&opening.records) {
        let mut records = Records { partition, next: 0, end: *end };
        let mut tail = log.follow(vec![(partition, 0)]);
        while records.next < records.end {
            for stored in records.take(tail.recv().await)? {
                file.write(&Line::new(partition.0, stored.offset, &stored.record))?;
                progress.done = progress.done.saturating_add(1);
            }
            told(progress);
        }
    }
    file.close(progress.done)?;
    Ok(Moved { partitions: opening.partitions, records: progress.done })
}

async fn opening(log: &dyn EventLog) -> Result<Opening, LogError> {
    let identity = identity::recorded(log).await?;
    let partitions = begun_with(log, identity)?;
    let records = closed_ends(log, partitions).await?;
    let log_id = identity.map(|found| found.id.to_string());
    Ok(Opening { sklep_export: FORMAT, log_id, partitions, records })
}

/// How many partitions the log has, whatever the store has by now.
fn begun_with(log: &dyn EventLog, identity: Option<LogIdentity>) -> Result<u16, LogError> {
    let has = log.partitions();
    match identity {
        Some(LogIdentity { id, partitions, .. }) if partitions > has => {
            Err(LogError::Unfit(format!(
                "the log {id} was begun with {partitions} partitions and only {has} are there: the others are lost"
            )))
        }
        Some(LogIdentity { partitions, .. }) => Ok(partitions),
        None => Ok(has),
    }
}

/// A partition that is no part of the log, since it was added to the topic after the log was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// Which one.
    pub partition: Partition,
    /// How many records it has.
    pub records: u64,
    /// How many of them claim to be Sklep's. Nobody has ever read them, so that they count for nobody.
    pub claiming: u64,
}

/// The partitions that an export leaves out.
pub async fn added(log: &dyn EventLog) -> Result<Vec<Added>, LogError> {
    let begun = begun_with(log, identity::recorded(log).await?)?;
    let mut all = Vec::new();
    for partition in Partition::all(log.partitions()).filter(|it| it.0 >= begun) {
        let mut added = Added { partition, records: 0, claiming: 0 };
        loop {
            let page = log.read(partition, added.records, PAGE).await?;
            let Some(last) = page.last() else { break };
            added.records = last.offset.saturating_add(1);
            let claiming = page.iter().filter(|it| codec::claim(&it.record).is_some()).count();
            added.claiming =
                added.claiming.saturating_add(u64::try_from(claiming).unwrap_or(u64::MAX));
        }
        all.push(added);
    }
    Ok(all)
}

/// What is still to come of one partition.
struct Records {
    partition: Partition,
    next: Offset,
    end: Offset,
}

impl Records {
    /// The records of a batch that belong into the file; fails when any is missing.
    fn take(
        &mut self,
        batch: Option<Result<Batch, LogError>>,
    ) -> Result<Vec<StoredRecord>, LogError> {
        let stopped = || LogError::Unavailable("the log's reader has stopped".into());
        let mut records = batch.ok_or_else(stopped)??.records;
        records.retain(|stored| stored.offset < self.end);
        for stored in &records {
            if stored.offset != self.next {
                let (partition, expected, found) = (self.partition, self.next, stored.offset);
                let gap = format!(
                    "partition {partition} goes on at offset {found} where {expected} was expected"
                );
                return Err(LogError::Unfit(gap));
            }
            self.next = self.next.saturating_add(1);
        }
        Ok(records)
    }
}

/// The file as it is written, with its hash so far.
struct File<W> {
    out: W,
    hash: Sha256,
    line: Vec<u8>,
}

impl<W: Write> File<W> {
    fn write(&mut self, line: &impl Serialize) -> Result<(), TransferError> {
        self.put(line)?;
        self.hash.update(&self.line);
        Ok(())
    }

    fn close(mut self, records: u64) -> Result<(), TransferError> {
        let closing = Closing { records, sha256: format!("{:x}", self.hash.clone().finalize()) };
        self.put(&closing)?;
        Ok(self.out.flush()?)
    }

    fn put(&mut self, line: &impl Serialize) -> Result<(), TransferError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line).map_err(std::io::Error::from)?;
        self.line.push(b'\n');
        Ok(self.out.write_all(&self.line)?)
    }
}
