//! The front of the role.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use event_log::{EventLog, Follower, Position};
use futures::future::BoxFuture;
use tokio::{task::AbortHandle, time::Instant};
use views::{Beat, StoreError, ViewReader};

use crate::{
    EventsPage, EventsWish, Failure, Reading, control::Pointer, events, progress::Progress,
};

/// How often a request is begun again before it is given up. Once is what a flip needs.
const ATTEMPTS: usize = 4;

/// Says whether the feed of the views has stopped and will not go on by itself.
pub type Stopped = Arc<dyn Fn() -> bool + Send + Sync>;

/// Asks how the jobs are that make generations.
pub type Beats = Arc<dyn Fn() -> BoxFuture<'static, Result<Vec<Beat>, StoreError>> + Send + Sync>;

/// What may be chosen about the query role.
#[derive(Clone)]
pub struct Settings {
    /// How long a request waits for the views to get as far as it asks.
    pub within: Duration,
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
    /// 5 s is longer than any hiccup of a healthy shop and shorter than a person's patience.
    fn default() -> Self {
        Self { within: Duration::from_secs(5), stopped: None, beats: None }
    }
}

/// What the query role of this process reads.
pub(crate) struct Sources {
    pub(crate) views: Arc<dyn ViewReader>,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) follower: Follower,
    pub(crate) pointer: Pointer,
    pub(crate) progress: Progress,
    pub(crate) stopped: Option<Stopped>,
    pub(crate) beats: Option<Beats>,
}

impl Sources {
    /// What the jobs of rebuilds say of themselves.
    pub(crate) async fn beats(&self) -> Result<Vec<Beat>, StoreError> {
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
            pointer: Pointer::new(Arc::clone(&views), follower.identity().id),
            progress: Progress::new(Arc::clone(&views)),
            views,
            log,
            follower,
            stopped: settings.stopped.clone(),
            beats: settings.beats.clone(),
        });
        let polled = Arc::clone(&sources);
        let polling = tokio::spawn(async move { polled.pointer.follow().await });
        Self { sources, settings, polling: polling.abort_handle() }
    }

    /// Answers one request: `attempt` reads through the given [`Reading`], and is begun again when the generation
    /// that it read was replaced, or when it took so long that the generation might have been dropped meanwhile.
    pub async fn read<Answer, Attempt>(
        &self,
        mut attempt: impl FnMut(Arc<Reading>) -> Attempt,
    ) -> Result<Answer, Failure>
    where
        Attempt: Future<Output = Answer>,
    {
        let begun = Instant::now();
        let deadline = begun.checked_add(self.settings.within).unwrap_or(begun);
        for _ in 0..ATTEMPTS {
            let reading = Arc::new(Reading::new(Arc::clone(&self.sources), deadline));
            let answer = attempt(Arc::clone(&reading)).await;
            if reading.holds() {
                return Ok(answer);
            }
            if let Err(error) = self.sources.pointer.poll().await {
                tracing::debug!(%error, "control could not be read before beginning again");
            }
        }
        Err(Failure::Moved)
    }

    /// A page of what happened, from the log.
    pub async fn events(&self, wish: &EventsWish) -> Result<EventsPage, Failure> {
        events::page(&self.sources, wish).await
    }

    /// How far the views that queries read are.
    pub async fn position(&self) -> Result<Position, Failure> {
        let live = self.sources.pointer.live().await?;
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
