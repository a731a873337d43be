//! The log in a folder of its own, for a shop that needs nothing installed.
//!
//! A folder holds two files. `log.redb` is the store: every partition's records in chunks, found by partition
//! and offset. `log.journal` is what makes an append fast: appends that wait together become one frame, one
//! write and one fsync there, and are acknowledged; the frames move into the store in one transaction whenever
//! the journal is full and when the log is closed. An open log keeps the moving part in memory as well, so
//! that whoever follows the end reads no file. What happens when is told in the modules:
//!
//! - `form`: a record as bytes, and chunks of them,
//! - `journal`: frames, and which of them are still to be moved after a crash,
//! - `store`: the tables of `log.redb`,
//! - `tail`: the records that are in the journal but not in the store,
//! - `writer`: the one thread that writes both files,
//! - `follow`: what reads them.

mod chunk;
mod disk;
mod encoding;
mod follow;
mod journal;
mod reader;
mod store;
mod tail;
#[cfg(test)]
mod tests;
mod writer;

use std::{
    fmt,
    path::Path,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use tokio::{runtime::Handle, sync::watch, task};

use crate::{
    EventLog, LogError, NewRecord, Offset, Partition, Receipt, RecordStream, StoredRecord,
    transfer::{Fill, unfinished},
};
use disk::{Disk, Folder};
use reader::{ReadLimit, Reader};
use writer::{Append, JournalWriter};

/// The journal's size: large enough that moving it into the store (5 ms for each MiB, measured) takes a
/// fortieth of the time at 10,000 appends a second, small enough that reading it at start takes no time.
const JOURNAL_BYTES: u64 = 8 * 1024 * 1024;

/// How many appends may wait for the writer; more than any number of callers has in flight by design.
const QUEUE: usize = 65_536;

/// How long a follower that gathers lets records come together: measured, 64 clients then buy a seventh more.
const GATHER: Duration = Duration::from_millis(2);

/// A read gives at most this much at once, however many records were asked for.
const READ_BYTES: usize = 4 * 1024 * 1024;

/// The log in a folder, used by this process alone.
///
/// Dropping it stores what was queued, moves everything into the store and leaves the folder to others;
/// tails end then.
pub struct EmbeddedLog {
    reader: Arc<Reader>,
    durable: watch::Receiver<()>,
    queue: Option<mpsc::SyncSender<Append>>,
    writer: Option<JoinHandle<()>>,
}

impl EmbeddedLog {
    /// Opens the log in the folder, or begins one there with so many partitions (12 if not said).
    ///
    /// Blocks until the files are read: milliseconds, also after a crash.
    /// [`LogError::Unfit`] when another process has the folder, when the log has another number of
    /// partitions, when an import into it has not come to its end, or when the files are from a newer version or damaged;
    /// [`LogError::Unavailable`] when they cannot be read or written.
    pub fn open(folder: &Path, partitions: Option<u16>) -> Result<Arc<Self>, LogError> {
        let log = Self::open_unfinished(folder, partitions)?;
        if log.reader.store.metadata()?.unfinished {
            let name = folder.display();
            let what = format!("the folder {name}");
            return Err(LogError::Unfit(unfinished(what, format!("--data {name}"))));
        }
        Ok(log)
    }

    /// Like [`Self::open`], for whoever fills the log or examines it: an import may not have come to its end.
    pub fn open_unfinished(folder: &Path, partitions: Option<u16>) -> Result<Arc<Self>, LogError> {
        let disk: Arc<dyn Disk> = Arc::new(Folder::create(folder)?);
        Self::open_on(&disk, partitions, JOURNAL_BYTES)
    }

    fn open_on(
        disk: &Arc<dyn Disk>,
        partitions: Option<u16>,
        journal_bytes: u64,
    ) -> Result<Arc<Self>, LogError> {
        let (waker, durable) = watch::channel(());
        let (queue, appends) = mpsc::sync_channel(QUEUE);
        let writer = JournalWriter::open(disk, partitions, journal_bytes, waker)?;
        let reader = writer.reader();
        let writer = thread::Builder::new()
            .name("log writer".to_owned())
            .spawn(move || writer.run(&appends))
            .map_err(unavailable)?;
        Ok(Arc::new(Self { reader, durable, queue: Some(queue), writer: Some(writer) }))
    }
}

impl EventLog for EmbeddedLog {
    fn partitions(&self) -> u16 {
        self.reader.partitions()
    }

    fn append(&self, partition: Partition, record: NewRecord, receipt: Receipt) {
        if let Err(no_such_partition) = self.reader.end(partition) {
            return receipt(Err(no_such_partition));
        }
        // Turned into bytes here, so that callers share this work and the one writer has none of it.
        let append = Append { partition, bytes: encoding::write(&record), receipt };
        match self.queue.as_ref().map(|queue| queue.try_send(append)) {
            Some(Ok(())) | None => {}
            Some(Err(mpsc::TrySendError::Full(refused))) => {
                (refused.receipt)(Err(unavailable("too many appends wait for the disk")));
            }
            Some(Err(mpsc::TrySendError::Disconnected(refused))) => {
                (refused.receipt)(Err(unavailable("the log's writer has stopped")));
            }
        }
    }

    fn end(&self, partition: Partition) -> BoxFuture<'_, Result<Offset, LogError>> {
        futures::future::ready(self.reader.end(partition)).boxed()
    }

    /// One record is read where it is asked for, mostly from memory; more of them on a thread for blocking work.
    fn read(
        &self,
        partition: Partition,
        from: Offset,
        at_most: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredRecord>, LogError>> {
        let limit = ReadLimit { records: at_most, bytes: READ_BYTES };
        let reader = Arc::clone(&self.reader);
        async move {
            match Handle::try_current() {
                Ok(runtime) if at_most > 1 && !reader.has_in_memory(partition, from) => {
                    let blocking =
                        runtime.spawn_blocking(move || reader.read(partition, from, limit));
                    blocking
                        .await
                        .unwrap_or_else(|stopped: task::JoinError| Err(unavailable(stopped)))
                }
                _ => reader.read(partition, from, limit),
            }
        }
        .boxed()
    }

    fn follow(&self, from: Vec<(Partition, Offset)>) -> RecordStream {
        follow::start(Arc::clone(&self.reader), self.durable.clone(), from, Duration::ZERO)
    }

    fn follow_batched(&self, from: Vec<(Partition, Offset)>) -> RecordStream {
        follow::start(Arc::clone(&self.reader), self.durable.clone(), from, GATHER)
    }
}

impl Fill for EmbeddedLog {
    fn is_unfinished(&self) -> BoxFuture<'_, Result<bool, LogError>> {
        async { Ok(self.reader.store.metadata()?.unfinished) }.boxed()
    }

    fn mark_unfinished(&self) -> BoxFuture<'_, Result<(), LogError>> {
        async { self.reader.store.mark(true) }.boxed()
    }

    fn mark_finished(&self) -> BoxFuture<'_, Result<(), LogError>> {
        async { self.reader.store.mark(false) }.boxed()
    }
}

impl fmt::Debug for EmbeddedLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedLog")
            .field("partitions", &self.partitions())
            .finish_non_exhaustive()
    }
}

impl Drop for EmbeddedLog {
    fn drop(&mut self) {
        drop(self.queue.take());
        let Some(writer) = self.writer.take() else { return };
        // A receipt may hold the last handle to the log; the writer cannot wait for itself.
        if writer.thread().id() != thread::current().id() && writer.join().is_err() {
            tracing::error!("the log's writer ended in a panic");
        }
    }
}

fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> LogError {
    LogError::Unavailable(cause.into())
}
