//! Doing what control says, for as long as the process runs.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;
use views::{Control, ControlConflict, GenerationName, GenerationState, StoreError};

use super::Settings;
use crate::{
    FeedState,
    backoff::Backoff,
    context::Context,
    feed::{Ended, with_causes},
    feed_group::{FeedGroup, FeederIdentity},
    fold::VERSIONS,
    rebuild::{Faults, Job, LEASED, Progress, RebuildError, RebuildSettings, WantedBy, remove},
    status::StatusBoard,
};

/// How often control is looked at.
const LOOK: Duration = Duration::from_millis(400);
/// Every so many looks the stable names are pointed again, in case a paused process has woken up and pointed them to
/// where they were: ten seconds.
const LOOKS_A_POINTING: u32 = 25;

/// What control says to this program.
#[derive(Debug)]
enum ControlState {
    /// There are no views.
    Nothing,
    /// The first views are being filled, by somebody.
    Filling,
    /// The first views were given up before they were whole.
    GivenUp,
    /// These are to be fed.
    Feed(Control),
    /// These are to stay as they are, because an operator wants it.
    Pause,
    /// This program cannot feed them.
    Unfit(String),
}

/// The projector's task.
pub(super) struct Supervisor {
    ground: Context,
    settings: Settings,
    board: Arc<StatusBoard>,
    shutdown: CancellationToken,
    pauses: Backoff,
    /// Whether there were views since this process was started: whoever removes them under it is not to find them
    /// growing again behind him.
    seen: bool,
    /// Whether this process has fed views: who takes them over after that means it, and to take them back would go on
    /// for ever.
    has_fed: bool,
    /// The generation of which it is known whether this log has what it was made of, and why not.
    looked_at: Option<(GenerationName, Option<String>)>,
    /// How many jobs this process has begun.
    jobs: u32,
    removals: JoinSet<GenerationName>,
    removing: BTreeSet<GenerationName>,
}

