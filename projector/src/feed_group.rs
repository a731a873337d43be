//! Feeding every partition of one generation.

use std::{collections::BTreeMap, panic::AssertUnwindSafe, sync::Arc};

use event_log::{Offset, Partition};
use futures::FutureExt as _;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use views::{GenerationName, StoreError};

use crate::{
    backoff::Backoff,
    context::Context,
    fan_out::{Records, share},
    feed::{Ended, Feeder},
    status::StatusBoard,
};

/// Who feeds.
#[derive(Debug, Clone)]
pub(crate) struct FeederIdentity {
    /// What it calls itself, for people who read it.
    pub(crate) instance: String,
    /// Chance, for pauses.
    pub(crate) seed: u64,
}

/// Feeders of every partition of one generation. They end when this is dropped, after the batches at hand.
#[derive(Debug)]
pub(crate) struct FeedGroup {
    stop: CancellationToken,
    task: Option<JoinHandle<Ended>>,
}

impl FeedGroup {
    /// Starts to feed a generation from its checkpoints on.
    pub(crate) async fn start(
        ground: &Context,
        generation: &GenerationName,
        who: &FeederIdentity,
        board: &Arc<StatusBoard>,
    ) -> Result<Self, StoreError> {
        // They are read before the feeders claim theirs, and only grow: from there on is enough.
        let checkpoints = ground.store.checkpoints(generation).await?;
        let at = |partition| checkpoints.get(&partition).map_or(0, |checkpoint| checkpoint.at);
        let from = Partition::all(ground.identity.partitions).map(|it| (it, at(it))).collect();
        let feeders = Feeders {
            ground: ground.clone(),
            generation: generation.clone(),
            who: who.clone(),
            board: Arc::clone(board),
            stop: CancellationToken::new(),
        };
        let stop = feeders.stop.clone();
        Ok(Self { stop, task: Some(tokio::spawn(feeders.run(from))) })
    }

    /// Waits until nobody feeds any more, and says why.
    pub(crate) async fn ended(&mut self) -> Ended {
        let ended = match &mut self.task {
            Some(task) => task.await,
            None => std::future::pending().await,
        };
        self.task = None;
        // A panic in it was printed when it happened.
        ended.unwrap_or(Ended::Done)
    }

    /// Finishes the batches at hand and leaves.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        if self.task.is_some() {
            self.ended().await;
        }
    }
}

impl Drop for FeedGroup {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

struct Feeders {
    ground: Context,
    generation: GenerationName,
    who: FeederIdentity,
    board: Arc<StatusBoard>,
    stop: CancellationToken,
}

impl Feeders {
    /// Feeds until it is stopped, until the generation is gone, or until no partition goes on.
    async fn run(self, from: BTreeMap<Partition, Offset>) -> Ended {
        let (tail, records) = share(&self.ground.log, &from);
        let followed = self.stop.clone();
        tokio::spawn(async move { followed.run_until_cancelled(tail.run()).await });
        let mut feeders: JoinSet<Ended> =
            records.into_iter().map(|records| unless_it_panics(self.feeder(records))).collect();
        let mut all = Ended::Done;
        while let Some(ended) = feeders.join_next().await {
            if matches!(ended, Ok(Ended::GenerationGone)) {
                all = Ended::GenerationGone;
                self.stop.cancel();
            }
        }
        self.stop.cancel();
        all
    }

    fn feeder(&self, records: Records) -> Feeder {
        let chance = self.who.seed.wrapping_add(u64::from(records.partition.0));
        Feeder {
            records,
            store: Arc::clone(&self.ground.store),
            generation: self.generation.clone(),
            currency: self.ground.identity.settings.currency,
            instance: self.who.instance.clone(),
            pauses: Backoff::new(chance),
            board: Arc::clone(&self.board),
            shutdown: self.stop.clone(),
        }
    }
}

/// Feeds a partition. A panic stops it, as everything does that does not pass; the others go on.
async fn unless_it_panics(feeder: Feeder) -> Ended {
    let (board, partition) = (Arc::clone(&feeder.board), feeder.records.partition);
    AssertUnwindSafe(feeder.run()).catch_unwind().await.unwrap_or_else(|_panic| {
        board.stops(partition, "it ended by a fault of this program; start it again");
        Ended::Done
    })
}
