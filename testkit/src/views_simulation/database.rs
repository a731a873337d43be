//! What the simulated database has.
//!
//! It behaves as `MongoDB` does where the protocol depends on it: a collection that is not there reads as empty, and
//! is made by whoever writes into it.

use std::collections::{BTreeMap, BTreeSet};

use event_log::Partition;
use views::{Checkpoint, Control, Document, GenerationName, Heartbeat, Key, View};

/// One set of collections.
pub(super) type Collections = BTreeMap<View, BTreeMap<Key, Document>>;

/// Everything that is stored.
#[derive(Debug, Default, Clone)]
pub(super) struct Database {
    pub(super) control: Option<Control>,
    pub(super) checkpoints: BTreeMap<GenerationName, BTreeMap<Partition, Checkpoint>>,
    pub(super) collections: BTreeMap<GenerationName, Collections>,
    pub(super) beats: BTreeMap<GenerationName, Heartbeat>,
    /// Which generations have their indexes.
    pub(super) indexed: BTreeSet<GenerationName>,
    /// Where the stable names point.
    pub(super) names: Option<GenerationName>,
}

impl Database {
    pub(super) fn checkpoint(
        &self,
        generation: &GenerationName,
        partition: Partition,
    ) -> Option<&Checkpoint> {
        self.checkpoints.get(generation)?.get(&partition)
    }

    pub(super) fn set_checkpoint(
        &mut self,
        generation: &GenerationName,
        partition: Partition,
        checkpoint: Checkpoint,
    ) {
        let all = self.checkpoints.entry(generation.clone()).or_default();
        all.insert(partition, checkpoint);
    }

    pub(super) fn document(&self, generation: &GenerationName, key: &Key) -> Option<&Document> {
        self.collections.get(generation)?.get(&View::of(key))?.get(key)
    }

    pub(super) fn documents(&self, generation: &GenerationName) -> impl Iterator<Item = &Document> {
        let collections = self.collections.get(generation);
        collections.into_iter().flatten().flat_map(|(_, documents)| documents.values())
    }

    pub(super) fn put(&mut self, generation: &GenerationName, document: Document) {
        let key = document.key();
        let collections = self.collections.entry(generation.clone()).or_default();
        collections.entry(View::of(&key)).or_default().insert(key, document);
    }

    pub(super) fn remove(&mut self, generation: &GenerationName, key: &Key) {
        let collections = self.collections.get_mut(generation);
        if let Some(collection) = collections.and_then(|it| it.get_mut(&View::of(key))) {
            collection.remove(key);
        }
    }

    pub(super) fn remove_collection(&mut self, generation: &GenerationName, view: View) {
        if let Some(collections) = self.collections.get_mut(generation) {
            collections.remove(&view);
            if collections.is_empty() {
                self.collections.remove(generation);
            }
        }
    }

    pub(super) fn stored(&self) -> BTreeSet<GenerationName> {
        let kept = self.checkpoints.iter().filter(|(_, all)| !all.is_empty()).map(|(name, _)| name);
        kept.chain(self.collections.keys()).cloned().collect()
    }
}
