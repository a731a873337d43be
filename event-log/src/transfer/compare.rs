//! Comparing what a log holds with the file that it is filled from, record by record.

use std::{collections::VecDeque, io::BufRead};

use super::{
    TransferError,
    format::Line,
    import::source::{Source, refused},
};
use crate::{EventLog, LogError, NewRecord, Offset, Partition, RecordStream, StoredRecord};

/// How much of a record is shown.
const SHOWN: usize = 400;

/// Checks that of each partition the first so many records are the file's. Names the first one that is not.
pub(super) async fn compare(
    file: &mut impl BufRead,
    log: &dyn EventLog,
    upto: &[Offset],
) -> Result<(), TransferError> {
    let mut source = Source::open(file)?;
    let counts = source.opening().records.clone();
    for ((partition, there), in_file) in (0..).map(Partition).zip(upto).zip(counts) {
        if *there > in_file {
            return Err(refused(format!(
                "partition {partition} of the log has {there} records and the file {in_file}: somebody else wrote to it, or it is \
                 another file's. Import this one into a new topic or folder"
            )));
        }
    }
    let mut stored = Stored { log, reading: None };
    while let Some((partition, offset, record)) = source.next()? {
        let there = upto.get(usize::from(partition.0)).copied().unwrap_or_default();
        if offset < there {
            let found = stored.next(partition).await?;
            check(partition, offset, &record, &found)?;
        }
    }
    Ok(())
}

fn check(
    partition: Partition,
    offset: Offset,
    expected: &NewRecord,
    found: &StoredRecord,
) -> Result<(), TransferError> {
    if found.offset == offset && found.record == *expected {
        return Ok(());
    }
    let (found, expected) =
        (shown(partition, found.offset, &found.record), shown(partition, offset, expected));
    Err(refused(format!(
        "at offset {offset} of partition {partition} the log holds something else than the file: the log has {found} and the \
         file {expected}. Import the file into a new topic or folder"
    )))
}

/// A record as the file writes it, or the beginning of that.
fn shown(partition: Partition, offset: Offset, record: &NewRecord) -> String {
    let line = serde_json::to_string(&Line::new(partition.0, offset, record)).unwrap_or_default();
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// What the log holds, partition by partition.
struct Stored<'a> {
    log: &'a dyn EventLog,
    reading: Option<(Partition, RecordStream, VecDeque<StoredRecord>)>,
}

impl Stored<'_> {
    /// The partition's next record, which must be there.
    async fn next(&mut self, partition: Partition) -> Result<StoredRecord, LogError> {
        let (_, tail, ready) = match &mut self.reading {
            Some(reading) if reading.0 == partition => reading,
            reading => {
                reading.insert((partition, self.log.follow(vec![(partition, 0)]), VecDeque::new()))
            }
        };
        loop {
            if let Some(stored) = ready.pop_front() {
                return Ok(stored);
            }
            let stopped = || LogError::Unavailable("the log's reader has stopped".into());
            ready.extend(tail.recv().await.ok_or_else(stopped)??.records);
        }
    }
}
