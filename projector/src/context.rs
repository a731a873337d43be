//! What a projector and a rebuild work on.

use std::{collections::BTreeMap, sync::Arc};

use event_log::{EventLog, LogError, LogIdentity, Offset, OlderCopy, Partition, older_copy};
use views::{Control, ControlConflict, GenerationName, Mode, StoreError, ViewStore};

use crate::rebuild::RebuildError;

/// A log and where its views are.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) identity: LogIdentity,
    pub(crate) store: Arc<dyn ViewStore>,
}

impl Context {
    /// How many records each partition has now.
    pub(crate) async fn ends(&self) -> Result<BTreeMap<Partition, Offset>, LogError> {
        let mut ends = BTreeMap::new();
        for partition in Partition::all(self.identity.partitions) {
            ends.insert(partition, self.log.end(partition).await?);
        }
        Ok(ends)
    }

    /// Whether the log is an older copy of the one that a generation was made of.
    pub(crate) async fn older_than(
        &self,
        generation: &GenerationName,
    ) -> Result<Option<OlderCopy>, RebuildError> {
        let checkpoints = self.store.checkpoints(generation).await?;
        let places = checkpoints.iter().map(|(partition, it)| it.followed(*partition)).collect();
        if let Some(older) = older_copy(&*self.log, places).await? {
            return Ok(Some(older));
        }
        // Where a fill ends, the log was that long once.
        for (partition, checkpoint) in checkpoints {
            let Mode::Fill { to } = checkpoint.mode else { continue };
            let end = self.log.end(partition).await?;
            if end < to {
                return Ok(Some(OlderCopy::shorter(partition, end, to)));
            }
        }
        Ok(None)
    }
}

/// Changes control by compare-and-set and answers with what it is then. When somebody else was faster, the change is
/// made of what that one left.
pub(crate) async fn change(
    store: &dyn ViewStore,
    change: impl Fn(&Control) -> Result<Control, ControlConflict> + Send,
) -> Result<Control, RebuildError> {
    loop {
        let control = store.find_control().await?.ok_or(StoreError::NotBuilt)?;
        let next = change(&control)?;
        if store.replace_control(&next).await? {
            return Ok(next);
        }
    }
}
