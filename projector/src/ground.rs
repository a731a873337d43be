//! What a projector and a rebuild work on.

use std::{collections::BTreeMap, sync::Arc};

use event_log::{EventLog, LogError, LogIdentity, Offset, Partition};
use views::{Control, NotNow, StoreError, ViewStore};

use crate::rebuild::RebuildError;

/// A log and where its views are.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) identity: LogIdentity,
    pub(crate) store: Arc<dyn ViewStore>,
}

impl Ground {
    /// How many records each partition has now.
    pub(crate) async fn ends(&self) -> Result<BTreeMap<Partition, Offset>, LogError> {
        let mut ends = BTreeMap::new();
        for partition in Partition::all(self.identity.partitions) {
            ends.insert(partition, self.log.end(partition).await?);
        }
        Ok(ends)
    }
}

/// Changes control by compare-and-set and answers with what it is then. When somebody else was faster, the change is
/// made of what that one left.
pub(crate) async fn change(
    store: &dyn ViewStore,
    change: impl Fn(&Control) -> Result<Control, NotNow> + Send,
) -> Result<Control, RebuildError> {
    loop {
        let control = store.find_control().await?.ok_or(StoreError::NotBuilt)?;
        let next = change(&control)?;
        if store.replace_control(&next).await? {
            return Ok(next);
        }
    }
}
