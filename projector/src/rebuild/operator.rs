//! What an operator tells the job of a rebuild, from another process.

use std::time::Duration;

use tokio::time::sleep;
use views::{
    Control, ControlConflict, DesiredState, GenerationName, GenerationState, StoreError, ViewStore,
};

use super::{RebuildError, begin::is_silent, removal::give_up};
use crate::context::change;

/// Between two looks at whether the job has obeyed: it does within a second.
const LOOK: Duration = Duration::from_millis(500);

/// Tells the job to go on, to wait, or to give up, and does not wait until it has heard it.
pub async fn wish(store: &dyn ViewStore, wish: DesiredState) -> Result<Control, RebuildError> {
    change(store, |control| control.with_wish(wish)).await
}

/// Tells the job how many events it may take in at most in a second.
pub async fn throttle(
    store: &dyn ViewStore,
    throttle: Option<u32>,
) -> Result<Control, RebuildError> {
    change(store, |control| control.with_throttle(throttle)).await
}

/// Tells every projector to leave the views as they are, also those that start later.
pub async fn pause_projectors(store: &dyn ViewStore) -> Result<Control, RebuildError> {
    change(store, |control| Ok(control.with_projectors_paused())).await
}

/// Tells them to go on.
pub async fn resume(store: &dyn ViewStore) -> Result<Control, RebuildError> {
    change(store, |control| Ok(control.with_projectors_resumed())).await
}

/// Cancels the rebuild and waits until nothing of it is left. Does the job's part when the job is not there any more.
pub async fn cancel(store: &dyn ViewStore) -> Result<GenerationName, RebuildError> {
    let control = wish(store, DesiredState::Cancel).await?;
    let (name, generation) = control.filling().ok_or(ControlConflict::NoRebuild)?;
    let job = generation.job.clone().unwrap_or_default();
    if is_silent(store, name, &job).await? {
        give_up(store, name).await?;
        return Ok(name.clone());
    }
    loop {
        let control = store.find_control().await?.ok_or(StoreError::NotBuilt)?;
        match control.generations.get(name).map(|it| it.state) {
            None => return Ok(name.clone()),
            // It was live before it heard of the wish.
            Some(GenerationState::Ready) => return Err(ControlConflict::NoRebuild.into()),
            Some(GenerationState::Filling | GenerationState::Dropping) => sleep(LOOK).await,
        }
    }
}
