//! Which generation is live, as this process knows it.
//!
//! Control is read by one task every [`EVERY`], not by each request: that would halve the throughput (measured on
//! MongoDB 6.0).

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use event_log::{EventLog, LogId, OlderCopy, older_copy};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};
use views::{Control, GenerationName, SHAPE, StoreError, ViewReader};

use crate::Failure;

/// How often control is read. A flip is seen after half of this in the median.
const EVERY: Duration = Duration::from_millis(250);

/// How old a poll may be for a request to begin with it: the rest of the lease is left for the request.
const YOUNG: Duration = Duration::from_secs(10);

/// A generation with what a request needs to know of it.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    /// The control document that names it live.
    pub(crate) control: Arc<Control>,
    /// When the poll that read it was sent, by this process's monotonic clock.
    pub(crate) polled: Instant,
    /// Why what it was made of is not in this process's log.
    pub(crate) older: Option<Arc<OlderCopy>>,
}

impl Live {
    /// Refuses what is of a newer log than this process's: a position of this one says nothing there.
    pub(crate) fn fit(&self) -> Result<&Self, Failure> {
        match &self.older {
            Some(older) => Err(StoreError::Unfit(older.to_string()).into()),
            None => Ok(self),
        }
    }

    pub(crate) fn generation(&self) -> &GenerationName {
        &self.control.live
    }
}

/// A generation, and why the log has not what it was made of.
type LookedAt = (GenerationName, Option<Arc<OlderCopy>>);

/// Knows control, never older than it says.
#[derive(Debug)]
pub(crate) struct LiveGeneration {
    reader: Arc<dyn ViewReader>,
    /// The log that the views must be of, and which it is.
    log: Arc<dyn EventLog>,
    id: LogId,
    looked_at: Mutex<Option<LookedAt>>,
    known: watch::Sender<Option<Live>>,
}

impl LiveGeneration {
    pub(crate) fn new(reader: Arc<dyn ViewReader>, log: Arc<dyn EventLog>, id: LogId) -> Self {
        Self { reader, log, id, looked_at: Mutex::default(), known: watch::Sender::new(None) }
    }

    /// The live generation; reads control when what is known of it is too old to begin with.
    pub(crate) async fn live(&self) -> Result<Live, Failure> {
        let known = self.known.borrow().clone();
        match known {
            Some(live) if live.polled.elapsed() < YOUNG => Ok(live),
            Some(_) | None => self.poll().await,
        }
    }

    /// Reads control now.
    pub(crate) async fn poll(&self) -> Result<Live, Failure> {
        let polled = Instant::now();
        let control = self.reader.control().await?.ok_or(Failure::NotBuilt);
        let control = control.and_then(|control| {
            // Documents of another shape would be read as what they are not, and those of another log are of another shop.
            control.check_reader(self.id, SHAPE)?;
            Ok(control)
        });
        let live = match control {
            Ok(control) => {
                let older = self.older(&control).await;
                Ok(Live { control: Arc::new(control), polled, older })
            }
            Err(failure) => Err(failure),
        };
        self.known.send_if_modified(|known| take(known, polled, live.as_ref().ok()));
        live
    }

    /// Why the log has not what the live generation was made of. Looked at once for each; while the log or the checkpoints
    /// cannot be read, the views are shown as they are.
    async fn older(&self, control: &Control) -> Option<Arc<OlderCopy>> {
        let known = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, older)) = known.filter(|(name, _)| *name == control.live) {
            return older;
        }
        if !control.is_built() {
            return None;
        }
        let checkpoints = self.reader.checkpoints(&control.live).await.ok()?;
        let places = checkpoints.iter().map(|(partition, it)| it.followed(*partition)).collect();
        let older = older_copy(&*self.log, places).await.ok()?.map(Arc::new);
        if let Some(older) = &older {
            tracing::error!(reason = %older, "the views are not shown");
        }
        *self.looked_at.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((control.live.clone(), older.clone()));
        older
    }

    /// Whether another generation is live by now.
    pub(crate) fn has_moved_from(&self, generation: &GenerationName) -> bool {
        self.known.borrow().as_ref().is_some_and(|live| live.generation() != generation)
    }

    /// Reads control for ever, every [`EVERY`].
    pub(crate) async fn follow(&self) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut reachable = true;
        loop {
            ticks.tick().await;
            match self.poll().await {
                Ok(_) | Err(Failure::NotBuilt) if !reachable => {
                    reachable = true;
                    tracing::info!("the views can be read again");
                }
                Err(error @ Failure::Unavailable(_)) if reachable => {
                    reachable = false;
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::warn!(%error, cause, "control of the views cannot be read");
                }
                Ok(_) | Err(_) => {}
            }
        }
    }
}

/// A slow poll must not replace what a later one has read.
fn take(known: &mut Option<Live>, polled: Instant, live: Option<&Live>) -> bool {
    let newer = known.as_ref().is_none_or(|known| known.polled < polled);
    if newer {
        *known = live.cloned();
    }
    newer
}
