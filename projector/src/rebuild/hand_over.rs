//! Leaving the live generation, and what is to be removed, to a projector.

use std::time::Duration;

use event_log::Partition;
use futures::future::try_join_all;
use tokio::time::{Instant, sleep};
use views::{Checkpoint, GenerationName};

use super::{
    Job, LEASED,
    removal::{dropping, remove},
};
use crate::{feeding::Feeding, trouble::Trouble};

/// Between two looks at who feeds.
const LOOK: Duration = Duration::from_millis(250);
/// At so many looks in a row the newest claims must be somebody else's: a commit of our own may be stored before its
/// answer has come.
const LOOKS: u32 = 3;
/// Projectors notice a new generation within a second. When none has claimed after this, there is none, or only one of
/// another version.
const LONGEST: Duration = Duration::from_secs(10);

/// Who goes on when the job has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heir {
    /// A projector that runs, which also removes what is to be removed; or whoever has made another generation live.
    Somebody,
    /// Nobody, as far as can be seen.
    Nobody,
}

impl Job {
    /// Leaves to a projector whatever it can go on with, and does the rest; says what the projector goes on to remove.
    pub(super) async fn leave(
        &self,
        name: &GenerationName,
    ) -> Result<Vec<GenerationName>, Trouble> {
        let heir = self.hand_over(name).await?;
        let store = &*self.ground.store;
        let dropping = dropping(store).await?;
        if heir == Heir::Somebody || dropping.is_empty() {
            return Ok(dropping);
        }
        let names: Vec<&str> = dropping.iter().map(GenerationName::as_str).collect();
        self.meter.waits_for(&format!(
            "queries may still read {}: removed in {} s, as no projector runs that would do it",
            names.join(", "),
            LEASED.as_secs()
        ));
        try_join_all(dropping.iter().map(|old| remove(store, old, LEASED))).await?;
        Ok(Vec::new())
    }

    /// Feeds the live generation until a projector does, or until another one is live.
    pub(super) async fn hand_over(&self, name: &GenerationName) -> Result<Heir, Trouble> {
        let store = &*self.ground.store;
        if store.find_control().await?.is_some_and(|control| control.paused) {
            return Ok(Heir::Nobody);
        }
        self.board.forget_revs();
        let feeding = Feeding::start(&self.ground, name, &self.who(), &self.board).await?;
        let begun = Instant::now();
        let (mut relieved, mut superseded) = (0, false);
        while relieved < LOOKS && !superseded && begun.elapsed() < LONGEST {
            sleep(LOOK).await;
            let checkpoints = store.checkpoints(name).await?;
            let overtaken = |(it, stored): (&Partition, &Checkpoint)| {
                self.board.rev(*it).is_some_and(|own| own < stored.rev)
            };
            let all = !checkpoints.is_empty() && checkpoints.iter().all(overtaken);
            relieved = if all { relieved.saturating_add(1) } else { 0 };
            let control = store.find_control().await?;
            superseded = control.is_some_and(|control| control.live != *name);
        }
        feeding.stop().await;
        if relieved == LOOKS || superseded {
            return Ok(Heir::Somebody);
        }
        tracing::warn!(
            generation = %name,
            "no projector of this version feeds the new views yet; start one, or they fall behind"
        );
        Ok(Heir::Nobody)
    }
}
