//! The feeder of one partition.

use std::{error::Error, sync::Arc};

use domain::Currency;
use event_log::{LogError, Offset, Partition, RecordId, older_copy};
use tokio_util::sync::CancellationToken;
use views::{Checkpoint, Commit, CommitError, GenerationName, Mode, StoreError, ViewStore};

use crate::{
    DocumentCache,
    backoff::Backoff,
    drive::{DriveError, Store, drive},
    fan_out::Records,
    partition::{PartitionProjection, Stop},
    status::StatusBoard,
};

/// The most events of one transaction: a transaction that is too long holds up the next feeder.
const MOST_IN_BATCH: usize = 1_000;
/// How many bytes of documents are kept between batches: those of twelve partitions stay below 250 MB.
const MOST_KEPT: usize = 20 << 20;

/// The feeder of one partition.
#[derive(Debug)]
pub(crate) struct Feeder {
    pub(crate) records: Records,
    pub(crate) store: Arc<dyn ViewStore>,
    pub(crate) generation: GenerationName,
    /// The log's.
    pub(crate) currency: Currency,
    pub(crate) instance: String,
    pub(crate) pauses: Backoff,
    pub(crate) board: Arc<StatusBoard>,
    pub(crate) shutdown: CancellationToken,
}

/// Why a feeder ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It was asked to, or it stopped for good and said so.
    Done,
    /// Its generation is gone: control says what there is now.
    GenerationGone,
}

/// Why feeding was interrupted.
enum FeedError {
    ShutDown,
    GenerationGone,
    /// Another feeder claimed the partition and takes in what comes. It may end, so this one stays behind it.
    Overtaken,
    /// It may go on by itself.
    Wait(String),
    /// It cannot go on.
    Stop {
        reason: String,
        /// The event that was taken in and is skipped, when that is why.
        skipped: Option<Offset>,
    },
}

impl Feeder {
    /// Feeds until it is asked to end, or cannot go on.
    pub(crate) async fn run(mut self) -> Ended {
        loop {
            match self.feed().await {
                FeedError::ShutDown => return Ended::Done,
                FeedError::GenerationGone => return Ended::GenerationGone,
                FeedError::Stop { reason, skipped } => {
                    let partition = self.partition();
                    if let Some(offset) = skipped {
                        self.board.finds_skipped(RecordId { partition, offset });
                    }
                    self.board.stops(partition, &reason);
                    return Ended::Done;
                }
                FeedError::Overtaken => {
                    tracing::debug!(partition = %self.partition(), "another feeder took over");
                }
                // What it waits for is being left, and nothing is wrong with that.
                FeedError::Wait(_) if self.shutdown.is_cancelled() => return Ended::Done,
                FeedError::Wait(reason) => self.board.waits(self.partition(), &reason),
            }
            let pause = tokio::time::sleep(self.pauses.next());
            if self.shutdown.run_until_cancelled(pause).await.is_none() {
                return Ended::Done;
            }
        }
    }

    /// Claims the partition and feeds it until something is in the way. All that is in memory goes then.
    async fn feed(&mut self) -> FeedError {
        match self.claim().await {
            Err(trouble) => trouble,
            Ok(mut claimed) => loop {
                match self.step(&mut claimed).await {
                    Ok(()) => self.pauses.reset(),
                    Err(trouble) => return trouble,
                }
            },
        }
    }

    async fn claim(&self) -> Result<Claimed, FeedError> {
        let claim = self.store.claim(&self.generation, self.partition(), &self.instance);
        let claim = self.unless_shut_down(claim).await??;
        let checkpoint = claim.checkpoint;
        if checkpoint.mode != Mode::Live {
            return Err(FeedError::Wait("a rebuild fills the generation".into()));
        }
        let place = checkpoint.followed(self.partition());
        let older = older_copy(&*self.records.log, vec![place]);
        if let Some(older) = self.unless_shut_down(older).await?? {
            return Err(FeedError::stop(older.to_string()));
        }
        // A newest feeder's checkpoint and documents are of one moment, as nobody else can commit any more.
        let parked = if checkpoint.parked == 0 {
            Vec::new()
        } else {
            let parked = self.store.parked_in(&self.generation, self.partition());
            self.unless_shut_down(parked).await??
        };
        let course = PartitionProjection::from(
            self.partition(),
            self.currency,
            &checkpoint,
            DocumentCache::default(),
            parked,
        );
        self.board.runs(self.partition(), checkpoint.at, checkpoint.rev);
        Ok(Claimed { checkpoint, course })
    }

