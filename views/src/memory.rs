//! Views in memory: the same documents and rules as in a database, gone with the process.

mod build;
mod documents;
mod feed;
mod parked;
mod read;
mod scan;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use event_log::Partition;
use tokio::sync::watch;

use self::documents::Documents;
use crate::{
    Checkpoint, Control, CustomerCursor, GenerationName, Heartbeat, ProductCursor, StoreError,
};

/// Views in memory.
#[derive(Debug, Default)]
pub struct MemoryViews {
    // This is a `std::sync::RwLock` and not tokio's: no lock is held over an `.await`.
    state: Arc<RwLock<MemoryState>>,
    commits: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct MemoryState {
    control: Option<Control>,
    beats: BTreeMap<GenerationName, Heartbeat>,
    generations: BTreeMap<GenerationName, GenerationViews>,
}

#[derive(Debug, Default)]
struct GenerationViews {
    checkpoints: BTreeMap<Partition, Checkpoint>,
    documents: Documents,
    customers: BTreeSet<CustomerCursor>,
    products: BTreeSet<ProductCursor>,
    moments: scan::Snapshots,
}

impl MemoryViews {
    /// Views that have not been built yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn read(&self) -> RwLockReadGuard<'_, MemoryState> {
        read(&self.state)
    }

    fn write(&self) -> RwLockWriteGuard<'_, MemoryState> {
        write(&self.state)
    }
}

// A panic while the lock was held is a defect of its own; what is stored is whole all the same.

fn read(state: &RwLock<MemoryState>) -> RwLockReadGuard<'_, MemoryState> {
    state.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(state: &RwLock<MemoryState>) -> RwLockWriteGuard<'_, MemoryState> {
    state.write().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryState {
    fn generation(&self, name: &GenerationName) -> Result<&GenerationViews, StoreError> {
        self.generations.get(name).ok_or(StoreError::GenerationGone)
    }

    fn generation_mut(
        &mut self,
        name: &GenerationName,
    ) -> Result<&mut GenerationViews, StoreError> {
        self.generations.get_mut(name).ok_or(StoreError::GenerationGone)
    }
}
