//! From a generation that is filled to one that is live.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use event_log::{Offset, Partition, older_copy};
use tokio::time::{sleep, timeout};
use views::{Control, GenerationName, Phase};

use super::{Job, Ownership, RebuildError};
use crate::{
    FeedState,
    context::Context,
    feed_group::{FeedGroup, FeederIdentity},
    status::StatusBoard,
    step_error::StepError,
};

/// Between two looks at how far a generation is.
const LOOK: Duration = Duration::from_millis(50);
/// How long a look at the live generation is good for: what queries saw of it after that look may be missing in the
/// new one for a moment.
pub(super) const FRESH: Duration = Duration::from_secs(2);

impl Job {
    pub(super) fn who(&self) -> FeederIdentity {
        FeederIdentity { instance: self.settings.instance.clone(), seed: self.settings.seed }
    }

    /// Feeds the generation until it is as far as the live one, and makes it that. The feeders go on.
    pub(super) async fn catch_up(&self, name: &GenerationName) -> Result<FeedGroup, StepError> {
        let ends = self.ground.ends().await?;
        self.meter.phase(Phase::CatchingUp);
        loop {
            self.gate.open().await;
            let feeding = FeedGroup::start(&self.ground, name, &self.who(), &self.board).await?;
            let done = tokio::select! {
                biased;
                done = self.flip(name, &ends) => Some(done),
                () = self.gate.closed() => None,
            };
            if let Some(Ok(())) = done {
                return Ok(feeding);
            }
            feeding.stop().await;
            if let Some(Err(trouble)) = done {
                return Err(trouble);
            }
        }
    }

    async fn flip(
        &self,
        name: &GenerationName,
        ends: &BTreeMap<Partition, Offset>,
    ) -> Result<(), StepError> {
        let store = &*self.ground.store;
        if !self.faults.flips_unread() {
            self.reaches(name, ends).await?;
        }
        if self.settings.verify {
            Box::pin(self.check(name)).await?;
            self.meter.phase(Phase::CatchingUp);
        }
        loop {
            // Control is read before the checkpoints: if another generation becomes live after that, this one does not.
            let control = store.find_control().await?.ok_or(RebuildError::Removed)?;
            match Ownership::of(&control, name, &self.settings.job) {
                Ownership::Ours => {}
                Ownership::Ready | Ownership::Superseded => return Ok(()),
                Ownership::Unwanted | Ownership::Lost => {
                    return Err(StepError::Retry("control has changed".into()));
                }
            }
            if !self.faults.flips_unread() {
                let wanted = live_at(&self.ground, &control).await?;
                match timeout(FRESH, self.reaches(name, &wanted)).await {
                    Ok(reached) => reached?,
                    Err(_elapsed) => continue,
                }
            }
            let next = control.with_filled_live(name, &self.settings.job)?;
            if store.replace_control(&next).await? {
                return Ok(());
            }
        }
    }

    /// Waits until the new generation has taken in as much as this, or says what is to become of it when it never will.
    async fn reaches(
        &self,
        name: &GenerationName,
        wanted: &BTreeMap<Partition, Offset>,
    ) -> Result<(), StepError> {
        let reached = reached(&self.ground, name, wanted, &self.board).await;
        let Err(StepError::Fatal(RebuildError::Stopped(reason))) = reached else { return reached };
        Err(StepError::Fatal(match self.board.skipped() {
            Some(place) => RebuildError::Skipped(BTreeSet::from([place])),
            None => RebuildError::Stopped(format!(
                "{reason}. If it stops there again, give up what it has filled (`sklep rebuild --cancel`) and begin anew"
            )),
        }))
    }
}

/// How far the live generation is. Checkpoints only grow, so a generation that is found to be as far later is as far as
/// queries have seen. What it has taken in of a newer log than this one, nobody can take in any more.
pub(super) async fn live_at(
    ground: &Context,
    control: &Control,
) -> Result<BTreeMap<Partition, Offset>, StepError> {
    if !control.is_built() || control.log != ground.identity.id {
        return Ok(BTreeMap::new());
    }
    let mut reachable = BTreeMap::new();
    for (partition, checkpoint) in ground.store.checkpoints(&control.live).await? {
        if older_copy(&*ground.log, vec![checkpoint.followed(partition)]).await?.is_none() {
            reachable.insert(partition, checkpoint.at);
        }
    }
    Ok(reachable)
}

/// Waits until a generation that is fed has taken in as much as this.
pub(super) async fn reached(
    ground: &Context,
    name: &GenerationName,
    wanted: &BTreeMap<Partition, Offset>,
    board: &StatusBoard,
) -> Result<(), StepError> {
    loop {
        let own = ground.store.checkpoints(name).await?;
        let has = |(partition, at): (&Partition, &Offset)| {
            *at == 0 || own.get(partition).is_some_and(|checkpoint| checkpoint.at >= *at)
        };
        if wanted.iter().all(has) {
            return Ok(());
        }
        for partition in board.status().partitions {
            if let FeedState::Stopped { reason } = partition.state {
                let reason = format!("partition {}: {reason}", partition.partition);
                return Err(StepError::Fatal(RebuildError::Stopped(reason)));
            }
        }
        if own.is_empty() {
            return Err(StepError::Retry("the checkpoints are gone".into()));
        }
        sleep(LOOK).await;
    }
}
