//! The front of the role.

use std::{future::Future, sync::Arc, time::Duration};

use event_log::EventLog;
use tokio::{task::AbortHandle, time::Instant};
use views::ViewReader;

use crate::{Failure, Reading, control::Pointer, progress::Progress};

/// How often a request is begun again before it is given up. Once is what a flip needs.
const ATTEMPTS: usize = 4;

/// What may be chosen about the query role.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long a request waits for the views to get as far as it asks.
    pub within: Duration,
}

impl Default for Settings {
    /// 5 s is longer than any hiccup of a healthy shop and shorter than a person's patience.
    fn default() -> Self {
        Self { within: Duration::from_secs(5) }
    }
}

/// What the query role of this process reads.
#[derive(Debug)]
pub(crate) struct Sources {
    pub(crate) views: Arc<dyn ViewReader>,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) pointer: Pointer,
    pub(crate) progress: Progress,
}

/// The query role of this process.
#[derive(Debug)]
pub struct Queries {
    sources: Arc<Sources>,
    settings: Settings,
    following: AbortHandle,
}

impl Queries {
    /// Starts the role on the current Tokio runtime; it ends when this is dropped.
    pub fn start(views: Arc<dyn ViewReader>, log: Arc<dyn EventLog>, settings: Settings) -> Self {
        let sources = Arc::new(Sources {
            pointer: Pointer::new(Arc::clone(&views)),
            progress: Progress::new(Arc::clone(&views)),
            views,
            log,
        });
        let followed = Arc::clone(&sources);
        let following = tokio::spawn(async move { followed.pointer.follow().await });
        Self { sources, settings, following: following.abort_handle() }
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
            let live = self.sources.pointer.live().await;
            let reading = Arc::new(Reading::new(Arc::clone(&self.sources), live, deadline));
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

    /// How far the views that queries read are.
    pub async fn position(&self) -> Result<event_log::Position, Failure> {
        let live = self.sources.pointer.live().await?;
        self.sources.progress.now(&live).await
    }
}

impl Drop for Queries {
    fn drop(&mut self) {
        self.following.abort();
    }
}
