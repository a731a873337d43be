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
use crate::{Beat, Checkpoint, Control, CustomerCursor, GenerationName, ProductCursor, StoreError};

/// Views in memory.
#[derive(Debug, Default)]
pub struct MemoryViews {
    // This is a `std::sync::RwLock` and not tokio's: no lock is held over an `.await`.
    state: Arc<RwLock<State>>,
    commits: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    control: Option<Control>,
    beats: BTreeMap<GenerationName, Beat>,
    generations: BTreeMap<GenerationName, Generation>,
}

#[derive(Debug, Default)]
struct Generation {
    checkpoints: BTreeMap<Partition, Checkpoint>,
    documents: Documents,
    customers: BTreeSet<CustomerCursor>,
    products: BTreeSet<ProductCursor>,
    moments: scan::Moments,
}

impl MemoryViews {
    /// Views that have not been built yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        read(&self.state)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        write(&self.state)
    }
}

// A panic while the lock was held is a defect of its own; what is stored is whole all the same.

fn read(state: &RwLock<State>) -> RwLockReadGuard<'_, State> {
    state.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(state: &RwLock<State>) -> RwLockWriteGuard<'_, State> {
    state.write().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn generation(&self, name: &GenerationName) -> Result<&Generation, StoreError> {
        self.generations.get(name).ok_or(StoreError::GenerationGone)
    }

    fn generation_mut(&mut self, name: &GenerationName) -> Result<&mut Generation, StoreError> {
        self.generations.get_mut(name).ok_or(StoreError::GenerationGone)
    }
}
