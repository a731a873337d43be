//! What calls do to the database, each step at one moment, and what the auditor says to it.

use event_log::{Offset, Partition};
use views::{
    Change, Checkpoint, Commit, CommitError, Control, Document, FeedClaim, GenerationName, Mode,
    StoreError, View,
};

use super::{Fault, audit::Look, world::Inner};

impl Inner {
    pub(super) fn insert_control(&mut self, control: Control) -> bool {
        if self.database.control.is_some() {
            return false;
        }
        self.database.control = Some(control);
        true
    }

    pub(super) fn replace_control(&mut self, look: Option<&Look>, control: &Control) -> bool {
        let before = self.database.control.clone().filter(|it| it.rev + 1 == control.rev);
        let Some(before) = before else { return false };
        self.database.control = Some(control.clone());
        self.control_changed(look, &before, control);
        true
    }

    pub(super) fn create_checkpoint(
        &mut self,
        generation: &GenerationName,
        partition: Partition,
        end: Offset,
    ) {
        let all = self.database.checkpoints.entry(generation.clone()).or_default();
        all.entry(partition).or_insert(Checkpoint {
            rev: 1,
            at: 0,
            ledger: event_log::Ledger::default(),
            mode: Mode::Fill { to: end },
            parked: 0,
        });
    }

    pub(super) fn claim(
        &mut self,
        generation: &GenerationName,
        partition: Partition,
    ) -> Result<FeedClaim, StoreError> {
        let held = self.database.checkpoint(generation, partition);
        let held = *held.ok_or(StoreError::GenerationGone)?;
        let checkpoint = Checkpoint { rev: held.rev + 1, ..held };
        self.database.set_checkpoint(generation, partition, checkpoint);
        Ok(FeedClaim { checkpoint })
    }

    pub(super) fn commit(&mut self, commit: &Commit) -> Result<u64, CommitError> {
        let Commit { generation, partition, checkpoint, changes } = commit;
        let held = self.database.checkpoint(generation, *partition);
        let held = *held.ok_or(CommitError::Stale)?;
        let is_newest = held.rev == checkpoint.rev || self.fault == Some(Fault::NoCompareAndSet);
        if !is_newest || held.mode != Mode::Live {
            return Err(CommitError::Stale);
        }
        changes.iter().try_for_each(|change| self.check(generation, change))?;
        let rev = held.rev + 1;
        let next = Checkpoint { rev, mode: Mode::Live, ..*checkpoint };
        self.database.set_checkpoint(generation, *partition, next);
        for change in changes {
            match change {
                Change::Insert(document) | Change::Update { document, .. } => {
                    self.database.put(generation, document.clone());
                }
                Change::Remove(key) => self.database.remove(generation, key),
            }
        }
        self.committed(generation, *partition, held.at, next.at);
        Ok(rev)
    }

    fn check(&self, generation: &GenerationName, change: &Change) -> Result<(), CommitError> {
        if self.fault == Some(Fault::NoCompareAndSet) {
            return Ok(());
        }
        let damaged = |key| Err(CommitError::Damaged(format!("{key:?} is not as it was left")));
        match change {
            Change::Insert(document) => {
                let key = document.key();
                match self.database.document(generation, &key) {
                    Some(_) => damaged(key),
                    None => Ok(()),
                }
            }
            Change::Update { document, stored_purchases } => {
                let key = document.key();
                match self.database.document(generation, &key) {
                    Some(stored)
                        if stored.last() < document.last()
                            && purchases_of(stored).is_none_or(|it| it == *stored_purchases) =>
                    {
                        Ok(())
                    }
                    Some(_) | None => damaged(key),
                }
            }
            Change::Remove(key) => match self.database.document(generation, key) {
                Some(_) => Ok(()),
                None => damaged(key.clone()),
            },
        }
    }

    pub(super) fn fill(&mut self, process: &str, generation: &GenerationName, document: Document) {
        let key = document.key();
        let stored = self.database.document(generation, &key);
        let has = stored.is_some_and(|stored| stored.last() >= document.last());
        if has && self.fault != Some(Fault::FillWithoutLast) {
            return;
        }
        self.database.put(generation, document);
        self.filled(process, generation, &key);
    }

    pub(super) fn move_checkpoint(
        &mut self,
        generation: &GenerationName,
        partition: Partition,
        checkpoint: &Checkpoint,
    ) -> Result<u64, CommitError> {
        let held = self.database.checkpoint(generation, partition);
        let held = *held.filter(|it| it.rev == checkpoint.rev).ok_or(CommitError::Stale)?;
        let rev = held.rev + 1;
        self.database.set_checkpoint(generation, partition, Checkpoint { rev, ..*checkpoint });
        if held.mode != Mode::Live && checkpoint.mode == Mode::Live {
            self.whole(generation, partition, "goes live");
        }
        Ok(rev)
    }

    pub(super) fn remove_checkpoint(&mut self, generation: &GenerationName, partition: Partition) {
        self.removed(generation, "a checkpoint");
        let all = self.database.checkpoints.get_mut(generation);
        if let Some(removed) = all.and_then(|all| all.remove(&partition)) {
            // What is removed now may be what a call that was long on its way has created anew.
            let ended = self.audit.ended.entry(generation.clone()).or_default();
            let at = ended.entry(partition).or_default();
            *at = removed.at.max(*at);
        }
        self.database.beats.remove(generation);
    }

    pub(super) fn remove_collection(&mut self, generation: &GenerationName, view: View) {
        self.removed(generation, "a collection");
        self.database.remove_collection(generation, view);
    }
}

/// `MongoDB` compares them for buckets alone.
fn purchases_of(document: &Document) -> Option<usize> {
    if let Document::Bucket(bucket) = document { Some(bucket.purchases.len()) } else { None }
}
