//! The role: a feeder for each partition of the live generation.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use event_log::{EventLog, LogIdentity, Offset, Partition};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use views::{Control, GenerationName, StoreError, ViewStore};

use crate::{
    FeedState, Status,
    feed::{Ended, Feeder, with_causes},
    fold::VERSIONS,
    pause::Pauses,
    status::Board,
    tail::{Records, share},
};

/// How often a store that is not fit is looked at again, in case somebody mends it.
const MENDED: Duration = Duration::from_secs(5);

/// What the projector is told by whoever starts it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What this process calls itself in the checkpoints, for people who read them.
    pub instance: String,
    /// Random letters and digits, for the name of a generation that is begun.
    pub tag: String,
    /// Chance, for pauses.
    pub seed: u64,
}

/// The running projector of this process.
#[derive(Debug)]
pub struct Projector {
    board: Arc<Board>,
    shutdown: CancellationToken,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Projector {
    /// Starts to feed every partition, and goes on until `shutdown` or [`Projector::stop`]. Needs a tokio runtime.
    pub fn start(
        log: Arc<dyn EventLog>,
        identity: LogIdentity,
        store: Arc<dyn ViewStore>,
        settings: Settings,
        shutdown: &CancellationToken,
    ) -> Self {
        let board = Arc::new(Board::new(identity.partitions));
        let shutdown = shutdown.child_token();
        let running = Running {
            log,
            identity,
            store,
            pauses: Pauses::new(settings.seed),
            settings,
            board: Arc::clone(&board),
            shutdown: shutdown.clone(),
        };
        let task = Mutex::new(Some(tokio::spawn(running.run())));
        Self { board, shutdown, task }
    }

    /// How it is.
    pub fn status(&self) -> Status {
        self.board.status()
    }

    /// Finishes the batches at hand and leaves.
    pub async fn stop(&self) {
        self.shutdown.cancel();
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            // A panic in it was printed when it happened.
            let _ = task.await;
        }
    }
}

struct Running {
    log: Arc<dyn EventLog>,
    identity: LogIdentity,
    store: Arc<dyn ViewStore>,
    settings: Settings,
    pauses: Pauses,
    board: Arc<Board>,
    shutdown: CancellationToken,
}

impl Running {
    async fn run(mut self) {
        let mut live = self.until_there(Self::begin).await;
        while let Some(found) = live {
            self.board.feeds(&found.generation);
            if self.feed(&found).await == Ended::Done {
                return;
            }
            live = self.until_there(Self::find).await;
        }
    }

    /// The live generation, as soon as it can be had; none on a shutdown.
    async fn until_there(
        &mut self,
        get: impl AsyncFn(&Self) -> Result<Live, StoreError>,
    ) -> Option<Live> {
        loop {
            let error = match self.shutdown.clone().run_until_cancelled(get(self)).await? {
                Ok(live) => return Some(live),
                Err(error) => error,
            };
            let reason = with_causes(&error);
            let pause = match error {
                StoreError::Unavailable(_) => {
                    self.board.all(&FeedState::Waiting { reason });
                    self.pauses.next()
                }
                StoreError::Unfit(_) | StoreError::NotBuilt | StoreError::GenerationGone => {
                    self.board.all(&FeedState::Stopped { reason });
                    MENDED
                }
            };
            self.shutdown.run_until_cancelled(tokio::time::sleep(pause)).await?;
        }
    }

    async fn begin(&self) -> Result<Live, StoreError> {
        let LogIdentity { id, partitions } = self.identity;
        let control = self.store.begin(id, partitions, VERSIONS, &self.settings.tag).await?;
        self.live(control).await
    }

    /// What there is now. Nothing is begun here: whoever removed control under a running projector is not to find
    /// the views growing again behind him.
    async fn find(&self) -> Result<Live, StoreError> {
        let control = self.store.control().await?.ok_or_else(|| {
            StoreError::Unfit(
                "the views were removed while they were fed: start this program again to build them anew".into(),
            )
        })?;
        control.check_feeder(self.identity.id, VERSIONS)?;
        self.live(control).await
    }

    /// The checkpoints are read before the feeders claim theirs, and only grow: from there on is enough.
    async fn live(&self, control: Control) -> Result<Live, StoreError> {
        let checkpoints = self.store.checkpoints(&control.live).await?;
        let at = |partition| checkpoints.get(&partition).map_or(0, |checkpoint| checkpoint.at);
        let from = Partition::all(self.identity.partitions).map(|it| (it, at(it))).collect();
        Ok(Live { generation: control.live, from })
    }

    /// Feeds the live generation until it is gone, or until the end.
    async fn feed(&self, live: &Live) -> Ended {
        let shutdown = self.shutdown.child_token();
        let (tail, records) = share(&self.log, &live.from);
        let followed = shutdown.clone();
        tokio::spawn(async move { followed.run_until_cancelled(tail.run()).await });
        let mut feeders: JoinSet<Ended> = records
            .into_iter()
            .map(|records| self.feeder(live, records, &shutdown).run())
            .collect();
        let mut all = Ended::Done;
        while let Some(ended) = feeders.join_next().await {
            if matches!(ended, Ok(Ended::GenerationGone)) {
                all = Ended::GenerationGone;
                shutdown.cancel();
            }
        }
        shutdown.cancel();
        all
    }

    fn feeder(&self, live: &Live, records: Records, shutdown: &CancellationToken) -> Feeder {
        let chance = self.settings.seed.wrapping_add(u64::from(records.partition.0));
        Feeder {
            records,
            store: Arc::clone(&self.store),
            generation: live.generation.clone(),
            instance: self.settings.instance.clone(),
            pauses: Pauses::new(chance),
            board: Arc::clone(&self.board),
            shutdown: shutdown.clone(),
        }
    }
}

/// The generation that is fed, and how far it was when it was found.
struct Live {
    generation: GenerationName,
    from: BTreeMap<Partition, Offset>,
}
