//! The job of a rebuild.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use event_log::{EventLog, LogIdentity, RecordId};
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;
use views::{DesiredState, GenerationName, Phase, ViewStore};

use super::{
    Faults, Ownership, Progress, ProgressCounter, RebuildError, RebuildSettings, Rebuilt, Throttle,
    handoff::stopped, removal::give_up, restart::Superseded, throttle::Limits,
};
use crate::{
    backoff::Backoff,
    context::{Context, change},
    feed_group::FeedGroup,
    in_flight::InFlight,
    status::StatusBoard,
    step_error::StepError,
};

/// How often control is looked at: a wish is obeyed within a second.
const LOOK: Duration = Duration::from_millis(500);
/// A job beats every second look.
const LOOKS_A_BEAT: u64 = 2;

/// Who wants a rebuild.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WantedBy {
    /// Somebody who asks for it; the job feeds the new generation until a projector does.
    Operator,
    /// A projector that has nothing to feed, which is to feed the new generation itself.
    Projector,
}

/// One process's work on a rebuild.
#[derive(Debug)]
pub(crate) struct Job {
    pub(super) ground: Context,
    pub(super) settings: RebuildSettings,
    pub(super) meter: Arc<ProgressCounter>,
    pub(super) gate: Arc<Throttle>,
    pub(super) board: Arc<StatusBoard>,
    /// What is on its way to the store.
    pub(super) under_way: InFlight,
    pub(super) wanted_by: WantedBy,
    pub(super) faults: Faults,
    /// The generation that it has begun or taken over.
    pub(super) generation: Option<GenerationName>,
    /// How many names it has given.
    pub(super) names: u32,
    /// What its generation leaves out, as control says.
    pub(super) skips: BTreeSet<RecordId>,
    /// The generation before, which has taken in what it should not have.
    pub(super) outdated: Option<Superseded>,
    pauses: Backoff,
}

impl Job {
    /// A job that somebody asks for.
    pub(super) fn asked_for(
        log: &Arc<dyn EventLog>,
        identity: LogIdentity,
        store: &Arc<dyn ViewStore>,
        settings: RebuildSettings,
        progress: watch::Sender<Progress>,
        faults: Faults,
    ) -> Self {
        let ground = Context { log: Arc::clone(log), identity, store: Arc::clone(store) };
        Self::new(ground, settings, progress, WantedBy::Operator, faults)
    }

    pub(crate) fn new(
        ground: Context,
        settings: RebuildSettings,
        progress: watch::Sender<Progress>,
        wanted_by: WantedBy,
        faults: Faults,
    ) -> Self {
        Self {
            meter: Arc::new(ProgressCounter::new(progress)),
            gate: Arc::new(Throttle::new()),
            board: Arc::new(StatusBoard::new(ground.identity.partitions)),
            pauses: Backoff::new(settings.seed),
            under_way: InFlight::default(),
            generation: None,
            skips: BTreeSet::new(),
            outdated: None,
            names: 0,
            ground,
            settings,
            wanted_by,
            faults,
        }
    }

    /// Works until the generation is live, or until something ends that.
    pub(crate) async fn run(
        mut self,
        shutdown: &CancellationToken,
    ) -> Result<Rebuilt, RebuildError> {
        let ended = shutdown.run_until_cancelled(self.until_ended()).await;
        ended.unwrap_or(Err(RebuildError::ShutDown))
    }

    async fn until_ended(&mut self) -> Result<Rebuilt, RebuildError> {
        loop {
            match self.attempt().await {
                Ok(rebuilt) => return Ok(rebuilt),
                Err(StepError::Fatal(error)) => return Err(error),
                Err(StepError::Retry(reason)) => {
                    tracing::debug!(reason, "the rebuild waits");
                    self.meter.waits_for(&reason);
                    sleep(self.pauses.next()).await;
                }
            }
        }
    }

    /// Does all that is to be done by what the store says, so that it does not matter where it was interrupted.
    async fn attempt(&mut self) -> Result<Rebuilt, StepError> {
        self.begin_anew().await?;
        let mut done = match self.begin().await {
            Ok(name) => {
                tokio::select! {
                    biased;
                    trouble = self.watch(&name) => Err(trouble),
                    done = self.work(&name) => done,
                }
            }
            Err(trouble) => Err(trouble),
        };
        if matches!(done, Err(StepError::Fatal(RebuildError::Stopped(_))))
            && self.generation.is_some()
        {
            // What was removed meanwhile reads as empty, and then hardly an event fits.
            done = self.begin().await.and(done);
        }
        self.after(done).await
    }

