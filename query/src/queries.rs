//! The front of the role.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use event_log::{EventLog, Follower, Position};
use futures::future::BoxFuture;
use tokio::{
    sync::Semaphore,
    task::AbortHandle,
    time::{Instant, sleep_until},
};
use views::{Heartbeat, StoreError, ViewReader};

use crate::{Budget, Failure, ReadSession, control::LiveGeneration, progress::Progress};

/// How often a request is begun again before it is given up. Once is what a flip needs.
const ATTEMPTS: usize = 4;

/// How many reads of the log go on at once. Each takes a thread of the machine while it does, and a few megabytes at most.
const READS: usize = 32;

/// Says whether the feed of the views has stopped and will not go on by itself.
pub type Stopped = Arc<dyn Fn() -> bool + Send + Sync>;

/// Asks how the jobs are that make generations.
pub type Beats =
    Arc<dyn Fn() -> BoxFuture<'static, Result<Vec<Heartbeat>, StoreError>> + Send + Sync>;

/// What may be chosen about the query role.
#[derive(Clone)]
pub struct Settings {
    /// How long a request waits for the views to get as far as it asks.
    pub within: Duration,
    /// How long a request may take altogether.
    pub deadline: Duration,
    /// How many records of the log and documents of the views one request may look at.
    pub looked_at: u64,
    /// How many bytes an answer may have.
    pub told: u64,
    /// What the projector of this process says of itself; none where it is another process.
    pub stopped: Option<Stopped>,
    /// Where the jobs of rebuilds say how they are; without it only control is known of them.
    pub beats: Option<Beats>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("within", &self.within).finish_non_exhaustive()
    }
}

impl Default for Settings {
    /// 5 s is longer than any hiccup of a healthy shop and shorter than a person's patience; 10 s is as long as a mutation may
    /// take. A page of events that a filter leaves empty looks at 10,000 records, a search at 2,000 documents. The largest answer
    /// that the shop's own commands ask for, 100 events of a log with 1,024 partitions, has 2 MB.
    fn default() -> Self {
        Self {
            within: Duration::from_secs(5),
            deadline: Duration::from_secs(10),
            looked_at: 50_000,
            told: 8 << 20,
            stopped: None,
            beats: None,
        }
    }
}

/// What the query role of this process reads.
pub(crate) struct Sources {
    pub(crate) views: Arc<dyn ViewReader>,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) follower: Follower,
    pub(crate) pointer: LiveGeneration,
    pub(crate) progress: Progress,
    pub(crate) stopped: Option<Stopped>,
    pub(crate) beats: Option<Beats>,
    /// How many reads of the log may go on at once, for all requests.
    pub(crate) reads: Semaphore,
}

impl Sources {
    /// What the jobs of rebuilds say of themselves.
    pub(crate) async fn beats(&self) -> Result<Vec<Heartbeat>, StoreError> {
        match &self.beats {
            Some(beats) => beats().await,
            None => Ok(Vec::new()),
        }
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").field("views", &self.views).finish_non_exhaustive()
    }
}

/// The query role of this process.
#[derive(Debug)]
pub struct Queries {
    sources: Arc<Sources>,
    settings: Settings,
    polling: AbortHandle,
}

impl Queries {
    /// Starts the role on the current Tokio runtime; it ends when this is dropped.
    pub fn start(
        views: Arc<dyn ViewReader>,
        log: Arc<dyn EventLog>,
        follower: Follower,
        settings: Settings,
    ) -> Self {
        let sources = Arc::new(Sources {
            pointer: LiveGeneration::new(
                Arc::clone(&views),
                Arc::clone(&log),
                follower.identity().id,
            ),
            progress: Progress::new(Arc::clone(&views)),
            views,
            log,
            follower,
            stopped: settings.stopped.clone(),
            beats: settings.beats.clone(),
            reads: Semaphore::new(READS),
        });
        let polled = Arc::clone(&sources);
        let polling = tokio::spawn(async move { polled.pointer.follow().await });
        Self { sources, settings, polling: polling.abort_handle() }
    }

    /// Answers one request: `attempt` reads through the given [`ReadSession`], and is begun again when the generation
    /// that it read was replaced, or when it took so long that the generation might have been dropped meanwhile. All of it
    /// together has one budget and one deadline, at which it is dropped.
    pub async fn read<Answer, Attempt>(
        &self,
        attempt: impl FnMut(Arc<ReadSession>) -> Attempt,
    ) -> Result<Answer, Failure>
    where
        Attempt: Future<Output = Answer>,
    {
        let begun = Instant::now();
        let budget = Arc::new(Budget::new(self.settings.looked_at, self.settings.told));
        let deadline = begun.checked_add(self.settings.deadline).unwrap_or(begun);
        tokio::select! {
            // In this order always, so that a simulation can be repeated.
            biased;
            failure = budget.spent() => Err(failure),
            answer = self.attempts(begun, &budget, attempt) => answer,
            () = sleep_until(deadline) => Err(Failure::TimedOut),
        }
    }

    async fn attempts<Answer, Attempt>(
        &self,
        begun: Instant,
        budget: &Arc<Budget>,
        mut attempt: impl FnMut(Arc<ReadSession>) -> Attempt,
    ) -> Result<Answer, Failure>
    where
        Attempt: Future<Output = Answer>,
    {
        let deadline = begun.checked_add(self.settings.within).unwrap_or(begun);
        for _ in 0..ATTEMPTS {
            let reading =
                Arc::new(ReadSession::new(Arc::clone(&self.sources), deadline, Arc::clone(budget)));
            let answer = attempt(Arc::clone(&reading)).await;
            budget.check()?;
            if reading.holds() {
                return Ok(answer);
            }
            if let Err(error) = self.sources.pointer.poll().await {
                tracing::debug!(%error, "control could not be read before beginning again");
            }
        }
        Err(Failure::Moved)
    }

    /// How far the views that queries read are.
    pub async fn position(&self) -> Result<Position, Failure> {
        let live = self.sources.pointer.live().await?;
        live.fit()?;
        Ok(self.sources.progress.now(&live).await?.seen)
    }
}

impl Drop for Queries {
    fn drop(&mut self) {
        self.polling.abort();
    }
}

#[cfg(test)]
mod tests;
