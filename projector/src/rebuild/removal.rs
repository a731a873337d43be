//! Removing generations. Anybody may do it, and anybody may go on with it.

use std::{collections::BTreeSet, time::Duration};

use tokio::time::sleep;
use views::{ControlConflict, GenerationName, GenerationState, READ_LEASE, StoreError, ViewStore};

use super::{Faults, RebuildError};
use crate::context::change;

/// Clocks run differently, though hardly by a thousandth.
const MARGIN: Duration = Duration::from_secs(5);
/// How long after control said that a generation is to be removed nobody reads it any more.
pub const LEASED: Duration = READ_LEASE.saturating_add(MARGIN);

/// Removes the generation that a rollback would go back to, and waits until nothing of it is left.
pub async fn drop_previous(store: &dyn ViewStore) -> Result<GenerationName, RebuildError> {
    drop_previous_as(store, Faults::default()).await
}

pub(super) async fn drop_previous_as(
    store: &dyn ViewStore,
    faults: Faults,
) -> Result<GenerationName, RebuildError> {
    let control = store.find_control().await?.ok_or(ControlConflict::NoBack)?;
    let name = match control.previous {
        Some(name) => {
            change(store, |control| control.with_dropping(&name)).await?;
            name
        }
        // It was begun, and somebody was interrupted.
        None => dropping(store).await?.into_iter().next().ok_or(ControlConflict::NoBack)?,
    };
    let lease = if faults.ignores_lease() { Duration::ZERO } else { LEASED };
    remove(store, &name, lease).await?;
    Ok(name)
}

/// Everything that is stored of generations that control does not know: what a killed or paused process left behind.
pub async fn orphans(store: &dyn ViewStore) -> Result<BTreeSet<GenerationName>, RebuildError> {
    find_orphans(store, Faults::default()).await
}

/// Removes what [`orphans`] finds, and says what that was.
pub async fn drop_orphans(store: &dyn ViewStore) -> Result<BTreeSet<GenerationName>, RebuildError> {
    drop_orphans_as(store, Faults::default()).await
}

pub(super) async fn drop_orphans_as(
    store: &dyn ViewStore,
    faults: Faults,
) -> Result<BTreeSet<GenerationName>, RebuildError> {
    let orphans = find_orphans(store, faults).await?;
    for name in &orphans {
        remove_stored(store, name).await?;
    }
    Ok(orphans)
}

/// Removes what is stored of a generation that control does not know.
async fn remove_stored(store: &dyn ViewStore, name: &GenerationName) -> Result<(), RebuildError> {
    store.remove_checkpoints(name).await?;
    Ok(store.remove_collections(name).await?)
}

/// Control names a generation before anything of it is stored. So what was stored at first and is unknown afterwards
/// is an orphan; the other way round it might have been begun in between.
async fn find_orphans(
    store: &dyn ViewStore,
    faults: Faults,
) -> Result<BTreeSet<GenerationName>, RebuildError> {
    let known = || async {
        let control = store.find_control().await?;
        Ok::<_, RebuildError>(control.map(|it| it.generations).unwrap_or_default())
    };
    let early = if faults.reads_control_first() { Some(known().await?) } else { None };
    let stored = store.stored_generations().await?;
    let known = match early {
        Some(known) => known,
        None => known().await?,
    };
    Ok(stored.into_iter().filter(|name| !known.contains_key(name)).collect())
}

/// Gives up a generation that is being filled.
pub(super) async fn give_up(
    store: &dyn ViewStore,
    name: &GenerationName,
) -> Result<(), RebuildError> {
    loop {
        let control = store.find_control().await?.ok_or(RebuildError::Removed)?;
        let lease = match control.generations.get(name).map(|it| it.state) {
            // Somebody else did it, and what was on our way to the store may have landed since.
            None => return remove_stored(store, name).await,
            Some(GenerationState::Ready) => return Err(ControlConflict::NoRebuild.into()),
            // It may have been live before.
            Some(GenerationState::Dropping) => LEASED,
            // Nobody has read it, if it is still being filled when control is changed.
            Some(GenerationState::Filling) => {
                if !store.replace_control(&control.with_dropping(name)?).await? {
                    continue;
                }
                Duration::ZERO
            }
        };
        return remove(store, name, lease).await;
    }
}

/// Removes a generation that is marked so in control: first what feeders need of it, after the lease its documents,
/// and in the end its name.
pub(crate) async fn remove(
    store: &dyn ViewStore,
    name: &GenerationName,
    lease: Duration,
) -> Result<(), RebuildError> {
    store.remove_checkpoints(name).await?;
    sleep(lease).await;
    store.remove_collections(name).await?;
    match change(store, |control| control.without(name)).await {
        // Somebody else did it too, or dropped the whole database.
        Ok(_)
        | Err(
            RebuildError::NotNow(ControlConflict::Gone(_))
            | RebuildError::Store(StoreError::NotBuilt),
        ) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Every generation that control says is to be removed.
pub(super) async fn dropping(store: &dyn ViewStore) -> Result<Vec<GenerationName>, RebuildError> {
    let generations = store.find_control().await?.map(|it| it.generations).unwrap_or_default();
    let dropping = generations.into_iter().filter(|(_, it)| it.state == GenerationState::Dropping);
    Ok(dropping.map(|(name, _)| name).collect())
}
