//! The one thread that writes.

use std::{
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::sync::watch;

use super::{
    disk::Disk,
    journal::{self, Journal, UnreadableJournal},
    reader::Reader,
    store::{self, LogMetadata, Store},
    tail::{Entry, UnstoredTail},
    unavailable,
};
use crate::{LogError, Offset, Partition, Receipt};

/// Appends that wait together are stored together, up to about so many bytes: beyond that, more bytes take
/// more time and the first ones wait longer.
const GROUP_BYTES: usize = 1024 * 1024;

/// How long the writer waits before it tries a failed disk again: at first, and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A record that waits to be stored.
pub(super) struct Append {
    /// Where it goes.
    pub(super) partition: Partition,
    /// What it is.
    pub(super) bytes: Bytes,
    /// Who is to be told.
    pub(super) receipt: Receipt,
}

/// The writer's state.
pub(super) struct JournalWriter {
    reader: Arc<Reader>,
    journal: Journal,
    facts: LogMetadata,
    waker: watch::Sender<()>,
    failed: Option<Failed>,
}

/// A disk that failed: nothing is accepted until the journal has moved into the store.
#[derive(Debug, Clone, Copy)]
struct Failed {
    pause: Duration,
    next_attempt: Instant,
}

enum Wait {
    Append(Append),
    TimeToTry,
    Closed,
}

impl JournalWriter {
    /// Opens both files and takes over what the last process left in the journal.
    pub(super) fn open(
        disk: &Arc<dyn Disk>,
        partitions: Option<u16>,
        journal_bytes: u64,
        waker: watch::Sender<()>,
    ) -> Result<Self, LogError> {
        let named = |error| unavailable(format!("{}: {error}", disk.name()));
        let storage = disk.journal().map_err(named)?;
        if !storage.try_lock().map_err(named)? {
            return Err(store::in_use(disk.as_ref()));
        }
        let begun = disk.store().map_err(named)?.is_some();
        if begun && !journal::is_laid_out(&storage, journal_bytes).map_err(named)? {
            let how = "log.journal is missing or has lost its end, and with it the newest records: the copy of the folder is not whole";
            return Err(store::damaged(disk.as_ref(), how));
        }
        journal::lay_out(&storage, journal_bytes).map_err(named)?;
        let (store, facts) = Store::open(Arc::clone(disk), partitions)?;
        let mut journal = Journal::new(storage, journal_bytes, facts.generation);
        let left = journal.recover().map_err(|error| match error {
            UnreadableJournal::Io(error) => named(error),
            UnreadableJournal::Damaged(how) => store::damaged(disk.as_ref(), how),
        })?;
        let tail = UnstoredTail::new(store.ends(facts.partitions)?);
        if !tail.push(left) {
            return Err(store::damaged(
                disk.as_ref(),
                "log.journal does not go on where log.redb ends",
            ));
        }
        Ok(Self { reader: Arc::new(Reader { store, tail }), journal, facts, waker, failed: None })
    }

    /// What everybody reads from.
    pub(super) fn reader(&self) -> Arc<Reader> {
        Arc::clone(&self.reader)
    }

    /// Stores what comes until nobody can send any more.
    pub(super) fn run(mut self, appends: &mpsc::Receiver<Append>) {
        loop {
            match self.wait(appends) {
                Wait::Append(first) => self.store(gather(first, appends)),
                Wait::TimeToTry => self.try_again(),
                Wait::Closed => break,
            }
        }
        if let Err(error) = self.empty_journal() {
            tracing::warn!(
                ?error,
                "closed the log without emptying its journal; the next start goes on from it"
            );
        }
        self.reader.store.close();
    }

    fn wait(&self, appends: &mpsc::Receiver<Append>) -> Wait {
        let Some(failed) = self.failed else {
            return appends.recv().map_or(Wait::Closed, Wait::Append);
        };
        let pause = failed.next_attempt.saturating_duration_since(Instant::now());
        match appends.recv_timeout(pause) {
            Ok(append) => Wait::Append(append),
            Err(mpsc::RecvTimeoutError::Timeout) => Wait::TimeToTry,
            Err(mpsc::RecvTimeoutError::Disconnected) => Wait::Closed,
        }
    }

    fn store(&mut self, group: Vec<Append>) {
        if self.failed.is_some() {
            return refuse(group.into_iter().map(|append| append.receipt));
        }
        let (entries, receipts) = self.place(group);
        match self.write(&entries) {
            // Readable first: who is told that it is stored must find it.
            Ok(()) if self.reader.tail.push(entries.iter().cloned()) => {
                for (entry, receipt) in entries.iter().zip(receipts) {
                    receipt(Ok(Some(entry.offset)));
                }
                self.waker.send_replace(());
            }
            Ok(()) => self.fail(&unavailable("the writer gave records wrong offsets"), receipts),
            Err(error) => self.fail(&error, receipts),
        }
    }

    fn place(&self, group: Vec<Append>) -> (Vec<Entry>, Vec<Receipt>) {
        let mut ends = self.reader.tail.ends();
        let place = |append: Append| {
            let end: Option<&mut Offset> = ends.get_mut(usize::from(append.partition.0));
            let offset = end.map_or(0, |end| {
                let offset = *end;
                *end = end.saturating_add(1);
                offset
            });
            (Entry { partition: append.partition, offset, bytes: append.bytes }, append.receipt)
        };
        group.into_iter().map(place).unzip()
    }

    fn write(&mut self, entries: &[Entry]) -> Result<(), LogError> {
        if !self.journal.has_room_for(entries) {
            self.empty_journal()?;
        }
        self.journal.append(entries).map_err(unavailable)
    }

    /// Moves everything into the store; the journal then begins anew.
    fn empty_journal(&mut self) -> Result<(), LogError> {
        let next = self.facts.generation.next();
        self.reader.store.absorb(&self.reader.tail.copy(), next)?;
        self.facts.generation = next;
        self.reader.tail.drop_before(&self.reader.tail.ends());
        self.journal.begin(next);
        Ok(())
    }

    fn fail(&mut self, error: &LogError, receipts: Vec<Receipt>) {
        tracing::error!(
            ?error,
            "the log's disk failed; nothing is accepted until it can be written again"
        );
        self.failed = Some(Failed { pause: FIRST_PAUSE, next_attempt: later(FIRST_PAUSE) });
        refuse(receipts);
    }

    /// What was acknowledged is in memory and, unless the disk lost it, in the journal. It moves into the store
    /// under a new generation, which leaves behind whatever a failed write may have left in the journal.
    fn try_again(&mut self) {
        match self.settle().and_then(|()| self.empty_journal()) {
            Ok(()) => {
                tracing::info!("the log's disk can be written again");
                self.failed = None;
            }
            Err(error) => {
                let pause = self
                    .failed
                    .map_or(FIRST_PAUSE, |failed| failed.pause.saturating_mul(2))
                    .min(LONGEST_PAUSE);
                tracing::debug!(?error, ?pause, "the log's disk still fails");
                self.failed = Some(Failed { pause, next_attempt: later(pause) });
            }
        }
    }

    /// Finds out whether a failed transaction was stored after all.
    fn settle(&mut self) -> Result<(), LogError> {
        self.facts = self.reader.store.metadata()?;
        let stored = self.reader.store.ends(self.facts.partitions)?;
        self.reader.tail.drop_before(&stored);
        Ok(())
    }
}

fn gather(first: Append, appends: &mpsc::Receiver<Append>) -> Vec<Append> {
    let mut bytes = first.bytes.len();
    let mut group = vec![first];
    while bytes < GROUP_BYTES
        && let Ok(next) = appends.try_recv()
    {
        bytes = bytes.saturating_add(next.bytes.len());
        group.push(next);
    }
    group
}

fn refuse(receipts: impl IntoIterator<Item = Receipt>) {
    for receipt in receipts {
        receipt(Err(unavailable("the log's disk failed and is tried again")));
    }
}

fn later(pause: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(pause).unwrap_or(now)
}
