//! The replay of one partition, within a share of the memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::Currency;
use event_log::{EventLog, Ledger, LogError, Offset, Partition};
use views::{Document, StoreError, View};

use super::{Known, VerifyError};
use crate::{
    cache::{Bounds, DocumentCache, Shard},
    drive,
    partition::{Needs, PartitionProjection, Stop},
    skips::{SkipRange, skipped},
};

/// Records that are taken in at once: less than a millisecond's work, and others want to run too.
const PIECE: usize = 500;
/// The part of the memory that is for documents. The rest is for records that were read.
const IMAGE_PART: u64 = 2;

/// Takes documents as the log says that they must be, each once.
pub(super) trait DocumentSink: Send + 'static {
    fn take(&mut self, document: &Document) -> Result<(), StoreError>;
}

/// So few documents are not worth another pass, whatever the memory.
const FEW: usize = 50;

/// How far all replays are together.
#[derive(Debug, Default)]
pub(super) struct ReplayProgress {
    /// Records that were replayed.
    pub(super) done: AtomicU64,
    /// Records that are to be, as far as that is known.
    pub(super) total: AtomicU64,
}

/// One partition's replay.
#[derive(Debug)]
pub(super) struct Replay {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) partition: Partition,
    pub(super) currency: Currency,
    pub(super) bounds: Bounds,
    pub(super) known: Known,
    /// How many bytes it may take, about.
    pub(super) memory: u64,
    pub(super) pace: Arc<ReplayProgress>,
}

/// Documents that are given in one pass.
#[derive(Debug, Clone, Copy)]
struct PendingShard {
    part: Shard,
    /// Buckets that were full before this offset were given already, in the pass that had this part as well.
    given_before: Offset,
}

/// Why a replay ended early.
enum ReplayEnded {
    Failed(VerifyError),
    /// A record skips what was taken in: all that was given is wrong.
    Skips(Offset),
}

impl Replay {
    /// Gives every document to a new taker: the last one's documents are right. Says which events are skipped though
    /// this program could take them in.
    pub(super) async fn run<T: DocumentSink>(
        self,
        new: impl Fn() -> T + Send,
    ) -> Result<(Partition, BTreeSet<Offset>, T), VerifyError> {
        let mut skips = self.known.skips.clone();
        loop {
            let mut taker = new();
            match self.start(&skips, &mut taker).await {
                Ok(()) => return Ok((self.partition, skips, taker)),
                Err(ReplayEnded::Failed(error)) => return Err(error),
                Err(ReplayEnded::Skips(event)) => {
                    skips.insert(event);
                    skips.extend(self.skipped().await?);
                }
            }
        }
    }

    /// Every event that the log skips, so that one replay more is enough.
    async fn skipped(&self) -> Result<impl Iterator<Item = Offset>, LogError> {
        let stretch = SkipRange { at: 0, ledger: Ledger::default(), end: self.bounds.end() };
        let all = skipped(&*self.log, BTreeMap::from([(self.partition, stretch)]), None).await?;
        Ok(all.into_iter().map(|place| place.offset))
    }

    /// Replays the partition part by part, as many as the memory needs.
    async fn start<T: DocumentSink>(
        &self,
        skips: &BTreeSet<Offset>,
        taker: &mut T,
    ) -> Result<(), ReplayEnded> {
        let mut known = self.known.blocked.clone();
        let mut shares = vec![PendingShard { part: Shard::WHOLE, given_before: 0 }];
        while let Some(share) = shares.pop() {
            let mut pass = Pass {
                replay: self,
                course: self.course(share.part, &known).with_skips(skips),
                share,
                shares: &mut shares,
                taker: &mut *taker,
            };
            pass.run().await?;
            let (PendingShard { part, .. }, mut course) = (pass.share, pass.course);
            if part.tells_what_fits() {
                known.extend(course.image().blocked());
            }
        }
        Ok(())
    }

