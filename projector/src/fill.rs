//! Filling one partition of a generation that nobody reads yet.
//!
//! Whole documents are written outside of transactions. A kill or a rival is harmless all the same: a document is a
//! pure function of the log, the version of the folds and its `last`; writes only move upwards by `last`; and none
//! goes beyond where the checkpoint says that the fill ends.
//!
//! Records are read, folded and written at the same time. Documents stay in memory as long as there is room, so that
//! nearly all are written once.

mod writes;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use event_log::{LogError, Offset, Partition, RecordId, StoredRecord};
use tokio::time::Instant;
use views::{Checkpoint, GenerationName, Mode};

use crate::{
    DocumentCache, StoreContents, alone,
    context::Context,
    drive,
    in_flight::InFlight,
    partition::{Needs, PartitionProjection, Stop},
    rebuild::{Faults, ProgressCounter, RebuildError, Throttle},
    step_error::StepError,
};

use self::writes::Writes;

/// Records that are taken in at once: less than a millisecond's work, and others want to run too.
const PIECE: usize = 500;
/// Documents that are copied at once to be written while they stay in memory.
const COPIED: usize = 500;
/// The part of the memory that is for documents. The rest is for records that were read and documents that are written.
const IMAGE_PART: u64 = 2;
/// So much work may have to be done again after a kill. To store what is in memory costs more the more often it is done.
const MOST_UNSTORED: Duration = Duration::from_mins(1);

/// Fills one partition of a generation.
#[derive(Debug)]
pub(crate) struct Fill {
    pub(crate) ground: Context,
    pub(crate) generation: GenerationName,
    pub(crate) partition: Partition,
    /// How many bytes this fill may take, about.
    pub(crate) memory: u64,
    /// Events that later records skip, though this program could take them in.
    pub(crate) skips: BTreeSet<Offset>,
    /// What is on its way to the store.
    pub(crate) under_way: InFlight,
    pub(crate) gate: Arc<Throttle>,
    pub(crate) meter: Arc<ProgressCounter>,
    pub(crate) faults: Faults,
}

impl Fill {
    /// Goes on from this checkpoint up to where it says that the fill ends; answers with the checkpoint there.
    pub(crate) async fn run(&self, from: Checkpoint) -> Result<Checkpoint, StepError> {
        let Mode::Fill { to } = from.mode else { return Ok(from) };
        let to = if self.faults.ignores_fill_to() {
            self.ground.log.end(self.partition).await?
        } else {
            to
        };
        let mut filling = Filling {
            fill: self,
            course: self.course(&from).await?,
            writes: Writes::of(self),
            room: usize::try_from(self.memory / IMAGE_PART).unwrap_or(usize::MAX),
            at: from.at,
            stored: from,
            stored_when: Instant::now(),
        };
        filling.fill_to(to).await?;
        filling.finish().await
    }

    fn stopped(&self, stop: &Stop) -> StepError {
        let partition = self.partition;
        StepError::Fatal(match stop {
            Stop::SkippedAfterwards { event, .. } => {
                RebuildError::Skipped(BTreeSet::from([RecordId { partition, offset: *event }]))
            }
            Stop::Gap { .. } | Stop::Damaged { .. } => {
                RebuildError::Stopped(format!("partition {partition}: {stop}"))
            }
        })
    }

    async fn course(&self, from: &Checkpoint) -> Result<PartitionProjection, StepError> {
        let parked = self.ground.store.parked_in(&self.generation, self.partition).await?;
        let currency = self.ground.identity.settings.currency;
        // From the log's begin on, nothing is needed of what another fill may have left.
        let elsewhere = if from.at == 0 { StoreContents::Nothing } else { StoreContents::Anything };
        let image = DocumentCache::beside(elsewhere).sheds_full_buckets();
        Ok(PartitionProjection::from(self.partition, currency, from, image, parked)
            .with_skips(&self.skips))
    }
}

/// A fill under way.
struct Filling<'f> {
    fill: &'f Fill,
    course: PartitionProjection,
    writes: Writes,
    /// How many bytes the documents in memory may take.
    room: usize,
    at: Offset,
    stored: Checkpoint,
    stored_when: Instant,
}

