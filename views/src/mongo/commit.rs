//! Documents and checkpoint in one transaction.
//!
//! Few round trips: one for the checkpoint, one for the new and one for the changed documents of each collection, one
//! for the commit. Not the driver's `with_transaction`: it would run a stale image of the documents again.

use std::collections::BTreeMap;

use mongodb::{
    ClientSession,
    bson::{Bson, Document, RawArrayBuf, RawDocumentBuf, doc, rawdoc},
};

use super::{
    MongoViews, checkpoint,
    error::{in_transaction, unanswered},
    options::{ANSWER, TRANSACTION, transaction, within},
    row::{id, raw, update},
};
use crate::{Change, Commit, CommitError, StoreError, View};

/// How many bytes of updates begin another command: `MongoDB` takes 16 MiB, and an update is far smaller.
const MOST_BYTES: usize = 8 << 20;

/// What is to be done with one collection.
#[derive(Default)]
struct Work {
    inserts: Vec<RawDocumentBuf>,
    /// In as many commands as they need.
    updates: Vec<Updates>,
    removals: Vec<Bson>,
}

/// The statements of one `update` command.
#[derive(Default)]
struct Updates {
    statements: RawArrayBuf,
    /// How many.
    count: i64,
}

/// What is to be done with all of them.
#[derive(Default)]
struct WriteBatch(BTreeMap<View, Work>);

impl MongoViews {
    pub(super) async fn commit_batch(&self, commit: &Commit) -> Result<u64, CommitError> {
        let session = self.session(&commit.generation, commit.partition);
        let session = session.ok_or(CommitError::Stale)?;
        let mut session = session.lock().await;
        let done = if commit.changes.is_empty() {
            self.move_with(commit, &mut session).await
        } else {
            let batch = WriteBatch::of(&commit.changes).map_err(in_transaction)?;
            self.commit_documents(commit, batch, &mut session).await
        };
        if done.is_err() {
            // Whatever is open in it is not to be used again.
            self.set_session(&commit.generation, commit.partition, None);
        }
        drop(session);
        done.map(|()| commit.checkpoint.rev.saturating_add(1))
    }

    async fn commit_documents(
        &self,
        commit: &Commit,
        batch: WriteBatch,
        session: &mut ClientSession,
    ) -> Result<(), CommitError> {
        let run = tokio::time::timeout(TRANSACTION, self.transact(commit, batch, session));
        let done =
            run.await.unwrap_or_else(|_elapsed| Err(in_transaction(unanswered(TRANSACTION))));
        if done.is_err() {
            // Only to free its locks at once; when this fails too, the next claim ends the session.
            let _ = within(ANSWER, session.abort_transaction()).await;
        }
        done
    }

    async fn transact(
        &self,
        commit: &Commit,
        batch: WriteBatch,
        session: &mut ClientSession,
    ) -> Result<(), CommitError> {
        let begin = session.start_transaction().with_options(transaction());
        within(ANSWER, begin).await.map_err(in_transaction)?;
        self.move_with(commit, session).await?;
        for (view, work) in batch.0 {
            self.apply(&view.collection(&commit.generation), work, session).await?;
        }
        within(TRANSACTION, session.commit_transaction()).await.map_err(in_transaction)
    }

    /// Alone, it is a transaction of its own.
    async fn move_with(
        &self,
        commit: &Commit,
        session: &mut ClientSession,
    ) -> Result<(), CommitError> {
        let (held, set) =
            checkpoint::next_live(&commit.generation, commit.partition, &commit.checkpoint)
                .map_err(in_transaction)?;
        let checkpoints = self.checkpoint_rows();
        let update = checkpoints.update_one(held, set).session(session);
        let updated = within(ANSWER, update).await.map_err(in_transaction)?;
        if updated.matched_count == 1 { Ok(()) } else { Err(CommitError::Stale) }
    }

    async fn apply(
        &self,
        collection: &str,
        work: Work,
        session: &mut ClientSession,
    ) -> Result<(), CommitError> {
        if !work.inserts.is_empty() {
            let documents = self.database.collection::<RawDocumentBuf>(collection);
            let insert = documents.insert_many(work.inserts).session(&mut *session);
            within(ANSWER, insert).await.map_err(in_transaction)?;
        }
        for updates in work.updates {
            self.update_all(collection, updates, session).await?;
        }
        if !work.removals.is_empty() {
            self.remove_all(collection, work.removals, session).await?;
        }
        Ok(())
    }

    async fn remove_all(
        &self,
        collection: &str,
        ids: Vec<Bson>,
        session: &mut ClientSession,
    ) -> Result<(), CommitError> {
        let expected = ids.len();
        let documents = self.database.collection::<Document>(collection);
        let remove = documents.delete_many(doc! { "_id": { "$in": ids } }).session(session);
        let removed = within(ANSWER, remove).await.map_err(in_transaction)?.deleted_count;
        if usize::try_from(removed).is_ok_and(|removed| removed == expected) {
            return Ok(());
        }
        Err(CommitError::Damaged(format!(
            "{collection}: of {expected} documents that were to be removed, {removed} were there"
        )))
    }

    /// Many updates in one round trip. The driver's own way to do that needs `MongoDB` 8.0.
    async fn update_all(
        &self,
        collection: &str,
        updates: Updates,
        session: &mut ClientSession,
    ) -> Result<(), CommitError> {
        let expected = updates.count;
        let command = rawdoc! { "update": collection, "updates": updates.statements };
        let update = self.database.run_raw_command(command);
        let reply = within(ANSWER, update.session(session)).await.map_err(in_transaction)?;
        let matched = reply.get("n").and_then(whole_number);
        let failed = reply.get_array("writeErrors").ok().and_then(|errors| errors.first());
        match (failed, matched) {
            (Some(error), _) => Err(CommitError::Damaged(format!("{collection}: {error}"))),
            (None, Some(matched)) if matched == expected => Ok(()),
            (None, matched) => Err(CommitError::Damaged(format!(
                "{collection}: of {expected} documents that were to be there as they were left, {} were",
                matched.unwrap_or_default()
            ))),
        }
    }
}

fn whole_number(number: &Bson) -> Option<i64> {
    number.as_i64().or_else(|| number.as_i32().map(i64::from))
}

impl Work {
    fn update(&mut self, statement: &RawDocumentBuf) {
        let has_room = |it: &Updates| it.statements.as_bytes().len() < MOST_BYTES;
        if !self.updates.last().is_some_and(has_room) {
            self.updates.push(Updates::default());
        }
        if let Some(last) = self.updates.last_mut() {
            last.statements.push(statement);
            last.count = last.count.saturating_add(1);
        }
    }
}

impl WriteBatch {
    fn of(changes: &[Change]) -> Result<Self, StoreError> {
        let mut batch = Self::default();
        changes.iter().try_for_each(|change| batch.take(change))?;
        Ok(batch)
    }

    fn take(&mut self, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::Insert(document) => {
                self.at(View::of_document(document)).inserts.push(raw(document)?);
            }
            Change::Update { document, stored_purchases } => {
                let work = self.at(View::of_document(document));
                work.update(&update(document, *stored_purchases)?);
            }
            Change::Remove(key) => self.at(View::of(key)).removals.push(id(key)?),
        }
        Ok(())
    }

    fn at(&mut self, view: View) -> &mut Work {
        self.0.entry(view).or_default()
    }
}