    fn course(&self, part: Shard, known: &BTreeMap<Offset, String>) -> PartitionProjection {
        let image = DocumentCache::of(part, self.bounds.clone());
        PartitionProjection::replay(self.partition, self.currency, image, known.clone())
    }
}

/// A replay of a part of the documents.
struct Pass<'r, T> {
    replay: &'r Replay,
    course: PartitionProjection,
    share: PendingShard,
    /// What is to be replayed after it.
    shares: &'r mut Vec<PendingShard>,
    taker: &'r mut T,
}

impl<T: DocumentSink> Pass<'_, T> {
    async fn run(&mut self) -> Result<(), ReplayEnded> {
        let Replay { log, partition, bounds, memory, pace, .. } = self.replay;
        let (end, mut at) = (bounds.end(), 0);
        let room = usize::try_from(memory.checked_div(IMAGE_PART).unwrap_or_default());
        let room = room.unwrap_or(usize::MAX);
        let mut tail = (end > 0).then(|| log.follow(vec![(*partition, 0)]));
        while let Some(tail) = &mut tail
            && at < end
        {
            let left = || LogError::Unavailable("it is not followed any more".into());
            let batch = tail.recv().await.ok_or_else(left)??;
            let most = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX);
            let records = batch.records.get(..most).unwrap_or(&batch.records);
            for piece in records.chunks(PIECE) {
                self.course.read(piece)?;
                self.settle().await?;
                let shed = self.course.image().shed();
                give(shed.iter().filter(|it| it.last() >= self.share.given_before), self.taker)?;
                if self.course.image().bytes() > room {
                    self.halve();
                }
                tokio::task::yield_now().await;
            }
            let taken = u64::try_from(records.len()).unwrap_or(u64::MAX);
            at = at.saturating_add(taken);
            pace.done.fetch_add(taken, Ordering::Relaxed);
        }
        Ok(give(self.course.image().documents(), self.taker)?)
    }

    async fn settle(&mut self) -> Result<(), ReplayEnded> {
        loop {
            match self.course.go_on()? {
                Needs::Done => return Ok(()),
                // It is beside no store, and never asks for any.
                Needs::Documents(_) => self.course.loaded(Vec::new()),
                Needs::Doubt { event, .. } => self.course.heard(event, false),
                Needs::Records(offsets) => {
                    let Replay { log, partition, .. } = self.replay;
                    let records = drive::read(&**log, *partition, &offsets).await?;
                    self.course.reread(&records);
                }
            }
        }
    }

    /// Goes on with half of the documents; the other half's turn comes.
    fn halve(&mut self) {
        if self.course.image().len() < FEW {
            return;
        }
        let Some((part, other)) = self.share.part.split() else { return };
        self.course.image().narrow(part);
        let given_before = self.share.given_before.max(self.course.next());
        let other_share = PendingShard { part: other, given_before };
        self.share.part = part;
        self.replay.pace.total.fetch_add(self.replay.bounds.end(), Ordering::Relaxed);
        if other.tells_what_fits() || !part.tells_what_fits() {
            self.shares.push(other_share);
        } else {
            // Sums come last: then it is known of every event whether it fits.
            self.shares.insert(0, other_share);
        }
    }
}

fn give<'d>(
    documents: impl IntoIterator<Item = &'d Document>,
    taker: &mut impl DocumentSink,
) -> Result<(), StoreError> {
    let mut shown = documents.into_iter().filter(|it| View::of_document(it) != View::Parked);
    shown.try_for_each(|document| taker.take(document))
}

impl From<Stop> for ReplayEnded {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::SkippedAfterwards { event, .. } => Self::Skips(event),
            Stop::Gap { .. } | Stop::Damaged { .. } => Self::Failed(stop.into()),
        }
    }
}

impl From<LogError> for ReplayEnded {
    fn from(error: LogError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<StoreError> for ReplayEnded {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}