impl Filling<'_> {
    async fn fill_to(&mut self, to: Offset) -> Result<(), StepError> {
        if self.at >= to {
            return Ok(());
        }
        let Fill { ground, gate, partition, .. } = self.fill;
        let mut tail = ground.log.follow(vec![(*partition, self.at)]);
        while self.at < to {
            let left = || LogError::Unavailable("it is not followed any more".into());
            let batch = tail.recv().await.ok_or_else(left)??;
            let most = usize::try_from(to.saturating_sub(self.at)).unwrap_or(usize::MAX);
            let records = batch.records.get(..most).unwrap_or(&batch.records);
            for piece in records.chunks(gate.at_most(PIECE)) {
                gate.pass(piece.len()).await;
                self.take(piece).await?;
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    async fn take(&mut self, records: &[StoredRecord]) -> Result<(), StepError> {
        self.course.read(records).map_err(|stop| self.fill.stopped(&stop))?;
        self.settle().await?;
        let before = self.at;
        self.at = records.last().map_or(before, |last| last.offset.saturating_add(1));
        self.fill.meter.took(self.at.saturating_sub(before));
        let shed = self.course.image().shed();
        if !shed.is_empty() {
            self.write_parked().await?;
            self.writes.write(shed).await?;
        }
        if self.course.image().bytes() > self.room {
            self.evict().await?;
        }
        if self.stored_when.elapsed() >= MOST_UNSTORED {
            self.store().await?;
        }
        Ok(())
    }

    async fn settle(&mut self) -> Result<(), StepError> {
        let Fill { ground, generation, partition, .. } = self.fill;
        loop {
            match self.course.go_on().map_err(|stop| self.fill.stopped(&stop))? {
                Needs::Done => return Ok(()),
                Needs::Documents(keys) => {
                    self.writes.land_evicted().await?;
                    self.course.loaded(ground.store.load(generation, &keys).await?);
                }
                Needs::Doubt { key, event } => {
                    alone::decide(&mut self.course, &*ground.log, &key, event).await?;
                }
                Needs::Records(offsets) => {
                    let records = drive::read(&*ground.log, *partition, &offsets).await?;
                    self.course.reread(&records);
                }
            }
        }
    }

    /// Makes room.
    async fn evict(&mut self) -> Result<(), StepError> {
        self.write_parked().await?;
        let cold = self.course.image().evict_coldest();
        self.writes.write_evicted(cold).await?;
        Ok(())
    }

    /// Stores all that is in memory, which stays there, and then how far that is.
    async fn store(&mut self) -> Result<(), StepError> {
        self.write_parked().await?;
        loop {
            let copies = self.course.image().copy_changed(COPIED);
            if copies.is_empty() {
                return self.move_checkpoint().await;
            }
            self.writes.write(copies).await?;
        }
    }

    /// Stores all that is in memory, and then how far that is.
    async fn finish(mut self) -> Result<Checkpoint, StepError> {
        if self.at > self.stored.at {
            self.write_parked().await?;
            let changed = self.course.image().take_changed();
            self.writes.write(changed).await?;
            self.move_checkpoint().await?;
        }
        Ok(self.stored)
    }

    /// A fill that is killed goes on by what is known to be parked: that is stored before what follows from it.
    async fn write_parked(&mut self) -> Result<(), StepError> {
        let parked = self.course.image().copy_parked();
        if !parked.is_empty() {
            self.writes.write(parked).await?;
            self.writes.land().await?;
        }
        Ok(())
    }

    async fn move_checkpoint(&mut self) -> Result<(), StepError> {
        self.writes.land().await?;
        let Fill { ground, generation, partition, .. } = self.fill;
        let checkpoint = self.course.checkpoint(self.stored);
        let moved = ground.store.move_checkpoint(generation, *partition, &checkpoint).await;
        self.stored = Checkpoint { rev: moved?, ..checkpoint };
        self.stored_when = Instant::now();
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "an overflow in a test is a failed test")]
mod tests;
