//! For tests of what stands on views: an empty live generation, without a rebuild.

use event_log::{LogId, Partition};

use crate::{Checkpoint, Control, GenerationName, Mode, StoreError, Versions, ViewStore};

/// Makes the first generation of an empty store, live and at the log's begin, by the steps of a rebuild of an empty log.
/// A store that has control is left as it is; answers with what is there.
pub async fn begun(
    store: &dyn ViewStore,
    log: LogId,
    partitions: u16,
    versions: Versions,
    tag: &str,
) -> Result<Control, StoreError> {
    let name = GenerationName::new(1, tag);
    let first = Control::first(&name, log, versions, tag);
    if !store.insert_control(&first).await? {
        return store.find_control().await?.ok_or(StoreError::NotBuilt);
    }
    let ends = Partition::all(partitions).map(|partition| (partition, 0)).collect();
    store.create(&name, &ends).await?;
    store.create_indexes(&name).await?;
    let other = |why: String| StoreError::Unavailable(why.into());
    for (partition, checkpoint) in store.checkpoints(&name).await? {
        let live = Checkpoint { mode: Mode::Live, ..checkpoint };
        let moved = store.move_checkpoint(&name, partition, &live).await;
        moved.map_err(|error| other(error.to_string()))?;
    }
    let built = first.with_filled_live(&name, tag).map_err(|refusal| other(refusal.to_string()))?;
    store.replace_control(&built).await?;
    store.repoint(&name).await?;
    Ok(built)
}