    /// Takes what there is, never waiting for more, and stores what it comes to.
    async fn step(&mut self, claimed: &mut Claimed) -> Result<(), FeedError> {
        let next = self.records.next(claimed.checkpoint.at, MOST_IN_BATCH);
        let records =
            self.shutdown.run_until_cancelled(next).await.ok_or(FeedError::ShutDown)??;
        claimed.course.read(&records)?;
        let store = Store { views: &*self.store, generation: &self.generation };
        let settled = drive(&mut claimed.course, &*self.records.log, store);
        let settled = self.unless_shut_down(settled).await?;
        if matches!(settled, Err(DriveError::Stop(Stop::Damaged { .. }))) {
            // What was removed meanwhile reads as empty; then the checkpoint has gone before it.
            let claim = self.store.claim(&self.generation, self.partition(), &self.instance);
            self.unless_shut_down(claim).await??;
        }
        settled?;
        self.commit(claimed).await
    }

    /// Is not given up on a shutdown: a transaction that is left open would hold up the next feeder.
    async fn commit(&self, claimed: &mut Claimed) -> Result<(), FeedError> {
        let checkpoint = claimed.course.checkpoint(claimed.checkpoint);
        let commit = Commit {
            generation: self.generation.clone(),
            partition: self.partition(),
            checkpoint,
            changes: claimed.course.image().changes(),
        };
        let rev = self.store.commit(&commit).await?;
        claimed.checkpoint = Checkpoint { rev, ..checkpoint };
        claimed.course.image().stored(MOST_KEPT);
        self.board.runs(self.partition(), checkpoint.at, rev);
        Ok(())
    }

    fn partition(&self) -> Partition {
        self.records.partition
    }

    async fn unless_shut_down<T>(&self, work: impl Future<Output = T>) -> Result<T, FeedError> {
        self.shutdown.run_until_cancelled(work).await.ok_or(FeedError::ShutDown)
    }
}

/// A partition while it is ours.
struct Claimed {
    checkpoint: Checkpoint,
    course: PartitionProjection,
}

impl FeedError {
    fn stop(reason: String) -> Self {
        Self::Stop { reason, skipped: None }
    }
}

impl From<Stop> for FeedError {
    fn from(stop: Stop) -> Self {
        let reason = stop.to_string();
        match stop {
            Stop::SkippedAfterwards { event, .. } => Self::Stop { reason, skipped: Some(event) },
            Stop::Gap { .. } | Stop::Damaged { .. } => Self::stop(reason),
        }
    }
}

impl From<DriveError> for FeedError {
    fn from(unsettled: DriveError) -> Self {
        match unsettled {
            DriveError::Stop(stop) => stop.into(),
            DriveError::Store(error) => error.into(),
            DriveError::Log(error) => error.into(),
        }
    }
}

impl From<StoreError> for FeedError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::GenerationGone | StoreError::NotBuilt => Self::GenerationGone,
            StoreError::Unfit(reason) => Self::stop(reason),
            StoreError::Unavailable(_) => Self::Wait(with_causes(&error)),
        }
    }
}

impl From<CommitError> for FeedError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Damaged(_) => Self::stop(format!("{error}; run `sklep rebuild`")),
            CommitError::Stale => Self::Overtaken,
            CommitError::Unavailable(_) => Self::Wait(with_causes(&error)),
        }
    }
}

impl From<LogError> for FeedError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Unfit(reason) => Self::stop(reason),
            LogError::Unavailable(_) => Self::Wait(with_causes(&error)),
        }
    }
}

pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
