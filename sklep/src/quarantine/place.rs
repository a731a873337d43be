//! Where to ask: the stores of a shop, or the shop itself.

use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use event_log::{EventLog, LogIdentity, Partition, identity};
use serde::Deserialize;
use serde_json::json;
use views::{MongoViews, ViewReader as _};

use super::{Held, name, record::Record};
use crate::{
    shop::{ServerArgs, Shop},
    stores::LogArgs,
};

/// Where to ask: MongoDB when it is named, otherwise a running shop.
#[derive(Debug, Args)]
pub(super) struct PlaceArgs {
    #[command(flatten)]
    pub(super) server: ServerArgs,
    #[command(flatten)]
    pub(super) views: ParkedArgs,
    #[command(flatten)]
    pub(super) log: LogArgs,
}

/// Which views.
#[derive(Debug, Args)]
pub(super) struct ParkedArgs {
    /// MongoDB's connection string; without it the shop is asked (--server)
    #[arg(long, env = "SKLEP_MONGODB", value_name = "mongodb://…", hide_env_values = true)]
    mongodb: Option<String>,
    /// The database of the views
    #[arg(long, env = "SKLEP_DATABASE", value_name = "NAME", default_value = "sklep")]
    database: String,
}

const QUERY: &str = "{ quarantine { key partition offset reason since waiting } }";

#[derive(Debug, Deserialize)]
struct Answer {
    quarantine: Vec<Held>,
}

impl PlaceArgs {
    /// Everything that is held up.
    pub(super) async fn held(&self) -> anyhow::Result<Vec<Held>> {
        let Some(store) = self.views.open().await? else {
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
        if self.views.mongodb.is_none() {
            return Ok(held.iter().map(|_| None).collect());
        }
        let (log, _) = self.open_log().await?;
        let mut records = Vec::new();
        for held in held {
            let offset = held.offset.parse()?;
            let read = log.read(Partition(held.partition), offset, 1).await?;
            let found = read.into_iter().find(|stored| stored.offset == offset);
            records.push(found.map(|stored| Record::from(stored.record)));
        }
        Ok(records)
    }

    /// The log, which must have been begun.
    pub(super) async fn open_log(&self) -> anyhow::Result<(Arc<dyn EventLog>, LogIdentity)> {
        self.log.must_exist().await?;
        let log = self.log.open(None).await?;
        let identity = identity::read(&*log).await?;
        let identity = identity.with_context(|| format!("nobody has begun {}", self.log.name()))?;
        Ok((log, identity))
    }
}

impl ParkedArgs {
    /// The views in MongoDB, when they are named.
    pub(super) async fn open(&self) -> anyhow::Result<Option<Arc<MongoViews>>> {
        let Some(uri) = &self.mongodb else { return Ok(None) };
        let store = MongoViews::open(uri, &self.database).await?;
        store.check().await?;
        Ok(Some(store))
    }
}

/// What the shop says is held up.
async fn asked(shop: &Shop) -> anyhow::Result<Vec<Held>> {
    Ok(shop.ask::<Answer>(QUERY, &json!({})).await?.quarantine)
}
