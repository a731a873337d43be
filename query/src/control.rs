//! Which generation is live, as this process knows it.
//!
//! Control is read by one task every [`EVERY`], not by each request: that would halve the throughput (measured on
//! MongoDB 6.0).

use std::{sync::Arc, time::Duration};

use event_log::LogId;
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};
use views::{Control, GenerationName, SHAPE, ViewReader};

use crate::Failure;

/// How often control is read. A flip is seen after half of this in the median.
const EVERY: Duration = Duration::from_millis(250);

/// How long after a poll its answer may be relied on. Whoever drops a generation waits longer than this between
/// saying so in control and removing its collections, which then read as empty, without an error.
pub(crate) const LEASE: Duration = Duration::from_secs(30);

/// How old a poll may be for a request to begin with it: the rest of the lease is left for the request.
const YOUNG: Duration = Duration::from_secs(10);

/// A generation with what a request needs to know of it.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    /// The control document that names it live.
    pub(crate) control: Arc<Control>,
    /// When the poll that read it was sent, by this process's monotonic clock.
    pub(crate) polled: Instant,
}

impl Live {
    pub(crate) fn generation(&self) -> &GenerationName {
        &self.control.live
    }
}

/// Knows control, never older than it says.
#[derive(Debug)]
pub(crate) struct Pointer {
    reader: Arc<dyn ViewReader>,
    /// The log that the views must be of.
    log: LogId,
    known: watch::Sender<Option<Live>>,
}

impl Pointer {
    pub(crate) fn new(reader: Arc<dyn ViewReader>, log: LogId) -> Self {
        Self { reader, log, known: watch::Sender::new(None) }
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
            control.check_reader(self.log, SHAPE)?;
            Ok(control)
        });
        let live = control.map(|control| Live { control: Arc::new(control), polled });
        self.known.send_if_modified(|known| take(known, polled, live.as_ref().ok()));
        live
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
