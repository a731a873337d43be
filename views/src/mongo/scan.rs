//! All documents of a generation at one cluster time.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use event_log::Partition;
use futures::{
    FutureExt, StreamExt, TryFutureExt, TryStreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use mongodb::{
    Database,
    bson::{
        RawArrayBuf, RawBsonRef, RawDocument, RawDocumentBuf, Timestamp, deserialize_from_slice,
        doc, raw::cstr, rawdoc,
    },
    raw_batch_cursor::{RawBatch, RawBatchCursor},
};

use super::{
    CHECKPOINTS, MongoViews, checkpoint,
    checkpoint::CheckpointRow,
    error::{NO_SNAPSHOT, TOO_OLD, code_of, malformed},
    options::{ANSWER, within},
    row::{alone, id},
};
use crate::{
    Checkpoint, GenerationName, Key, SNAPSHOT_LASTS, ScanChunk, ScanError, Snapshot, StoreError,
    View, ViewScan,
};

/// How many documents an answer holds; of large ones `MongoDB` sends 16 MiB at most.
const AT_A_TIME: i32 = 10_000;

/// All of a generation at one cluster time.
#[derive(Debug)]
struct MongoSnapshot {
    database: Database,
    generation: GenerationName,
    time: Timestamp,
    opened: Instant,
    checkpoints: BTreeMap<Partition, Checkpoint>,
}

impl ViewScan for MongoViews {
    fn moment<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<Arc<dyn Snapshot>, StoreError>> {
        async {
            let moment: Arc<dyn Snapshot> = Arc::new(self.open_moment(generation).await?);
            Ok(moment)
        }
        .boxed()
    }
}

impl MongoViews {
    /// The first read chooses the cluster time, and it is the one of the checkpoints.
    async fn open_moment(&self, generation: &GenerationName) -> Result<MongoSnapshot, StoreError> {
        let opened = Instant::now();
        let find = doc! {
            "find": CHECKPOINTS,
            "filter": checkpoint::all_of(generation),
            // More than a topic has partitions.
            "batchSize": 100_000,
            "singleBatch": true,
            "readConcern": { "level": "snapshot" },
        };
        let cursor = within(ANSWER, self.database.run_cursor_command(find).batch()).await?;
        let first = next(cursor).await?;
        let (batch, _rest) = first.ok_or(StoreError::GenerationGone)?;
        let broken = |why| malformed(CHECKPOINTS, why);
        let cursor = batch.as_raw_document().get_document("cursor");
        let time = cursor.and_then(|cursor| cursor.get_timestamp("atClusterTime"));
        let time = time.map_err(|_absent| broken("it was not read at a cluster time"))?;
        let mut checkpoints = BTreeMap::new();
        for row in slices(&batch)? {
            let row: CheckpointRow = deserialize_from_slice(row.as_bytes())
                .map_err(|error| malformed(CHECKPOINTS, error))?;
            checkpoints.insert(row.partition()?, row.read()?);
        }
        if checkpoints.is_empty() {
            return Err(StoreError::GenerationGone);
        }
        let (database, generation) = (self.database.clone(), generation.clone());
        Ok(MongoSnapshot { database, generation, time, opened, checkpoints })
    }
}

impl Snapshot for MongoSnapshot {
    fn checkpoints(&self) -> &BTreeMap<Partition, Checkpoint> {
        &self.checkpoints
    }

    fn scan(
        &self,
        view: View,
        after: Option<Vec<u8>>,
    ) -> BoxStream<'_, Result<ScanChunk, ScanError>> {
        let mut find = self.find_in(view);
        find.append(cstr!("sort"), rawdoc! { "_id": 1 });
        // Bounds of the index, because a filter would see only keys of one type.
        find.append(cstr!("hint"), rawdoc! { "_id": 1 });
        let least = after.as_deref().and_then(alone);
        if let Some(least) = least.and_then(|bytes| RawDocumentBuf::from_bytes(bytes).ok()) {
            find.append(cstr!("min"), least);
        }
        let begun = async move { Ok((self.begin(find).await?, after)) };
        let stretches = begun.map_ok(move |(cursor, after)| {
            stream::try_unfold((cursor, after), move |(cursor, after)| async move {
                let Some((batch, cursor)) = self.read_on(cursor).await? else { return Ok(None) };
                let stretch = stretch(&batch, after.as_deref())?;
                Ok(Some((stretch, (cursor, after))))
            })
        });
        stretches.try_flatten_stream().boxed()
    }

    fn find<'a>(
        &'a self,
        view: View,
        keys: &'a [Key],
    ) -> BoxFuture<'a, Result<ScanChunk, ScanError>> {
        async move {
            let mut ids = RawArrayBuf::new();
            for key in keys {
                let id = id(key)?;
                ids.push(
                    mongodb::bson::RawBson::try_from(id)
                        .map_err(|error| malformed("a key", error))?,
                );
            }
            let mut find = self.find_in(view);
            find.append(cstr!("filter"), rawdoc! { "_id": { "$in": ids } });
            let mut cursor = self.begin(find).await?;
            let mut found = ScanChunk::default();
            while let Some((batch, rest)) = self.read_on(cursor).await? {
                for document in slices(&batch)? {
                    found.push(document.as_bytes());
                }
                cursor = rest;
            }
            Ok(found)
        }
        .boxed()
    }
}