impl Supervisor {
    pub(super) fn new(
        ground: Context,
        settings: Settings,
        board: Arc<StatusBoard>,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            pauses: Backoff::new(settings.seed),
            ground,
            settings,
            board,
            shutdown,
            seen: false,
            has_fed: false,
            looked_at: None,
            jobs: 0,
            removals: JoinSet::new(),
            removing: BTreeSet::new(),
        }
    }

    pub(super) async fn run(mut self) {
        // Only feeding is finished in order; everything else may be left where it is.
        let shutdown = self.shutdown.clone();
        while let Some(says) = shutdown.run_until_cancelled(self.read()).await {
            let fed = match says {
                Ok(ControlState::Feed(control)) => self.feed(&control).await,
                Ok(says) => shutdown.run_until_cancelled(self.wait(says)).await.unwrap_or(Ok(())),
                Err(error) => Err(error),
            };
            match fed {
                Ok(()) => self.pauses.reset(),
                Err(error) => {
                    self.tell(&error);
                    shutdown.run_until_cancelled(sleep(self.pauses.next())).await;
                }
            }
        }
    }

    async fn read(&mut self) -> Result<ControlState, StoreError> {
        let Some(control) = self.ground.store.find_control().await? else {
            return Ok(ControlState::Nothing);
        };
        if !control.is_built() {
            let is_filled = control.filling().is_some();
            return Ok(if is_filled { ControlState::Filling } else { ControlState::GivenUp });
        }
        match control.check_feeder(self.ground.identity.id, VERSIONS) {
            Ok(()) if control.paused => Ok(ControlState::Pause),
            Ok(()) => Ok(match self.older_than(&control.live).await {
                Some(older) => ControlState::Unfit(older),
                None => ControlState::Feed(control),
            }),
            Err(unfit) => Ok(ControlState::Unfit(unfit.to_string())),
        }
    }

    /// Why the log has not what a generation was made of. Looked at once, since a log does not change so while it is open; what
    /// cannot be read now, the feeders meet too.
    async fn older_than(&mut self, live: &GenerationName) -> Option<String> {
        if self.looked_at.as_ref().is_none_or(|(name, _)| name != live) {
            let older = self.ground.older_than(live).await.ok()?;
            self.looked_at = Some((live.clone(), older.map(|older| older.to_string())));
        }
        self.looked_at.as_ref().and_then(|(_, older)| older.clone())
    }

    async fn wait(&mut self, says: ControlState) -> Result<(), StoreError> {
        let reason = match says {
            ControlState::Nothing if self.seen => {
                "the views were removed while they were fed: `sklep rebuild` builds them anew"
                    .into()
            }
            ControlState::GivenUp if self.seen => {
                "the first views were given up before they were whole: `sklep rebuild` builds them"
                    .into()
            }
            ControlState::Nothing | ControlState::GivenUp | ControlState::Filling => {
                return self.build().await;
            }
            ControlState::Unfit(_) if self.settings.rebuild_when_needed && !self.has_fed => {
                return self.build().await;
            }
            ControlState::Unfit(reason) => reason,
            ControlState::Pause => {
                self.seen = true;
                self.board.all(&FeedState::Paused);
                sleep(LOOK).await;
                return Ok(());
            }
            ControlState::Feed(_) => return Ok(()),
        };
        self.board.all(&FeedState::Stopped { reason });
        sleep(LOOK).await;
        Ok(())
    }

    /// Builds the views, unless another process is doing that.
    async fn build(&mut self) -> Result<(), StoreError> {
        self.seen = true;
        let (progress, told) = watch::channel(Progress::default());
        let job = Job::new(
            self.ground.clone(),
            self.next_job(),
            progress,
            WantedBy::Projector,
            Faults::default(),
        );
        self.board.prepares("the views are being built");
        let reason = match job.run(&self.shutdown).await {
            // Without a rebuild there is something to feed by now.
            Ok(_)
            | Err(RebuildError::ShutDown | RebuildError::NotNow(ControlConflict::NoRebuild)) => {
                return Ok(());
            }
            Err(RebuildError::Store(error)) => return Err(error),
            Err(RebuildError::NotNow(ControlConflict::AlreadyFilling(name))) => {
                self.board
                    .prepares(&format!("another process fills generation {name} of the views"));
                return Ok(());
            }
            Err(error) => with_causes(&error),
        };
        drop(told);
        self.board.all(&FeedState::Stopped { reason });
        sleep(LOOK).await;
        Ok(())
    }

    fn next_job(&mut self) -> RebuildSettings {
        self.jobs = self.jobs.saturating_add(1);
        let Settings { instance, tag, seed, memory, at_once, .. } = self.settings.clone();
        let tag = format!("{tag}{}", self.jobs);
        let job = tag.clone();
        RebuildSettings { instance, job, tag, seed, memory, throttle: None, at_once, verify: false }
    }

    /// Feeds the live generation for as long as it is that.
    async fn feed(&mut self, control: &Control) -> Result<(), StoreError> {
        (self.seen, self.has_fed) = (true, true);
        let live = &control.live;
        self.board.feeds(live);
        let Settings { instance, seed, .. } = self.settings.clone();
        let who = FeederIdentity { instance, seed };
        let mut feeding = FeedGroup::start(&self.ground, live, &who, &self.board).await?;
        let until = self.until_other(live, &mut feeding).await;
        feeding.stop().await;
        until
    }

    async fn until_other(
        &mut self,
        live: &GenerationName,
        feeding: &mut FeedGroup,
    ) -> Result<(), StoreError> {
        let mut looks: u32 = 0;
        let mut gone = false;
        loop {
            if looks.is_multiple_of(LOOKS_A_POINTING) {
                self.ground.store.repoint(live).await?;
            }
            looks = looks.wrapping_add(1);
            tokio::select! {
                biased;
                () = self.shutdown.cancelled() => return Ok(()),
                ended = feeding.ended() => gone |= ended == Ended::GenerationGone,
                () = sleep(LOOK) => {}
            }
            match self.ground.store.find_control().await {
                Ok(Some(control)) if control.live != *live || control.paused => return Ok(()),
                Ok(Some(_)) if gone => return Err(removed_by_hand(live)),
                Ok(Some(control)) => self.remove(&control),
                Ok(None) => return Ok(()),
                // The feeders meet this too, and say so.
                Err(_) => {}
            }
        }
    }

    /// Goes on with what somebody has begun to remove.
    fn remove(&mut self, control: &Control) {
        while let Some(removed) = self.removals.try_join_next() {
            if let Ok(name) = removed {
                self.removing.remove(&name);
            }
        }
        for (name, generation) in &control.generations {
            if generation.state != GenerationState::Dropping || self.removing.contains(name) {
                continue;
            }
            self.removing.insert(name.clone());
            let (store, name) = (Arc::clone(&self.ground.store), name.clone());
            self.removals.spawn(async move {
                if let Err(error) = remove(&*store, &name, LEASED).await {
                    tracing::debug!(%name, %error, "a generation is not removed yet");
                }
                name
            });
        }
    }

    fn tell(&self, error: &StoreError) {
        let reason = with_causes(error);
        match error {
            StoreError::Unfit(_) => self.board.all(&FeedState::Stopped { reason }),
            StoreError::Unavailable(_) | StoreError::NotBuilt | StoreError::GenerationGone => {
                self.board.all(&FeedState::Waiting { reason });
            }
        }
    }
}

fn removed_by_hand(live: &GenerationName) -> StoreError {
    StoreError::Unfit(format!(
        "the checkpoints of generation {live} of the views were removed by hand: run `sklep rebuild`"
    ))
}
