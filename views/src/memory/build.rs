//! Generations in memory that are made, exchanged and removed.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::ready,
};

use event_log::{Ledger, Offset, Partition};
use futures::{FutureExt, future::BoxFuture};

use super::{GenerationViews, MemoryViews};
use crate::{
    Checkpoint, CommitError, Control, Document, GenerationName, Heartbeat, Mode, StoreError,
    ViewBuild,
};

/// Whole documents are taken in so many at a time, and queries in between.
const AT_A_TIME: usize = 1_000;

impl ViewBuild for MemoryViews {
    fn find_control(&self) -> BoxFuture<'_, Result<Option<Control>, StoreError>> {
        ready(Ok(self.read().control.clone())).boxed()
    }

    fn insert_control<'a>(
        &'a self,
        control: &'a Control,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        let mut state = self.write();
        let is_first = state.control.is_none();
        state.control.get_or_insert_with(|| control.clone());
        drop(state);
        ready(Ok(is_first)).boxed()
    }

    fn replace_control<'a>(
        &'a self,
        control: &'a Control,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        let mut state = self.write();
        let before = control.rev.checked_sub(1);
        let is_next = state.control.as_ref().is_some_and(|held| Some(held.rev) == before);
        if is_next {
            state.control = Some(control.clone());
        }
        drop(state);
        ready(Ok(is_next)).boxed()
    }

    fn create<'a>(
        &'a self,
        generation: &'a GenerationName,
        ends: &'a BTreeMap<Partition, Offset>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let mut state = self.write();
        let generation = state.generations.entry(generation.clone()).or_default();
        for (partition, to) in ends {
            let first = Checkpoint {
                rev: 1,
                at: 0,
                ledger: Ledger::default(),
                mode: Mode::Fill { to: *to },
                parked: 0,
            };
            generation.checkpoints.entry(*partition).or_insert(first);
        }
        drop(state);
        ready(Ok(())).boxed()
    }

    fn fill<'a>(
        &'a self,
        generation: &'a GenerationName,
        documents: Vec<Document>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let mut documents = documents.into_iter().peekable();
            while documents.peek().is_some() {
                let some = documents.by_ref().take(AT_A_TIME);
                self.write().generation_mut(generation).map(|it| it.fill(some))?;
                tokio::task::yield_now().await;
            }
            Ok(())
        }
        .boxed()
    }

    fn create_indexes<'a>(
        &'a self,
        _generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        // The lists are kept in order all the time.
        ready(Ok(())).boxed()
    }

    fn move_checkpoint<'a>(
        &'a self,
        generation: &'a GenerationName,
        partition: Partition,
        checkpoint: &'a Checkpoint,
    ) -> BoxFuture<'a, Result<u64, CommitError>> {
        let mut state = self.write();
        let held = state.generations.get_mut(generation);
        let held = held.and_then(|generation| generation.checkpoints.get_mut(&partition));
        let moved = match held {
            Some(held) if held.rev == checkpoint.rev => {
                *held = Checkpoint { rev: checkpoint.rev.saturating_add(1), ..*checkpoint };
                Ok(held.rev)
            }
            Some(_) | None => Err(CommitError::Stale),
        };
        drop(state);
        ready(moved).boxed()
    }

    fn repoint<'a>(
        &'a self,
        _generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        // Nobody else can read them.
        ready(Ok(())).boxed()
    }

    fn stored_generations(&self) -> BoxFuture<'_, Result<BTreeSet<GenerationName>, StoreError>> {
        ready(Ok(self.read().generations.keys().cloned().collect())).boxed()
    }

    fn remove_checkpoints<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        if let Some(generation) = self.write().generations.get_mut(generation) {
            generation.checkpoints.clear();
        }
        ready(Ok(())).boxed()
    }

    fn remove_collections<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let mut state = self.write();
        state.beats.remove(generation);
        let removed = state.generations.remove(generation);
        if let Some(GenerationViews { checkpoints, .. }) = &removed
            && !checkpoints.is_empty()
        {
            let left =
                GenerationViews { checkpoints: checkpoints.clone(), ..GenerationViews::default() };
            state.generations.insert(generation.clone(), left);
        }
        drop(state);
        // The documents go when nobody waits for them.
        drop(removed);
        ready(Ok(())).boxed()
    }

    fn beat<'a>(&'a self, beat: &'a Heartbeat) -> BoxFuture<'a, Result<(), StoreError>> {
        self.write().beats.insert(beat.generation.clone(), beat.clone());
        ready(Ok(())).boxed()
    }

    fn beats(&self) -> BoxFuture<'_, Result<Vec<Heartbeat>, StoreError>> {
        ready(Ok(self.read().beats.values().cloned().collect())).boxed()
    }
}

impl GenerationViews {
    fn fill(&mut self, documents: impl Iterator<Item = Document>) {
        for document in documents {
            let last = document.last();
            self.put_where(document, |stored| stored.last() < last);
        }
    }
}
