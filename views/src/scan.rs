//! The port of verification: all documents of a generation as they were at one moment, byte by byte.

mod encoded;

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use event_log::Partition;
use futures::{future::BoxFuture, stream::BoxStream};

use crate::{Checkpoint, GenerationName, Key, StoreError, View};

pub use self::encoded::{EncodedDocument, ScanChunk};

/// How long a moment can be read. `MongoDB` keeps what is needed for it for 300 seconds by default, and a request that
/// was begun in time has to end in time.
pub const SNAPSHOT_LASTS: Duration = Duration::from_secs(150);

/// What verification does with the views.
pub trait ViewScan: Send + Sync + fmt::Debug + 'static {
    /// Opens the newest moment of a generation. What is stored from now on is not seen through it.
    fn moment<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<Arc<dyn Snapshot>, StoreError>>;
}

/// All of a generation as it was at one moment. Several may be read at once.
pub trait Snapshot: Send + Sync + fmt::Debug + 'static {
    /// How far the generation was in each partition.
    fn checkpoints(&self) -> &BTreeMap<Partition, Checkpoint>;

    /// All documents of a view, one stretch after another, in the store's own order of keys; only those behind
    /// `after`, which is [`EncodedDocument::id`] of the last one that is known. Whoever meets [`ScanError::Expired`] goes on
    /// from there at a new moment.
    fn scan(
        &self,
        view: View,
        after: Option<Vec<u8>>,
    ) -> BoxStream<'_, Result<ScanChunk, ScanError>>;

    /// Those of these documents of a view that were there, in any order.
    fn find<'a>(
        &'a self,
        view: View,
        keys: &'a [Key],
    ) -> BoxFuture<'a, Result<ScanChunk, ScanError>>;
}

/// Why a moment cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// It is too long ago: open a newer one.
    #[error("the moment is too long ago to be read")]
    Expired,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
