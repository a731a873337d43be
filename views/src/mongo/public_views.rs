//! The `MongoDB` views that give a generation's collections names which stay.

use std::collections::BTreeMap;

use futures::TryStreamExt;
use mongodb::{
    bson::{Bson, Document, doc},
    results::CollectionSpecification,
};

use super::{
    MongoViews,
    collections::{StableName, stable_names},
    error::unless_exists,
    options::{ANSWER, within},
};
use crate::{GenerationName, StoreError};

/// A collection and a pipeline.
type Repointed = (String, Vec<Document>);

impl MongoViews {
    /// Points the stable names at a generation's collections, where they do not point there yet.
    pub(super) async fn point_stable_names(
        &self,
        generation: &GenerationName,
    ) -> Result<(), StoreError> {
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
    pub(super) async fn stable_names_found(
        &self,
    ) -> Result<BTreeMap<String, Repointed>, StoreError> {
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
