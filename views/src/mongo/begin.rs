//! The first generation of an empty database.
//!
//! Control names the generation first, still `filling`; then come collections, indexes and checkpoints; then it is
//! `ready`. Whoever dies in between leaves a `filling` one, and the next start makes what is missing. Once it is `ready`,
//! nothing is made again: what is missing then was removed by somebody.

use std::collections::BTreeMap;

use event_log::{LogId, Partition};
use futures::TryStreamExt;
use mongodb::{
    bson::{Bson, Document, doc},
    results::CollectionSpecification,
};

use super::{
    MongoViews, checkpoint,
    collections::{StableName, View, index_name, stable_names},
    control::ControlRow,
    error::{DUPLICATE, EXISTS, code_of},
    options::{ANSWER, within},
};
use crate::{Control, Generation, GenerationName, GenerationState, StoreError, Versions, Wish};

/// A collection and a pipeline.
type Pointed = (String, Vec<Document>);

impl MongoViews {
    pub(super) async fn begin_views(
        &self,
        log: LogId,
        partitions: u16,
        versions: Versions,
        tag: &str,
    ) -> Result<Control, StoreError> {
        self.check().await?;
        // Before anything is made, so that a stranger's database stays as it is.
        self.stable_names_found().await?;
        let control = match self.find_control().await? {
            Some(control) => control,
            None => self.name_first(log, versions, tag).await?,
        };
        control.check_feeder(log, versions)?;
        let control =
            if control.is_begun() { control } else { self.complete(control, partitions).await? };
        self.point_stable_names(&control.live).await?;
        Ok(control)
    }

    async fn name_first(
        &self,
        log: LogId,
        versions: Versions,
        tag: &str,
    ) -> Result<Control, StoreError> {
        let name = GenerationName::new(1, tag);
        let generation = Generation {
            number: 1,
            log,
            state: GenerationState::Filling,
            versions,
            job: None,
            wish: Wish::Run,
            throttle: None,
        };
        let generations = BTreeMap::from([(name.clone(), generation)]);
        let control = Control { rev: 1, log, live: name, back: None, generations };
        let row = ControlRow::write(&control)?;
        match within(ANSWER, self.control_row().insert_one(row)).await {
            Ok(_inserted) => Ok(control),
            // Somebody else was first.
            Err(error) if code_of(&error) == Some(DUPLICATE) => {
                self.find_control().await?.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    async fn complete(&self, mut control: Control, partitions: u16) -> Result<Control, StoreError> {
        for view in View::ALL {
            self.create(view, &control.live).await?;
        }
        self.create_checkpoints(&control.live, partitions).await?;
        control.rev = control.rev.saturating_add(1);
        if let Some(live) = control.generations.get_mut(&control.live) {
            live.state = GenerationState::Ready;
        }
        if self.replace_control(&control).await? {
            return Ok(control);
        }
        // Somebody else was first.
        self.find_control().await?.filter(Control::is_begun).ok_or(StoreError::NotBuilt)
    }

    async fn create(&self, view: View, generation: &GenerationName) -> Result<(), StoreError> {
        let name = view.collection(generation);
        let majority = doc! { "w": "majority" };
        unless_exists(self.command(doc! { "create": &name, "writeConcern": &majority }).await)?;
        let indexes: Vec<Document> = view
            .indexes()
            .into_iter()
            .map(|keys| doc! { "name": index_name(&keys), "key": keys })
            .collect();
        if !indexes.is_empty() {
            // Indexes that are there already stay as they are.
            let create =
                doc! { "createIndexes": &name, "indexes": indexes, "writeConcern": &majority };
            self.command(create).await?;
        }
        Ok(())
    }

    async fn create_checkpoints(
        &self,
        generation: &GenerationName,
        partitions: u16,
    ) -> Result<(), StoreError> {
        for partition in Partition::all(partitions) {
            let row = checkpoint::first(generation, partition);
            match within(ANSWER, self.checkpoint_rows().insert_one(row)).await {
                Err(error) if code_of(&error) != Some(DUPLICATE) => return Err(error),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Points the stable names at a generation's collections, where they do not point there yet.
    async fn point_stable_names(&self, generation: &GenerationName) -> Result<(), StoreError> {
        let found = self.stable_names_found().await?;
        for stable in stable_names() {
            let target = stable.on.collection(generation);
            match found.get(stable.name) {
                None => self.create_stable(&stable, &target).await?,
                Some((on, pipeline)) if *on == target && *pipeline == stable.pipeline => {}
                Some(_elsewhere) => {
                    self.command(definition("collMod", &stable, &target)).await?;
                }
            }
        }
        Ok(())
    }

    /// Where the stable names that are there point: a collection and a pipeline. Refuses one that is not ours.
    async fn stable_names_found(&self) -> Result<BTreeMap<String, Pointed>, StoreError> {
        let names: Vec<&str> = stable_names().iter().map(|stable| stable.name).collect();
        let wanted = doc! { "name": { "$in": names } };
        let list = self.database.list_collections().filter(wanted);
        let found = async { list.await?.try_collect::<Vec<_>>().await };
        let pointed = |it: CollectionSpecification| match it.options.view_on {
            Some(on) => Ok((it.name, (on, it.options.pipeline.unwrap_or_default()))),
            None => Err(self.taken(&it.name)),
        };
        within(ANSWER, found).await?.into_iter().map(pointed).collect()
    }

    async fn create_stable(&self, stable: &StableName, target: &str) -> Result<(), StoreError> {
        unless_exists(self.command(definition("create", stable, target)).await)
    }

    fn taken(&self, name: &str) -> StoreError {
        StoreError::Unfit(format!(
            "the MongoDB database {} has a collection {name} that is not Sklep's: choose another database, or rename \
             that collection",
            self.database.name()
        ))
    }
}

fn definition(command: &str, stable: &StableName, target: &str) -> Document {
    let pipeline: Vec<Bson> = stable.pipeline.iter().cloned().map(Bson::Document).collect();
    doc! {
        command: stable.name,
        "viewOn": target,
        "pipeline": pipeline,
        "writeConcern": { "w": "majority" },
    }
}

fn unless_exists(created: Result<Document, StoreError>) -> Result<(), StoreError> {
    match created {
        Err(error) if code_of(&error) != Some(EXISTS) => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}
