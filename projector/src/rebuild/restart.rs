//! Making the views again without events that were found skipped.
//!
//! An operator gave them up because an earlier program could not read them; this one can, and has taken one of them in.
//! Nobody can mend that, since documents only move upwards. So another generation is filled in the place of that one, and
//! control knows from its begin which events are to be left out: all that the log skips, and not only the one that was met.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use event_log::{Ledger, RecordId};
use views::{Checkpoint, ControlConflict, GenerationName};

use super::{Job, Ownership, RebuildError, removal::remove};
use crate::{
    skips::{SkipRange, skipped},
    step_error::StepError,
};

/// A generation that has taken in what is skipped.
#[derive(Debug, Clone)]
pub(super) struct Superseded {
    pub(super) name: GenerationName,
    /// What is to be left out of the next one.
    pub(super) skips: BTreeSet<RecordId>,
}

impl Job {
    /// Why a generation is not to be gone on with: where an event was found skipped, reads on and finds the others.
    pub(super) async fn find_skips(&self, name: &GenerationName, trouble: StepError) -> StepError {
        let StepError::Fatal(RebuildError::Skipped(mut skips)) = trouble else { return trouble };
        self.meter.waits_for("looking for more events that later records of the log skip");
        match self.skips_ahead(name).await {
            Ok(ahead) => {
                skips.extend(ahead);
                StepError::Fatal(RebuildError::Skipped(skips))
            }
            Err(trouble) => trouble,
        }
    }

    /// What is skipped where this generation has not been yet, in whatever partition.
    async fn skips_ahead(&self, name: &GenerationName) -> Result<BTreeSet<RecordId>, StepError> {
        let checkpoints = self.ground.store.checkpoints(name).await?;
        let stretches: BTreeMap<_, _> = self
            .ground
            .ends()
            .await?
            .into_iter()
            .map(|(partition, end)| {
                let from = checkpoints.get(&partition);
                let (at, ledger) = from
                    .map_or((0, Ledger::default()), |Checkpoint { at, ledger, .. }| (*at, *ledger));
                (partition, SkipRange { at, ledger, end })
            })
            .collect();
        Ok(skipped(&*self.ground.log, stretches, Some(&self.gate)).await?)
    }

    /// Begins another generation in the place of an outdated one, if there is one, and removes that.
    pub(super) async fn begin_anew(&mut self) -> Result<(), StepError> {
        let Some(Superseded { name: old, skips }) = self.outdated.clone() else { return Ok(()) };
        while self.generation.is_none() {
            let control = self.ground.store.find_control().await?.ok_or(RebuildError::Removed)?;
            let job = self.settings.job.clone();
            match control.filling().filter(|(name, _)| **name != old) {
                // The answer to our own beginning was lost.
                Some((name, it)) if it.job.as_deref() == Some(&job) => {
                    self.has(name.clone(), &control);
                }
                // Another job took that over.
                Some(_) => return Err(ControlConflict::JobGone(old).into()),
                None if Ownership::of(&control, &old, &job) == Ownership::Ours => {
                    let name = self.fresh_name(control.next_number());
                    let next = control.with_rebuild_anew(&old, &name, &job, &skips)?;
                    if self.ground.store.replace_control(&next).await? {
                        self.has(name, &next);
                    }
                }
                // Somebody has decided otherwise.
                None => {
                    (self.generation, self.outdated) = (Some(old), None);
                    return Ok(());
                }
            }
        }
        self.under_way.drained().await;
        // Nobody has read it.
        remove(&*self.ground.store, &old, Duration::ZERO).await?;
        self.outdated = None;
        Ok(())
    }
}
