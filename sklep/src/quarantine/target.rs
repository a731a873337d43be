//! Where to ask: the stores of a shop, or the shop itself.

use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use event_log::Partition;
use serde::Deserialize;
use serde_json::json;
use views::{MongoViews, ViewReader as _};

use super::{Held, name, record::Record};
use crate::{
    client::{ServerArgs, ShopClient},
    stores::{Named, StoreArgs},
};

/// Where to ask: MongoDB when it is named, otherwise a running shop.
#[derive(Debug, Args)]
pub(super) struct QuarantineTargetArgs {
    #[command(flatten)]
    pub(super) server: ServerArgs,
    #[command(flatten)]
    pub(super) stores: StoreArgs,
}

const QUERY: &str = "{ quarantine { key partition offset reason since waiting } }";

#[derive(Debug, Deserialize)]
struct Answer {
    quarantine: Vec<Held>,
}

impl QuarantineTargetArgs {
    /// Everything that is held up.
    pub(super) async fn held(&self) -> anyhow::Result<Vec<Held>> {
        let Some(store) = self.store().await? else {
            return asked(&self.server.shop()?).await;
        };
        let control = store.control().await?.context("the views have not been built yet")?;
        control.check_reader(control.log, projector::fold::VERSIONS.shape)?;
        let parked = store.parked(&control.live).await?;
        Ok(parked.into_iter().filter_map(Held::of).collect())
    }

    /// What is held up under this id, which must be something.
    pub(super) async fn held_under(&self, id: &str) -> anyhow::Result<Vec<Held>> {
        let mut held = self.held().await?;
        held.retain(|held| held.key == id);
        anyhow::ensure!(!held.is_empty(), "{} is not held up", name(id));
        Ok(held)
    }

    /// The records of the events that hold these up; none when only the shop was asked.
    pub(super) async fn records(&self, held: &[Held]) -> anyhow::Result<Vec<Option<Record>>> {
        if self.stores.views.mongodb.is_none() {
            return Ok(held.iter().map(|_| None).collect());
        }
        let (log, _identity) = self.stores.log.open_begun().await?;
        let mut records = Vec::new();
        for held in held {
            let offset = held.offset.parse()?;
            let read = log.read(Partition(held.partition), offset, 1).await?;
            let found = read.into_iter().find(|stored| stored.offset == offset);
            records.push(found.map(|stored| Record::from(stored.record)));
        }
        Ok(records)
    }

    /// The views in MongoDB, when they are named.
    async fn store(&self) -> anyhow::Result<Option<Arc<MongoViews>>> {
        match self.stores.views.name().await? {
            Named::Mongo(store) => {
                store.check().await?;
                Ok(Some(store))
            }
            Named::Memory => Ok(None),
        }
    }
}

/// What the shop says is held up.
async fn asked(shop: &ShopClient) -> anyhow::Result<Vec<Held>> {
    Ok(shop.ask::<Answer>(QUERY, &json!({})).await?.quarantine)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::is_taken;

    #[test]
    fn what_is_asked_is_within_the_shops_limits() {
        is_taken(QUERY, &json!({}));
    }
}
