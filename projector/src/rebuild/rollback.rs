//! Going back to the generation before.

use std::sync::Arc;

use event_log::{EventLog, LogIdentity};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use views::{
    Control, ControlConflict, GenerationName, GenerationState, Phase, StoreError, ViewStore,
};

use super::{
    Faults, Job, Progress, RebuildError, RebuildSettings, RolledBack,
    catch_up::{FRESH, live_at, reached},
    handoff::Successor,
};
use crate::{backoff::Backoff, feed_group::FeedGroup, fold::VERSIONS, step_error::StepError};

/// Brings the generation before up to where the live one is, and exchanges the two.
pub async fn rollback(
    log: &Arc<dyn EventLog>,
    identity: LogIdentity,
    store: &Arc<dyn ViewStore>,
    settings: RebuildSettings,
    progress: watch::Sender<Progress>,
    shutdown: &CancellationToken,
) -> Result<RolledBack, RebuildError> {
    let pauses = Backoff::new(settings.seed);
    let job = Job::asked_for(log, identity, store, settings, progress, Faults::default());
    let rolled = shutdown.run_until_cancelled(until_back(&job, pauses)).await;
    rolled.unwrap_or(Err(RebuildError::ShutDown))
}

async fn until_back(job: &Job, mut pauses: Backoff) -> Result<RolledBack, RebuildError> {
    let mut wanted = None;
    loop {
        match back(job, &mut wanted).await {
            Ok(rolled) => return Ok(rolled),
            Err(StepError::Fatal(error)) => return Err(error),
            Err(StepError::Retry(reason)) => {
                job.meter.waits_for(&reason);
                sleep(pauses.next()).await;
            }
        }
    }
}

/// `wanted` is kept between tries: when the answer to an exchange was lost, another one would undo it.
async fn back(job: &Job, wanted: &mut Option<GenerationName>) -> Result<RolledBack, StepError> {
    let store = &*job.ground.store;
    let control = store.find_control().await?.ok_or(ControlConflict::NoBack)?;
    let name = match wanted.clone() {
        Some(name) => name,
        None => wanted.insert(control.previous.clone().ok_or(ControlConflict::NoBack)?).clone(),
    };
    let mut feeding = None;
    if control.live != name {
        check(job, &control, &name).await?;
        feeding = Some(exchange(job, &name).await?);
    }
    job.meter.phase(Phase::Flipped);
    store.repoint(&name).await?;
    let superseded_by = match job.hand_off(&name, feeding).await? {
        Successor::Other(live) => Some(live),
        Successor::Projector | Successor::Nobody => None,
    };
    Ok(RolledBack { generation: name, superseded_by })
}

/// Refuses what this program cannot feed.
async fn check(job: &Job, control: &Control, name: &GenerationName) -> Result<(), RebuildError> {
    let generation =
        control.generations.get(name).ok_or_else(|| ControlConflict::Gone(name.clone()))?;
    if generation.versions != VERSIONS {
        let (generation, theirs) = (name.clone(), generation.versions);
        return Err(RebuildError::OtherVersions { generation, theirs });
    }
    if generation.log != job.ground.identity.id {
        return Err(StoreError::Unfit(format!(
            "generation {name} was built from log {}, and this is log {}: going back would show another shop",
            generation.log, job.ground.identity.id
        ))
        .into());
    }
    if let Some(older) = job.ground.older_than(name).await? {
        return Err(older.into());
    }
    job.meter.begins(name, generation.number);
    Ok(())
}

/// Makes the generation live, which is still fed then.
async fn exchange(job: &Job, name: &GenerationName) -> Result<FeedGroup, StepError> {
    job.meter.phase(Phase::CatchingUp);
    let feeding = FeedGroup::start(&job.ground, name, &job.who(), &job.board).await?;
    match exchange_fed(job, name).await {
        Ok(()) => Ok(feeding),
        Err(trouble) => {
            feeding.stop().await;
            Err(trouble)
        }
    }
}

async fn exchange_fed(job: &Job, name: &GenerationName) -> Result<(), StepError> {
    let store = &*job.ground.store;
    loop {
        let control = store.find_control().await?.ok_or(RebuildError::Removed)?;
        if control.live == *name {
            return Ok(());
        }
        let is_back = control.previous.as_ref() == Some(name);
        let state = control.generations.get(name).map(|it| it.state);
        if !is_back || state != Some(GenerationState::Ready) {
            return Err(ControlConflict::Gone(name.clone()).into());
        }
        let wanted = live_at(&job.ground, &control).await?;
        match timeout(FRESH, reached(&job.ground, name, &wanted, &job.board)).await {
            Ok(reached) => reached?,
            Err(_elapsed) => continue,
        }
        let next = control.with_back_live()?;
        if store.replace_control(&next).await? {
            return Ok(());
        }
    }
}