impl MongoSnapshot {
    fn find_in(&self, view: View) -> RawDocumentBuf {
        rawdoc! {
            "find": view.collection(&self.generation),
            "batchSize": AT_A_TIME,
            "readConcern": { "level": "snapshot", "atClusterTime": self.time },
        }
    }

    async fn begin(&self, find: RawDocumentBuf) -> Result<RawBatchCursor, ScanError> {
        self.check()?;
        let run = self.database.run_raw_cursor_command(find);
        let size = u32::try_from(AT_A_TIME).unwrap_or_default();
        within(ANSWER, run.batch_size(size).batch()).await.map_err(expired)
    }

    async fn read_on(
        &self,
        cursor: RawBatchCursor,
    ) -> Result<Option<(RawBatch, RawBatchCursor)>, ScanError> {
        self.check()?;
        next(cursor).await.map_err(expired)
    }

    fn check(&self) -> Result<(), ScanError> {
        if self.opened.elapsed() < SNAPSHOT_LASTS { Ok(()) } else { Err(ScanError::Expired) }
    }
}

async fn next(
    mut cursor: RawBatchCursor,
) -> Result<Option<(RawBatch, RawBatchCursor)>, StoreError> {
    let batch = within(ANSWER, cursor.try_next()).await?;
    Ok(batch.map(|batch| (batch, cursor)))
}

/// The documents of an answer, but for the one that is known already.
fn stretch(batch: &RawBatch, known: Option<&[u8]>) -> Result<ScanChunk, StoreError> {
    let mut stretch = ScanChunk::default();
    for document in slices(batch)? {
        if known.is_none_or(|known| crate::EncodedDocument::new(document.as_bytes()).id() != known)
        {
            stretch.push(document.as_bytes());
        }
    }
    Ok(stretch)
}

fn slices(batch: &RawBatch) -> Result<Vec<&RawDocument>, StoreError> {
    let broken = |error: &dyn std::fmt::Display| malformed("an answer", error);
    let documents = batch.doc_slices().map_err(|error| broken(&error))?.into_iter();
    documents
        .map(|document| match document.map(RawBsonRef::as_document) {
            Ok(Some(document)) => Ok(document),
            Ok(None) => Err(broken(&"it holds something that is no document")),
            Err(error) => Err(broken(&error)),
        })
        .collect()
}

fn expired(error: StoreError) -> ScanError {
    match code_of(&error) {
        Some(TOO_OLD | NO_SNAPSHOT) => ScanError::Expired,
        Some(_) | None => ScanError::Store(error),
    }
}
