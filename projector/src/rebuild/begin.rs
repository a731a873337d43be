//! Beginning a rebuild, or going on with one.

use std::time::Duration;

use tokio::time::sleep;
use views::{Control, ControlConflict, Generation, GenerationName, ViewStore};

use super::{Job, Ownership, RebuildError, WantedBy};
use crate::{context::change, fold::VERSIONS, step_error::StepError};

/// How often a job's beats are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// After how many looks without a new beat a job is taken for dead: it beats about every second.
const SILENT: u32 = 10;

impl Job {
    /// The generation that is this job's to fill, or that it has filled already.
    pub(super) async fn begin(&mut self) -> Result<GenerationName, StepError> {
        if let Some(name) = self.generation.clone() {
            return self.still_ours(name).await;
        }
        loop {
            let Some(control) = self.ground.store.find_control().await? else {
                let name = self.fresh_name(1);
                let log = self.ground.identity.id;
                let control = Control::first(&name, log, VERSIONS, &self.settings.job);
                if self.ground.store.insert_control(&control).await? {
                    return Ok(self.has(name, &control));
                }
                continue;
            };
            if let Some((name, control)) = self.try_to_begin(&control).await? {
                return Ok(self.has(name, &control));
            }
        }
    }

    async fn still_ours(&self, name: GenerationName) -> Result<GenerationName, StepError> {
        let control = self.ground.store.find_control().await?;
        let control = control.ok_or(RebuildError::Removed)?;
        match Ownership::of(&control, &name, &self.settings.job) {
            Ownership::Ours | Ownership::Ready | Ownership::Superseded => Ok(name),
            Ownership::Unwanted => Err(StepError::Fatal(RebuildError::Cancelled)),
            Ownership::Lost => Err(ControlConflict::JobGone(name).into()),
        }
    }

    /// The generation, and control that knows it; none when control has changed meanwhile.
    async fn try_to_begin(
        &mut self,
        control: &Control,
    ) -> Result<Option<(GenerationName, Control)>, StepError> {
        let job = self.settings.job.clone();
        match control.filling() {
            None if self.wanted_by == WantedBy::Projector && self.can_feed(control).await? => {
                Err(ControlConflict::NoRebuild.into())
            }
            None => {
                let number = control.next_number();
                let name = self.fresh_name(number);
                let log = self.ground.identity.id;
                let next = control.with_rebuild(&name, log, VERSIONS, &job)?;
                let begun = self.ground.store.replace_control(&next).await?;
                Ok(begun.then_some((name, next)))
            }
            // The answer to our own beginning was lost.
            Some((name, generation)) if generation.job.as_deref() == Some(&job) => {
                Ok(Some((name.clone(), control.clone())))
            }
            Some((name, generation)) => self.take_over(name, generation).await,
        }
    }

    /// Goes on with a rebuild whose job has gone silent; gives it up when it is not one that this program can go on
    /// with.
    async fn take_over(
        &self,
        name: &GenerationName,
        generation: &Generation,
    ) -> Result<Option<(GenerationName, Control)>, StepError> {
        let store = &*self.ground.store;
        let from = generation.job.clone().unwrap_or_default();
        if !is_silent(store, name, &from).await? {
            return Err(ControlConflict::AlreadyFilling(name.clone()).into());
        }
        let is_fit = generation.log == self.ground.identity.id && generation.versions == VERSIONS;
        let job = self.settings.job.as_str();
        let changed = change(store, |control| {
            if is_fit { control.with_job(name, &from, job) } else { control.with_dropping(name) }
        });
        match changed.await {
            Ok(control) if is_fit => Ok(Some((name.clone(), control))),
            // Somebody else was faster: look again.
            Ok(_) | Err(RebuildError::NotNow(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether another process has built what a projector needs.
    async fn can_feed(&self, control: &Control) -> Result<bool, RebuildError> {
        let is_fit = control.check_feeder(self.ground.identity.id, VERSIONS).is_ok();
        Ok(control.is_built() && is_fit && self.ground.older_than(&control.live).await?.is_none())
    }

    /// A name that was never used: what was tried before may still take effect, even after everything was removed.
    pub(super) fn fresh_name(&mut self, number: u64) -> GenerationName {
        self.names = self.names.saturating_add(1);
        match self.names {
            1 => GenerationName::new(number, &self.settings.tag),
            again => GenerationName::new(number, &format!("{}x{again}", self.settings.tag)),
        }
    }

    pub(super) fn has(&mut self, name: GenerationName, control: &Control) -> GenerationName {
        if let Some(Generation { number, skips, .. }) = control.generations.get(&name) {
            self.meter.begins(&name, *number);
            if !self.faults.ignores_skips() {
                self.skips.clone_from(skips);
            }
        }
        self.generation.insert(name).clone()
    }
}

/// Whether a job says nothing any more. Being wrong costs work and harms nobody.
pub(super) async fn is_silent(
    store: &dyn ViewStore,
    name: &GenerationName,
    job: &str,
) -> Result<bool, RebuildError> {
    let first = last_beat(store, name, job).await?;
    for _ in 0..SILENT {
        sleep(LOOK).await;
        if last_beat(store, name, job).await? != first {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn last_beat(
    store: &dyn ViewStore,
    name: &GenerationName,
    job: &str,
) -> Result<Option<u64>, RebuildError> {
    let beats = store.beats().await?;
    Ok(beats.iter().find(|it| it.generation == *name && it.job == job).map(|it| it.count))
}
