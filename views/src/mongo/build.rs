//! Generations that are made, exchanged and removed.

use std::collections::{BTreeMap, BTreeSet};

use event_log::{Offset, Partition};
use futures::{FutureExt, future::BoxFuture};
use mongodb::bson::{Bson, Document, doc};

use super::{
    CHECKPOINTS, MongoViews, checkpoint,
    collections::{generation_of, index_name},
    error::{DUPLICATE, NO_NAMESPACE, code_of, in_transaction, unless_exists},
    options::{ANSWER, INDEXES, within},
};
use crate::{
    Checkpoint, CommitError, Control, Document as ViewDocument, GenerationName, Heartbeat, Mode,
    StoreError, View, ViewBuild,
};

impl ViewBuild for MongoViews {
    fn find_control(&self) -> BoxFuture<'_, Result<Option<Control>, StoreError>> {
        self.stored_control().boxed()
    }

    fn insert_control<'a>(
        &'a self,
        control: &'a Control,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        async {
            self.check().await?;
            // So that a stranger's database stays as it is.
            self.stable_names_found().await?;
            self.store_first_control(control).await
        }
        .boxed()
    }

    fn replace_control<'a>(
        &'a self,
        control: &'a Control,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.swap_control(control).boxed()
    }

    fn create<'a>(
        &'a self,
        generation: &'a GenerationName,
        ends: &'a BTreeMap<Partition, Offset>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async {
            self.create_collections(generation).await?;
            let modes = ends.iter().map(|(partition, to)| (*partition, Mode::Fill { to: *to }));
            self.create_checkpoints(generation, modes).await
        }
        .boxed()
    }

    fn fill<'a>(
        &'a self,
        generation: &'a GenerationName,
        documents: Vec<ViewDocument>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.fill_documents(generation, documents).boxed()
    }

    fn create_indexes<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.create_all_indexes(generation).boxed()
    }

    fn move_checkpoint<'a>(
        &'a self,
        generation: &'a GenerationName,
        partition: Partition,
        checkpoint: &'a Checkpoint,
    ) -> BoxFuture<'a, Result<u64, CommitError>> {
        async move {
            let (held, set) =
                checkpoint::next(generation, partition, checkpoint).map_err(in_transaction)?;
            let checkpoints = self.checkpoint_rows();
            let moved = within(ANSWER, checkpoints.update_one(held, set)).await;
            match moved.map_err(in_transaction)?.matched_count {
                1 => Ok(checkpoint.rev.saturating_add(1)),
                _none => Err(CommitError::Stale),
            }
        }
        .boxed()
    }

    fn repoint<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.point_stable_names(generation).boxed()
    }

    fn stored_generations(&self) -> BoxFuture<'_, Result<BTreeSet<GenerationName>, StoreError>> {
        async {
            let names = within(ANSWER, self.database.list_collection_names()).await?;
            let rows = self.database.collection::<Document>(CHECKPOINTS);
            let ids = within(ANSWER, rows.distinct("_id", doc! {})).await?;
            let claimed = ids.iter().filter_map(Bson::as_str).filter_map(checkpoint::generation_in);
            Ok(names.iter().filter_map(|name| generation_of(name)).chain(claimed).collect())
        }
        .boxed()
    }

    fn remove_checkpoints<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async {
            let rows = self.checkpoint_rows();
            let delete = rows.delete_many(checkpoint::all_of(generation));
            within(ANSWER, delete).await.map(|_deleted| ())
        }
        .boxed()
    }

    fn remove_collections<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async {
            for view in View::ALL {
                let drop = doc! {
                    "drop": view.collection(generation),
                    "writeConcern": { "w": "majority" },
                };
                match self.command(drop).await {
                    Err(error) if code_of(&error) != Some(NO_NAMESPACE) => return Err(error),
                    Ok(_) | Err(_) => {}
                }
            }
            self.remove_beat(generation).await
        }
        .boxed()
    }

    fn feeders<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<BTreeMap<Partition, String>, StoreError>> {
        self.read_feeders(generation).boxed()
    }

    fn beat<'a>(&'a self, beat: &'a Heartbeat) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store_beat(beat).boxed()
    }

    fn beats(&self) -> BoxFuture<'_, Result<Vec<Heartbeat>, StoreError>> {
        self.stored_beats().boxed()
    }
}

impl MongoViews {
    pub(super) async fn create_collections(
        &self,
        generation: &GenerationName,
    ) -> Result<(), StoreError> {
        for view in View::ALL {
            let create = doc! {
                "create": view.collection(generation),
                "writeConcern": { "w": "majority" },
            };
            unless_exists(self.command(create).await)?;
        }
        Ok(())
    }

    /// Indexes that are there already stay as they are.
    pub(super) async fn create_all_indexes(
        &self,
        generation: &GenerationName,
    ) -> Result<(), StoreError> {
        for view in View::ALL.into_iter().filter(|view| !view.indexes().is_empty()) {
            let indexes = view.indexes().into_iter();
            let indexes: Vec<Document> =
                indexes.map(|keys| doc! { "name": index_name(&keys), "key": keys }).collect();
            let create = doc! {
                "createIndexes": view.collection(generation),
                "indexes": indexes,
                "writeConcern": { "w": "majority" },
            };
            within(INDEXES, self.database.run_command(create)).await?;
        }
        Ok(())
    }

    pub(super) async fn create_checkpoints(
        &self,
        generation: &GenerationName,
        modes: impl Iterator<Item = (Partition, Mode)>,
    ) -> Result<(), StoreError> {
        for (partition, mode) in modes {
            let row = checkpoint::first(generation, partition, mode)?;
            match within(ANSWER, self.checkpoint_rows().insert_one(row)).await {
                Err(error) if code_of(&error) != Some(DUPLICATE) => return Err(error),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(())
    }
}
