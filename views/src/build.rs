//! The port of rebuilds: generations that are made, filled, exchanged and removed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use event_log::{Offset, Partition};
use futures::future::BoxFuture;

use crate::{Checkpoint, CommitError, Control, Document, GenerationName, StoreError};

/// What a rebuild does with the views, beside feeding them.
///
/// Each call is one step that the store does whole or not at all, and that may be repeated; what is safe about a rebuild
/// rests on their order alone.
pub trait ViewBuild: Send + Sync + fmt::Debug + 'static {
    /// The control document as it stands, also while the first generation is being made.
    fn find_control(&self) -> BoxFuture<'_, Result<Option<Control>, StoreError>>;

    /// Stores the first control document; says whether there was none. Refuses a store that Sklep cannot use, before
    /// anything is stored in it.
    fn insert_control<'a>(
        &'a self,
        control: &'a Control,
    ) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Stores a control document in the place of one whose `rev` is one less; says whether that one was there.
    fn replace_control<'a>(
        &'a self,
        control: &'a Control,
    ) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Makes what is missing of a generation's collections, without indexes, and then of its checkpoints: at the
    /// log's begin, to be filled up to these ends.
    fn create<'a>(
        &'a self,
        generation: &'a GenerationName,
        ends: &'a BTreeMap<Partition, Offset>,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Stores whole documents outside of any transaction, each unless the store has it with the same or a higher
    /// `last`; what is in quarantine comes first. Stored for good when this answers; when it fails, some documents may
    /// be stored and others not. Each key at most once.
    fn fill<'a>(
        &'a self,
        generation: &'a GenerationName,
        documents: Vec<Document>,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Makes the indexes that are missing.
    fn create_indexes<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Stores a checkpoint, its mode too, in the place of one with the same `rev`, which is raised by one; answers
    /// with the new one.
    fn move_checkpoint<'a>(
        &'a self,
        generation: &'a GenerationName,
        partition: Partition,
        checkpoint: &'a Checkpoint,
    ) -> BoxFuture<'a, Result<u64, CommitError>>;

    /// Points the names that other programs read at a generation's collections, where they do not point there yet.
    fn repoint<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Every generation of which anything is stored, whether control knows it or not.
    fn stored_generations(&self) -> BoxFuture<'_, Result<BTreeSet<GenerationName>, StoreError>>;

    /// Removes a generation's checkpoints, so that nobody can feed it any more.
    fn remove_checkpoints<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Removes a generation's collections.
    fn remove_collections<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// What the newest feeder of each partition calls itself. Information only; a store that one process alone can feed
    /// need not know.
    fn feeders<'a>(
        &'a self,
        _generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<BTreeMap<Partition, String>, StoreError>> {
        Box::pin(std::future::ready(Ok(BTreeMap::new())))
    }

    /// Says how a job is. Information only: nothing that concerns safety reads it.
    fn beat<'a>(&'a self, beat: &'a Heartbeat) -> BoxFuture<'a, Result<(), StoreError>>;

    /// How the jobs were when they said so last; those that ended are among them until their generation is removed.
    fn beats(&self) -> BoxFuture<'_, Result<Vec<Heartbeat>, StoreError>>;
}

/// What a job says of itself while it works on a generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// On which generation.
    pub generation: GenerationName,
    /// The job's own name, as in control.
    pub job: String,
    /// Who runs it, for people who read it.
    pub instance: String,
    /// Counts the job's beats: a job whose count stands still has gone silent.
    pub count: u64,
    /// What it is doing.
    pub phase: Phase,
    /// Records taken in.
    pub done: u64,
    /// Records that were to be taken in when it was last looked.
    pub total: u64,
    /// Records taken in a second, lately.
    pub rate: u64,
}

/// What a rebuild is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It folds the log and stores whole documents.
    Filling,
    /// It builds indexes.
    Indexing,
    /// It feeds the new generation until that is as far as the live one.
    CatchingUp,
    /// It compares the new generation with the log.
    Verifying,
    /// Queries read the new generation.
    Flipped,
    /// It gave up and removed what it had filled.
    Cancelled,
    /// It waits because an operator wants it to.
    Paused,
}
