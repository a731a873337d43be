//! A piece of what waits: read, folded and stored in one transaction.

use event_log::{Offset, Partition, RecordId, Timestamp, older_copy};
use views::{
    Change, Checkpoint, Commit, Document, GenerationName, Key, Mode, Parked, QuarantinePeriod,
    StoreError,
};

use super::{Retry, RetryError, StillBlocked};
use crate::{
    DocumentCache,
    drive::read,
    fold::ApplyAt,
    partition::record::{DecodedRecord, RecordKind},
};

/// The most events of one transaction, as for every feeder.
const MOST_AT_ONCE: usize = 1_000;
/// Documents of a queue that are asked for at once, of a thousand offsets each.
const QUEUES_AT_ONCE: u64 = 16;

/// One key of one partition.
pub(super) struct RetryBatch<'a> {
    pub(super) retry: &'a Retry<'a>,
    pub(super) generation: &'a GenerationName,
    pub(super) partition: Partition,
    pub(super) key: &'a str,
}

/// What came of a piece.
pub(super) struct Outcome {
    pub(super) taken: u64,
    pub(super) left: Option<StillBlocked>,
    /// Nothing waits any more.
    pub(super) is_done: bool,
}

/// An event that cannot be taken in.
struct Blocker {
    reason: String,
    since: Timestamp,
}

impl RetryBatch<'_> {
    pub(super) async fn take_in(&self) -> Result<Outcome, RetryError> {
        let Retry { store, instance, .. } = *self.retry;
        let checkpoint = store.claim(self.generation, self.partition, instance).await?.checkpoint;
        if checkpoint.mode != Mode::Live {
            return Err(RetryError::NotLive);
        }
        let place = checkpoint.followed(self.partition);
        if let Some(older) = older_copy(self.retry.log, vec![place]).await? {
            return Err(StoreError::Unfit(older.to_string()).into());
        }
        let all = store.parked_in(self.generation, self.partition).await?;
        let held = all.into_iter().find(|parked| parked.key == self.key);
        let Some((parked, episode)) = held.and_then(without_lasting) else {
            return Ok(Outcome { taken: 0, left: None, is_done: true });
        };
        let (queues, waiting) = self.waiting(episode.blocked).await?;
        let mut image = DocumentCache::default();
        let (taken, obstacle) = self.fold(&waiting, &mut image).await?;
        let rest = waiting.get(taken..).unwrap_or_default();
        let mut changes = image.changes();
        let mut parked_keys = checkpoint.parked;
        let left = match (rest.split_first(), obstacle) {
            (None, _) => {
                parked_keys = parked_keys.saturating_sub(1);
                changes.extend(self.end(parked, queues));
                None
            }
            (Some((blocked, behind)), obstacle) => {
                let waiting = count(behind.len());
                changes.push(held_by(*blocked, obstacle.as_ref(), waiting, parked));
                let place = RecordId { partition: self.partition, offset: *blocked };
                obstacle.map(|obstacle| StillBlocked { place, reason: obstacle.reason, waiting })
            }
        };
        if taken > 0 {
            self.commit(Checkpoint { parked: parked_keys, ..checkpoint }, changes).await?;
        }
        Ok(Outcome { taken: count(taken), left, is_done: rest.is_empty() })
    }

    /// Refuses when something that waits skips another thing that waits: this program may not take that in.
    pub(super) async fn check(&self, parked: &Parked) -> Result<(), RetryError> {
        let Some(episode) = parked.lasting() else { return Ok(()) };
        let (_, waiting) = self.waiting(episode.blocked).await?;
        for offsets in waiting.chunks(MOST_AT_ONCE) {
            self.steps(offsets).await?;
        }
        Ok(())
    }

    /// The numbers of the queue's documents, and the offsets of what waits, the one that blocks the others first.
    async fn waiting(&self, blocked: Offset) -> Result<(u64, Vec<Offset>), RetryError> {
        let (mut queues, mut offsets): (u64, _) = (0, vec![blocked]);
        loop {
            let keys: Vec<Key> = (queues..queues.saturating_add(QUEUES_AT_ONCE))
                .map(|number| Key::Queue(self.partition, self.key.to_owned(), number))
                .collect();
            let found = self.retry.store.load(self.generation, &keys).await?;
            queues = queues.saturating_add(count(found.len()));
            for document in &found {
                if let Document::Queue(queue) = document {
                    offsets.extend(queue.offsets.iter().filter(|offset| **offset > blocked));
                }
            }
            if found.len() < keys.len() {
                offsets.sort_unstable();
                return Ok((queues, offsets));
            }
        }
    }

    async fn steps(&self, offsets: &[Offset]) -> Result<Vec<DecodedRecord>, RetryError> {
        let records = read(self.retry.log, self.partition, offsets).await?;
        let own = self.retry.identity.settings.currency;
        let step = |stored| DecodedRecord::read(self.partition, stored).in_currency(own);
        let steps: Vec<_> = records.iter().map(step).collect();
        match steps.iter().find(|step| matches!(step.meaning, RecordKind::Skip(..))) {
            Some(skip) => Err(RetryError::SkipWaits { at: skip.offset }),
            None => Ok(steps),
        }
    }

    /// Folds what waits, up to the first that cannot be or as far as one transaction goes: says how many.
    async fn fold(
        &self,
        waiting: &[Offset],
        image: &mut DocumentCache,
    ) -> Result<(usize, Option<Blocker>), RetryError> {
        let store = self.retry.store;
        let first = waiting.get(..MOST_AT_ONCE).unwrap_or(waiting);
        let steps = self.steps(first).await?;
        for step in &steps {
            if let RecordKind::Fact(fact) = &step.meaning {
                image.look_up(fact, ApplyAt::of(fact));
            }
        }
        let awaited = image.awaited();
        if !awaited.is_empty() {
            image.loaded(store.load(self.generation, &awaited).await?);
        }
        let mut taken: usize = 0;
        for step in &steps {
            if let Err(obstacle) = take(image, step) {
                return Ok((taken, Some(obstacle)));
            }
            taken = taken.saturating_add(1);
        }
        Ok((taken, None))
    }

    /// Nothing waits any more. What an earlier skip has ended stays known.
    fn end(&self, parked: Parked, queues: u64) -> Vec<Change> {
        if !parked.episodes.is_empty() {
            let document = Document::Parked(Parked { waiting: 0, ..parked });
            return vec![Change::Update { document, stored_purchases: 0 }];
        }
        let queue = |number| Key::Queue(self.partition, self.key.to_owned(), number);
        let keys = (0..queues).map(queue);
        keys.chain([Key::Parked(self.partition, self.key.to_owned())]).map(Change::Remove).collect()
    }

    async fn commit(&self, checkpoint: Checkpoint, changes: Vec<Change>) -> Result<(), RetryError> {
        let generation = self.generation.clone();
        let commit = Commit { generation, partition: self.partition, checkpoint, changes };
        self.retry.store.commit(&commit).await?;
        Ok(())
    }
}

