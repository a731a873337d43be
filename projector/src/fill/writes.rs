//! Documents on their way to the store.

use std::{ops::RangeInclusive, sync::Arc};

use tokio::task::{JoinError, JoinSet};
use views::{Document, GenerationName, StoreError, ViewStore};

use super::Fill;
use crate::{cache::bytes_of, in_flight::InFlight};

/// What is written at once is this part of a fill's memory: with those on their way and the one that is made ready, and with
/// the store's own form of them, which is about half as large, batches take less than a third of it.
const BATCH_PART: u64 = 16;
/// What is written at once in bytes of memory, at the least and at most: each batch is a few commands, of which a smaller one
/// costs more for each document, and a larger one no less.
const BATCHES: RangeInclusive<usize> = 64 << 10..=4 << 20;
/// Batches that are written at a time: one is made ready while another is stored.
const AT_A_TIME: usize = 2;

/// Documents on their way to the store. None is on its way twice at a time, but for older ones that the store refuses.
#[derive(Debug)]
pub(super) struct Writes {
    store: Arc<dyn ViewStore>,
    generation: GenerationName,
    under_way: InFlight,
    waiting: Vec<Document>,
    bytes: usize,
    /// So many bytes are written at once.
    batch: usize,
    running: JoinSet<Result<(), StoreError>>,
    /// Whether documents are among them that are nowhere else.
    has_evicted: bool,
}

impl Writes {
    pub(super) fn of(fill: &Fill) -> Self {
        let Fill { ground, generation, memory, under_way, .. } = fill;
        Self {
            store: Arc::clone(&ground.store),
            generation: generation.clone(),
            under_way: under_way.clone(),
            batch: batch(*memory),
            waiting: Vec::new(),
            bytes: 0,
            running: JoinSet::new(),
            has_evicted: false,
        }
    }

    /// Begins to write documents; waits only while too many are on their way.
    pub(super) async fn write(&mut self, documents: Vec<Document>) -> Result<(), StoreError> {
        for document in documents {
            self.bytes = self.bytes.saturating_add(bytes_of(&document));
            self.waiting.push(document);
            if self.bytes >= self.batch {
                self.send().await?;
            }
        }
        Ok(())
    }

    /// The same for documents that are not in memory any more.
    pub(super) async fn write_evicted(
        &mut self,
        documents: Vec<Document>,
    ) -> Result<(), StoreError> {
        self.has_evicted |= !documents.is_empty();
        self.write(documents).await
    }

    /// Waits until evicted documents are stored, so that they can be loaded again.
    pub(super) async fn land_evicted(&mut self) -> Result<(), StoreError> {
        if self.has_evicted { self.land().await } else { Ok(()) }
    }

    /// Waits until all documents are stored.
    pub(super) async fn land(&mut self) -> Result<(), StoreError> {
        self.send().await?;
        while let Some(done) = self.running.join_next().await {
            stored(done)?;
        }
        self.has_evicted = false;
        Ok(())
    }

    async fn send(&mut self) -> Result<(), StoreError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        while self.running.len() >= AT_A_TIME
            && let Some(done) = self.running.join_next().await
        {
            stored(done)?;
        }
        self.bytes = 0;
        // The next batch has about as many.
        let next = Vec::with_capacity(self.waiting.len());
        let documents = std::mem::replace(&mut self.waiting, next);
        let (store, generation) = (Arc::clone(&self.store), self.generation.clone());
        let under_way = self.under_way.clone();
        self.running.spawn(async move {
            under_way.take(async move { store.fill(&generation, documents).await }).await
        });
        Ok(())
    }
}

fn batch(memory: u64) -> usize {
    let part = usize::try_from(memory / BATCH_PART).unwrap_or(usize::MAX);
    part.clamp(*BATCHES.start(), *BATCHES.end())
}

fn stored(done: Result<Result<(), StoreError>, JoinError>) -> Result<(), StoreError> {
    done.unwrap_or_else(|ended| Err(StoreError::Unavailable(Box::new(ended))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_take_a_small_part_of_the_memory() {
        assert_eq!(batch(512 << 20), 4 << 20);
        assert_eq!(batch(16 << 20), 1 << 20);
        assert_eq!(batch(0), 64 << 10);
    }
}
