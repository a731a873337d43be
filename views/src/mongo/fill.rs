//! Whole documents by plain inserts, outside of transactions.
//!
//! The documents of a batch are sent as they are to be stored, in one command that the driver neither parses nor
//! numbers: a fill that fails is done again by its job. Every command waits for the majority, and thereby for the
//! journal; with two or more on the way the server is busy all the same (measured: 0.8 to 1.3 times the rate without
//! waiting, on a busy machine; with one on the way up to an eighth less).

use std::collections::BTreeMap;

use futures::{TryStreamExt, stream};
use mongodb::bson::{
    Bson, Document, RawArrayBuf, RawDocumentBuf,
    raw::{CStr, cstr},
    rawdoc,
};

use super::{
    MongoViews,
    driver_message::of_reply,
    error::{DUPLICATE, malformed},
    options::{FILL, within},
    row::{BsonWriter, held_older, of_bytes, raw, write},
};
use crate::{Document as ViewDocument, GenerationName, StoreError, View};

/// How many bytes of documents a command takes: `MongoDB` takes 16 MiB, and more than a few do not make it faster.
const MOST_BYTES: usize = 4 << 20;
/// About how many bytes a document takes.
const USUAL_BYTES: usize = 1 << 10;
/// How many documents a command takes.
const MOST_DOCUMENTS: usize = 10_000;
/// How many commands are on the way at a time: one is stored while the next is sent.
const ON_THE_WAY: usize = 3;

impl MongoViews {
    pub(super) async fn fill_documents(
        &self,
        generation: &GenerationName,
        documents: Vec<ViewDocument>,
    ) -> Result<(), StoreError> {
        let mut views: BTreeMap<View, Vec<ViewDocument>> = BTreeMap::new();
        for document in documents {
            views.entry(View::of_document(&document)).or_default().push(document);
        }
        // First, because a fill that is cut short is gone on with by what is known to be parked.
        if let Some(parked) = views.remove(&View::Parked) {
            self.fill_views(generation, BTreeMap::from([(View::Parked, parked)])).await?;
        }
        self.fill_views(generation, views).await
    }

    async fn fill_views(
        &self,
        generation: &GenerationName,
        views: BTreeMap<View, Vec<ViewDocument>>,
    ) -> Result<(), StoreError> {
        let batches = views.into_iter().flat_map(|(view, documents)| {
            let collection = view.collection(generation);
            batches(view, collection.clone(), documents)
                .map(move |batch| Ok((collection.clone(), batch?)))
        });
        stream::iter(batches)
            .try_for_each_concurrent(ON_THE_WAY, |(collection, batch)| async move {
                self.fill_batch(&collection, batch).await
            })
            .await
    }

    async fn fill_batch(&self, collection: &str, batch: FillBatch) -> Result<(), StoreError> {
        let reply = within(FILL, self.database.run_raw_command(batch.insert)).await?;
        let there = not_stored(collection, &reply, Some(DUPLICATE))?;
        if there.is_empty() {
            return Ok(());
        }
        let older = there.iter().filter_map(|index| batch.documents.get(*index));
        let older = older.map(raw).collect::<Result<Vec<_>, _>>()?;
        self.replace_older(collection, older.iter()).await
    }

    async fn replace_older<'a>(
        &self,
        collection: &str,
        documents: impl Iterator<Item = &'a RawDocumentBuf>,
    ) -> Result<(), StoreError> {
        let mut updates = RawArrayBuf::new();
        for document in documents {
            updates.push(replacement(document).ok_or_else(|| malformed(collection, "no id"))?);
        }
        let mut command = bulk(cstr!("update"), collection);
        command.append(cstr!("updates"), updates);
        let reply = within(FILL, self.database.run_raw_command(command)).await?;
        not_stored(collection, &reply, None).map(|_none| ())
    }
}

/// Documents and the command that inserts them.
struct FillBatch {
    insert: RawDocumentBuf,
    documents: Vec<ViewDocument>,
}

/// Cuts documents into commands, each written once and as it is sent.
fn batches(
    view: View,
    collection: String,
    mut documents: Vec<ViewDocument>,
) -> impl Iterator<Item = Result<FillBatch, StoreError>> {
    std::iter::from_fn(move || {
        let first = documents.get(..MOST_DOCUMENTS).unwrap_or(&documents);
        if first.is_empty() {
            return None;
        }
        let mut count = 0;
        let about = first.len().saturating_mul(USUAL_BYTES).min(MOST_BYTES);
        let written = BsonWriter::document_of(about, |command| {
            command.text("insert", &collection);
            command.flag("ordered", false);
            command.inner("writeConcern", |concern| concern.text("w", "majority"));
            count = command.inners_of("documents", first, MOST_BYTES, write);
        });
        let rest = documents.split_off(count);
        let documents = std::mem::replace(&mut documents, rest);
        Some(of_bytes(view, written).map(|insert| FillBatch { insert, documents }))
    })
}

/// A command that does all it can of what it is to do.
fn bulk(verb: &CStr, collection: &str) -> RawDocumentBuf {
    let mut command = RawDocumentBuf::new();
    command.append(verb, collection);
    command.append(cstr!("ordered"), false);
    command.append(cstr!("writeConcern"), rawdoc! { "w": "majority" });
    command
}

/// Puts a document in the place of the one that has its `_id` and an older `last`.
fn replacement(document: &RawDocumentBuf) -> Option<RawDocumentBuf> {
    let mut update = rawdoc! { "q": held_older(document)? };
    update.append(cstr!("u"), document);
    Some(update)
}

/// The indexes of what was not stored for the expected reason. Anything else is an error.
fn not_stored(
    collection: &str,
    reply: &Document,
    expected: Option<i32>,
) -> Result<Vec<usize>, StoreError> {
    if let Ok(error) = reply.get_document("writeConcernError") {
        return Err(StoreError::Unavailable(format!("{collection}: {}", of_reply(error)).into()));
    }
    let errors = reply.get_array("writeErrors").map(Vec::as_slice).unwrap_or_default();
    let index = |error: &Bson| {
        let error = error.as_document()?;
        let code = error.get_i32("code").ok()?;
        let index = error.get_i32("index").ok()?;
        usize::try_from(index).ok().filter(|_| expected == Some(code))
    };
    let indexes = errors.iter().map(|error| {
        let said = error.as_document().map(of_reply).unwrap_or_default();
        let unexpected = || StoreError::Unavailable(format!("{collection}: {said}").into());
        index(error).ok_or_else(unexpected)
    });
    indexes.collect()
}
