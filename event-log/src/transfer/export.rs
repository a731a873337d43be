//! Writing a log to a file.

use std::io::Write;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    Moved, Progress, TransferError,
    form::{Closing, FORMAT, Line, Opening},
};
use crate::{Batch, EventLog, LogError, Offset, Partition, StoredRecord, identity};

/// Writes every record that the log has now. `told` hears how far it is, after each batch.
///
/// The file is whole only when this returns without an error; a cut one is refused by [`import`](super::import()).
/// `out` should be buffered.
pub async fn export(
    log: &dyn EventLog,
    out: impl Write + Send,
    told: impl FnMut(Progress) + Send,
) -> Result<Moved, TransferError> {
    write(log, out, told).await.map(|(moved, _)| moved)
}

/// The same; also says the SHA-256 that the closing line has.
pub(super) async fn write(
    log: &dyn EventLog,
    out: impl Write + Send,
    mut told: impl FnMut(Progress) + Send,
) -> Result<(Moved, Closing), TransferError> {
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
    let closing = file.close(progress.done)?;
    Ok((Moved { partitions: opening.partitions, records: progress.done }, closing))
}

async fn opening(log: &dyn EventLog) -> Result<Opening, LogError> {
    let mut records = Vec::new();
    for partition in Partition::all(log.partitions()) {
        records.push(log.end(partition).await?);
    }
    let log_id = identity::read(log).await?.map(|found| found.id.to_string());
    Ok(Opening { sklep_export: FORMAT, log_id, partitions: log.partitions(), records })
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

    fn close(mut self, records: u64) -> Result<Closing, TransferError> {
        let closing = Closing { records, sha256: format!("{:x}", self.hash.clone().finalize()) };
        self.put(&closing)?;
        self.out.flush()?;
        Ok(closing)
    }

    fn put(&mut self, line: &impl Serialize) -> Result<(), TransferError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line).map_err(std::io::Error::from)?;
        self.line.push(b'\n');
        Ok(self.out.write_all(&self.line)?)
    }
}
