//! Leaving the live generation, and what is to be removed, to a projector.

use std::time::Duration;

use event_log::Partition;
use futures::future::try_join_all;
use tokio::time::{Instant, sleep};
use views::{Checkpoint, GenerationName};

use super::{
    Job, LEASED, RebuildError,
    removal::{dropping, remove},
};
use crate::{feed_group::FeedGroup, step_error::StepError};

/// Between two looks at who feeds.
const LOOK: Duration = Duration::from_millis(250);
/// At so many looks in a row the newest claims must be somebody else's: a commit of our own may be stored before its
/// answer has come.
const LOOKS: u32 = 3;
/// Projectors notice a new generation within a second. When none has claimed after this, there is none, or only one of
/// another version.
const LONGEST: Duration = Duration::from_secs(10);

/// Who goes on when the job has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Successor {
    /// A projector that runs, which also removes what is to be removed.
    Projector,
    /// Whoever has made this other generation live.
    Other(GenerationName),
    /// Nobody, as far as can be seen.
    Nobody,
}

impl Job {
    /// Leaves to a projector whatever it can go on with, and does the rest. Says which generation has become live instead, and
    /// what the projector goes on to remove.
    pub(super) async fn leave(
        &self,
        name: &GenerationName,
        feeding: Option<FeedGroup>,
    ) -> Result<(Option<GenerationName>, Vec<GenerationName>), StepError> {
        let is_left = match self.hand_off(name, feeding).await? {
            Successor::Other(live) => return Ok((Some(live), Vec::new())),
            Successor::Projector => true,
            Successor::Nobody => false,
        };
        let store = &*self.ground.store;
        let dropping = dropping(store).await?;
        if is_left || dropping.is_empty() {
            return Ok((None, dropping));
        }
        let names: Vec<&str> = dropping.iter().map(GenerationName::as_str).collect();
        self.meter.waits_for(&format!(
            "queries may still read {}: removed in {} s, as no projector runs that would do it",
            names.join(", "),
            LEASED.as_secs()
        ));
        try_join_all(dropping.iter().map(|old| remove(store, old, LEASED))).await?;
        Ok((self.live_instead(name).await?, Vec::new()))
    }

    /// Feeds the live generation until a projector does, by the feeders that it had when it became live: a projector that
    /// claims partitions afterwards and finds nothing new would not notice that later ones had claimed them again.
    pub(super) async fn hand_off(
        &self,
        name: &GenerationName,
        feeding: Option<FeedGroup>,
    ) -> Result<Successor, StepError> {
        let store = &*self.ground.store;
        if store.find_control().await?.is_some_and(|control| control.paused) {
            stopped(feeding).await;
            return Ok(Successor::Nobody);
        }
        let feeding = if let Some(feeding) = feeding {
            feeding
        } else {
            self.board.forget_revs();
            FeedGroup::start(&self.ground, name, &self.who(), &self.board).await?
        };
        let (begun, mut relieved) = (Instant::now(), 0);
        while relieved < LOOKS && begun.elapsed() < LONGEST {
            sleep(LOOK).await;
            let checkpoints = store.checkpoints(name).await?;
            let overtaken = |(it, stored): (&Partition, &Checkpoint)| {
                self.board.rev(*it).is_some_and(|own| own < stored.rev)
            };
            let all = !checkpoints.is_empty() && checkpoints.iter().all(overtaken);
            relieved = if all { relieved.saturating_add(1) } else { 0 };
        }
        feeding.stop().await;
        // Looked at once, at the end: to feed what nobody reads any more does no harm for so long.
        if let Some(live) = self.live_instead(name).await? {
            return Ok(Successor::Other(live));
        }
        if relieved == LOOKS {
            return Ok(Successor::Projector);
        }
        tracing::warn!(
            generation = %name,
            "no projector of this version feeds the new views yet; start one, or they fall behind"
        );
        Ok(Successor::Nobody)
    }

    /// The generation that is live, when that is another one.
    pub(super) async fn live_instead(
        &self,
        name: &GenerationName,
    ) -> Result<Option<GenerationName>, RebuildError> {
        let control = self.ground.store.find_control().await?.ok_or(RebuildError::Removed)?;
        Ok(Some(control.live).filter(|live| live != name))
    }
}

/// Ends feeders, if there are any, after the batches at hand.
pub(super) async fn stopped(feeding: Option<FeedGroup>) {
    if let Some(feeding) = feeding {
        feeding.stop().await;
    }
}
