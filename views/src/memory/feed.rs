//! How the views in memory are written.

use std::collections::btree_map::Entry;

use event_log::Partition;
use futures::{
    FutureExt,
    future::{BoxFuture, ready},
};

use super::{GenerationViews, MemoryState, MemoryViews};
use crate::{
    Change, Checkpoint, Commit, CommitError, CustomerCursor, Document, FeedClaim, GenerationName,
    Key, Mode, ProductCursor, StoreError, ViewFeed,
};

impl ViewFeed for MemoryViews {
    fn claim<'a>(
        &'a self,
        generation: &'a GenerationName,
        partition: Partition,
        _instance: &'a str,
    ) -> BoxFuture<'a, Result<FeedClaim, StoreError>> {
        ready(self.write().claim(generation, partition)).boxed()
    }

    fn load<'a>(
        &'a self,
        generation: &'a GenerationName,
        keys: &'a [Key],
    ) -> BoxFuture<'a, Result<Vec<Document>, StoreError>> {
        let state = self.read();
        let loaded = state.generation(generation).map(|generation| {
            keys.iter().filter_map(|key| generation.documents.get(key)).cloned().collect()
        });
        drop(state);
        ready(loaded).boxed()
    }

    fn commit<'a>(&'a self, commit: &'a Commit) -> BoxFuture<'a, Result<u64, CommitError>> {
        let done = self.write().commit(commit);
        if done.is_ok() {
            self.commits.send_modify(|count| *count = count.wrapping_add(1));
        }
        ready(done).boxed()
    }
}

impl MemoryState {
    fn claim(
        &mut self,
        generation: &GenerationName,
        partition: Partition,
    ) -> Result<FeedClaim, StoreError> {
        let generation = self.generation_mut(generation)?;
        let checkpoint =
            generation.checkpoints.get_mut(&partition).ok_or(StoreError::GenerationGone)?;
        checkpoint.rev = checkpoint.rev.saturating_add(1);
        Ok(FeedClaim { checkpoint: *checkpoint })
    }

    fn commit(&mut self, commit: &Commit) -> Result<u64, CommitError> {
        let generation = self.generations.get_mut(&commit.generation).ok_or(CommitError::Stale)?;
        let held = generation.checkpoints.get(&commit.partition).ok_or(CommitError::Stale)?;
        if held.rev != commit.checkpoint.rev || held.mode != Mode::Live {
            return Err(CommitError::Stale);
        }
        // All is checked before anything is stored: a batch is stored whole or not at all.
        commit.changes.iter().try_for_each(|change| generation.check(change))?;
        commit.changes.iter().for_each(|change| generation.store(change));
        let rev = commit.checkpoint.rev.saturating_add(1);
        let next = Checkpoint { rev, mode: Mode::Live, ..commit.checkpoint };
        generation.checkpoints.insert(commit.partition, next);
        Ok(rev)
    }
}

impl GenerationViews {
    fn check(&self, change: &Change) -> Result<(), CommitError> {
        let damaged = |document: &Document, how: &str| {
            Err(CommitError::Damaged(format!("{:?} {how}", document.key())))
        };
        match change {
            Change::Remove(key) if self.documents.get(key).is_some() => Ok(()),
            Change::Remove(key) => Err(CommitError::Damaged(format!("{key:?} is missing"))),
            Change::Insert(document) if self.documents.get(&document.key()).is_some() => {
                damaged(document, "is there already")
            }
            Change::Insert(_) => Ok(()),
            Change::Update { document, stored_purchases } => {
                match self.documents.get(&document.key()) {
                    None => damaged(document, "is missing"),
                    Some(stored)
                        if stored.last() > document.last()
                            || purchases_of(stored) != *stored_purchases =>
                    {
                        damaged(document, "is not as it was left")
                    }
                    Some(_as_left) => Ok(()),
                }
            }
        }
    }

    fn store(&mut self, change: &Change) {
        match change {
            Change::Insert(document) | Change::Update { document, .. } => {
                self.put_where(document.clone(), |_stored| true);
            }
            // Only what is parked is ever removed, and no list holds that.
            Change::Remove(key) => {
                let removed = self.documents.remove(key);
                self.moments.keep(key, removed.as_ref());
            }
        }
    }

    /// Puts a document where there is none yet, or one that it may replace.
    pub(super) fn put_where(&mut self, document: Document, replaces: impl Fn(&Document) -> bool) {
        let key = document.key();
        let kept = self.moments.are_open().then(|| key.clone());
        self.list(&document);
        let before = match self.documents.place(key) {
            Entry::Occupied(place) if !replaces(place.get()) => return,
            Entry::Occupied(mut place) => Some(place.insert(Box::new(document))),
            Entry::Vacant(place) => {
                place.insert(Box::new(document));
                None
            }
        };
        if let Some(key) = kept {
            self.moments.keep(&key, before.as_deref());
        }
    }

    fn list(&mut self, document: &Document) {
        match document {
            Document::Customer(customer) => {
                let id = customer.id.clone();
                self.customers.insert(CustomerCursor { created_at: customer.created_at, id });
            }
            Document::Product(product) => {
                let (first_priced_at, id) = (product.first_priced_at, product.id.clone());
                self.products.insert(ProductCursor { first_priced_at, id });
            }
            Document::Bucket(_)
            | Document::Prices(_)
            | Document::ProductSales(_)
            | Document::DaySales(_)
            | Document::Parked(_)
            | Document::Queue(_) => {}
        }
    }
}

fn purchases_of(document: &Document) -> usize {
    match document {
        Document::Bucket(bucket) => bucket.purchases.len(),
        Document::Customer(_)
        | Document::Product(_)
        | Document::Prices(_)
        | Document::ProductSales(_)
        | Document::DaySales(_)
        | Document::Parked(_)
        | Document::Queue(_) => 0,
    }
}