/// The document without the time in quarantine that lasts, and that.
fn without_lasting(mut parked: Parked) -> Option<(Parked, QuarantinePeriod)> {
    let episode = parked.episodes.pop_if(|episode| episode.released.is_none())?;
    Some((parked, episode))
}

/// The key is held up by another event now, or by one that is still to be tried.
fn held_by(blocked: Offset, obstacle: Option<&Blocker>, waiting: u64, parked: Parked) -> Change {
    let (reason, since) = match obstacle {
        Some(Blocker { reason, since }) => (reason.clone(), *since),
        None => ("it is being tried again".into(), Timestamp::default()),
    };
    let mut parked = Parked { waiting, ..parked };
    parked.episodes.push(QuarantinePeriod { blocked, reason, since, released: None });
    Change::Update { document: Document::Parked(parked), stored_purchases: 0 }
}

fn take(image: &mut DocumentCache, step: &DecodedRecord) -> Result<(), Blocker> {
    match &step.meaning {
        RecordKind::Nothing | RecordKind::Skip(..) => Ok(()),
        RecordKind::Unreadable { reason, time, .. } => {
            Err(Blocker { reason: reason.clone(), since: *time })
        }
        RecordKind::Fact(fact) => image
            .fold_waiting(&fact.event, ApplyAt::of(fact))
            .map_err(|misfit| {
                // It waited, so that the documents stand before it: which of the two is wrong is not known.
                let reason = format!(
                    "{misfit}; the event is wrong, or the views are: `sklep verify` says whether they are"
                );
                Blocker { reason, since: fact.time }
            }),
    }
}

fn count(of: usize) -> u64 {
    u64::try_from(of).unwrap_or(u64::MAX)
}
