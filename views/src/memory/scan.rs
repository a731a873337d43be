//! All documents in memory as they were at one moment.
//!
//! While a moment is open, what is changed is kept beside as it was before: opening one costs nothing, and a shop that
//! goes on pays only for what it changes.

use std::{
    collections::BTreeMap,
    future::ready,
    ops::Bound,
    sync::{Arc, RwLock},
};

use event_log::Partition;
use futures::{
    FutureExt, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use tokio::time::Instant;

use super::{GenerationViews, MemoryState, MemoryViews, read, write};
use crate::{
    Checkpoint, Document, EncodedDocument, GenerationName, Key, SNAPSHOT_LASTS, ScanChunk,
    ScanError, Snapshot, StoreError, View, ViewScan,
};

/// How many documents are read at a time; the shop waits as long.
const AT_A_TIME: usize = 500;

/// The moments of a generation that are open.
#[derive(Debug, Default)]
pub(super) struct Snapshots {
    opened: u64,
    before: BTreeMap<u64, EarlierVersions>,
}

/// What has changed since a moment, as it was; none for what was not there.
type EarlierVersions = BTreeMap<Key, Option<Document>>;

#[derive(Debug)]
struct MemorySnapshot {
    state: Arc<RwLock<MemoryState>>,
    generation: GenerationName,
    number: u64,
    opened: Instant,
    checkpoints: BTreeMap<Partition, Checkpoint>,
}

impl Snapshots {
    /// Keeps a document that was just changed as it was before.
    pub(super) fn keep(&mut self, key: &Key, before: Option<&Document>) {
        for changed in self.before.values_mut() {
            if !changed.contains_key(key) {
                changed.insert(key.clone(), before.cloned());
            }
        }
    }

    /// Whether anybody reads one.
    pub(super) fn are_open(&self) -> bool {
        !self.before.is_empty()
    }

    fn open(&mut self) -> u64 {
        self.opened = self.opened.wrapping_add(1);
        self.before.insert(self.opened, EarlierVersions::new());
        self.opened
    }
}

impl ViewScan for MemoryViews {
    fn moment<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<Arc<dyn Snapshot>, StoreError>> {
        let mut state = self.write();
        let opened = state.generation_mut(generation).map(|it| {
            let number = it.moments.open();
            let checkpoints = it.checkpoints.clone();
            let (state, generation) = (Arc::clone(&self.state), generation.clone());
            let opened = Instant::now();
            let moment: Arc<dyn Snapshot> =
                Arc::new(MemorySnapshot { state, generation, number, opened, checkpoints });
            moment
        });
        drop(state);
        ready(opened).boxed()
    }
}

impl Snapshot for MemorySnapshot {
    fn checkpoints(&self) -> &BTreeMap<Partition, Checkpoint> {
        &self.checkpoints
    }

    fn scan(
        &self,
        view: View,
        after: Option<Vec<u8>>,
    ) -> BoxStream<'_, Result<ScanChunk, ScanError>> {
        let (first, end) = bounds(view);
        let known = after.and_then(|id| EncodedDocument::named(&id, view));
        let from = known.map_or(Bound::Included(first), Bound::Excluded);
        stream::try_unfold(Some(from), move |from| {
            let next = from.map_or(Ok(None), |from| self.stretch(from, end.clone()).map(Some));
            ready(next)
        })
        .boxed()
    }

    fn find<'a>(
        &'a self,
        _view: View,
        keys: &'a [Key],
    ) -> BoxFuture<'a, Result<ScanChunk, ScanError>> {
        let found = self.look(|generation, before| {
            let mut found = ScanChunk::default();
            let there = |key| match before.get(key) {
                Some(kept) => kept.as_ref(),
                None => generation.documents.get(key),
            };
            for document in keys.iter().filter_map(there) {
                found.push(&document.stored()?);
            }
            Ok(found)
        });
        ready(found).boxed()
    }
}

impl MemorySnapshot {
    fn look<T>(
        &self,
        look: impl FnOnce(&GenerationViews, &EarlierVersions) -> Result<T, StoreError>,
    ) -> Result<T, ScanError> {
        if self.opened.elapsed() >= SNAPSHOT_LASTS {
            return Err(ScanError::Expired);
        }
        let state = read(&self.state);
        let looked = state.generation(&self.generation).and_then(|generation| {
            let before = generation.moments.before.get(&self.number);
            look(generation, before.ok_or(StoreError::GenerationGone)?)
        });
        drop(state);
        Ok(looked?)
    }

    /// Some documents, and where to go on when there are more.
    fn stretch(
        &self,
        from: Bound<Key>,
        end: Bound<Key>,
    ) -> Result<(ScanChunk, Option<Bound<Key>>), ScanError> {
        self.look(|generation, before| {
            let now = generation.documents.between(from.clone(), end.clone()).take(AT_A_TIME);
            let now: Vec<_> = now.map(|document| (document.key(), Some(document))).collect();
            let then = before.range((from, end)).take(AT_A_TIME);
            let then: Vec<_> =
                then.map(|(key, document)| (key.clone(), document.as_ref())).collect();
            // Neither may be read further than the other.
            let full = [&now, &then].into_iter().filter(|some| some.len() == AT_A_TIME);
            let last = full.filter_map(|some| some.last()).map(|(key, _)| key.clone()).min();
            let mut documents: BTreeMap<Key, Option<&Document>> = now.into_iter().collect();
            documents.extend(then);
            documents.retain(|key, _| last.as_ref().is_none_or(|last| key <= last));
            let mut stretch = ScanChunk::default();
            for document in documents.into_values().flatten() {
                stretch.push(&document.stored()?);
            }
            Ok((stretch, last.map(Bound::Excluded)))
        })
    }
}

impl Drop for MemorySnapshot {
    fn drop(&mut self) {
        if let Some(generation) = write(&self.state).generations.get_mut(&self.generation) {
            generation.moments.before.remove(&self.number);
        }
    }
}

/// The keys of a view: from one on, and before another.
fn bounds(view: View) -> (Key, Bound<Key>) {
    let none = String::new;
    let customers = Key::Customer(none());
    let purchases = Key::Bucket(none(), 0);
    let products = Key::Product(none());
    let prices = Key::Prices(none(), 0);
    let sales = Key::ProductSales(none(), 0, Partition(0));
    let parked = Key::Parked(Partition(0), none());
    match view {
        View::Customers => (customers, Bound::Excluded(purchases)),
        View::Purchases => (purchases, Bound::Excluded(products)),
        View::Products => (products, Bound::Excluded(prices)),
        View::Prices => (prices, Bound::Excluded(sales)),
        View::Sales => (sales, Bound::Excluded(parked)),
        View::Parked => (parked, Bound::Unbounded),
    }
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;
    use tokio::time::advance;

    use super::*;
    use crate::ViewBuild;

    #[tokio::test(start_paused = true)]
    async fn a_moment_lasts_so_long_and_no_longer() {
        let views = MemoryViews::new();
        let generation = GenerationName::new(1, "a");
        views.create(&generation, &[(Partition(0), 9)].into()).await.unwrap();
        let moment = views.moment(&generation).await.unwrap();
        let scan = async || moment.scan(View::Customers, None).try_collect::<Vec<_>>().await;
        advance(SNAPSHOT_LASTS.checked_div(2).unwrap()).await;
        assert!(scan().await.is_ok());
        advance(SNAPSHOT_LASTS).await;
        assert!(matches!(scan().await, Err(ScanError::Expired)));
    }
}