    /// What follows for its generation when a turn has ended so.
    async fn after(&mut self, done: Result<Rebuilt, StepError>) -> Result<Rebuilt, StepError> {
        let Err(StepError::Fatal(error)) = &done else { return done };
        let Some(name) = self.generation.clone() else { return done };
        let again = match error {
            RebuildError::Skipped(skips) => {
                self.outdated = Some(Superseded { name, skips: skips.clone() });
                "the views are made again without events that were skipped".into()
            }
            RebuildError::OlderCopy(older) => {
                // What another job has begun to fill from a newer log is of no use here.
                let reason = older.to_string();
                self.under_way.drained().await;
                give_up(&*self.ground.store, &name).await?;
                reason
            }
            RebuildError::Cancelled => {
                self.meter.phase(Phase::Cancelled);
                self.under_way.drained().await;
                give_up(&*self.ground.store, &name).await?;
                return done;
            }
            RebuildError::NotNow(_)
            | RebuildError::Removed
            | RebuildError::ShutDown
            | RebuildError::Store(_)
            | RebuildError::Log(_)
            | RebuildError::Stopped(_)
            | RebuildError::OtherVersions { .. }
            | RebuildError::Differs(_) => return done,
        };
        self.generation = None;
        // What it says is of that generation.
        self.board = Arc::new(StatusBoard::new(self.ground.identity.partitions));
        Err(StepError::Retry(again))
    }

    async fn work(&self, name: &GenerationName) -> Result<Rebuilt, StepError> {
        let store = &*self.ground.store;
        let control = store.find_control().await?.ok_or(RebuildError::Removed)?;
        let feeding = match Ownership::of(&control, name, &self.settings.job) {
            Ownership::Ours => match self.build(name).await {
                Ok(feeding) => Some(feeding),
                Err(trouble) => return Err(self.find_skips(name, trouble).await),
            },
            Ownership::Ready | Ownership::Superseded | Ownership::Unwanted | Ownership::Lost => {
                None
            }
        };
        self.meter.phase(Phase::Flipped);
        let rebuilt = |superseded_by, left| {
            let (generation, records) = (name.clone(), self.meter.taken());
            Rebuilt { generation, records, superseded_by, left }
        };
        if let Some(live) = self.live_instead(name).await? {
            return Ok(rebuilt(Some(live), Vec::new()));
        }
        store.repoint(name).await?;
        match self.wanted_by {
            WantedBy::Operator => {
                let (superseded_by, left) = self.leave(name, feeding).await?;
                Ok(rebuilt(superseded_by, left))
            }
            WantedBy::Projector => {
                stopped(feeding).await;
                Ok(rebuilt(None, Vec::new()))
            }
        }
    }

    /// Makes the generation, from whatever is there of it, and makes it live. It is still fed.
    async fn build(&self, name: &GenerationName) -> Result<FeedGroup, StepError> {
        let store = &self.ground.store;
        if let Some(throttle) = self.settings.throttle {
            change(&**store, |control| control.with_throttle(Some(throttle))).await?;
        }
        self.look(name).await?;
        let ends = self.ground.ends().await?;
        let (creates, generation) = (Arc::clone(store), name.clone());
        let create = async move { creates.create(&generation, &ends).await };
        self.under_way.take(create).await?;
        if let Some(older) = self.ground.older_than(name).await? {
            return Err(RebuildError::from(older).into());
        }
        self.fill(name).await?;
        self.meter.phase(Phase::Indexing);
        self.gate.open().await;
        store.create_indexes(name).await?;
        self.go_live(name).await?;
        self.catch_up(name).await
    }

    /// Beats, and watches control for what an operator wishes. Ends when this is not the job's generation any more.
    async fn watch(&self, name: &GenerationName) -> StepError {
        let mut looks: u64 = 0;
        loop {
            if let Err(trouble) = self.look(name).await {
                return trouble;
            }
            if looks.is_multiple_of(LOOKS_A_BEAT) {
                let RebuildSettings { job, instance, .. } = &self.settings;
                let beat = self.meter.beat(name, job, instance);
                if let Err(error) = self.ground.store.beat(&beat).await {
                    // Others may take the job over, which is safe.
                    tracing::debug!(%error, "the rebuild cannot say how it is");
                }
            }
            looks = looks.wrapping_add(1);
            sleep(LOOK).await;
        }
    }

    async fn look(&self, name: &GenerationName) -> Result<(), StepError> {
        let control = match self.ground.store.find_control().await {
            Ok(control) => control.ok_or(RebuildError::Removed)?,
            // Whoever works meets this too, and says so.
            Err(_) => return Ok(()),
        };
        match Ownership::of(&control, name, &self.settings.job) {
            Ownership::Ready | Ownership::Superseded => {
                // Nobody can wish anything of it any more.
                self.gate.set(Limits::default());
                self.meter.pauses(false);
                Ok(())
            }
            Ownership::Unwanted => Err(StepError::Fatal(RebuildError::Cancelled)),
            Ownership::Lost => Err(views::ControlConflict::JobGone(name.clone()).into()),
            Ownership::Ours => {
                let generation = control.generations.get(name);
                let paused = generation.is_some_and(|it| it.wish == DesiredState::Pause);
                let throttle = generation.and_then(|it| it.throttle);
                self.gate.set(Limits { paused, throttle });
                self.meter.pauses(paused);
                Ok(())
            }
        }
    }
}
