//! Where the views are.

use std::sync::Arc;

use clap::Args;
use event_log::LogIdentity;
use views::{MemoryViews, MongoViews, StoreError, ViewStore};

use crate::say;

/// Where the views are.
#[derive(Debug, Clone, Args)]
pub(super) struct ViewArgs {
    /// MongoDB's connection string; the views are there instead of in memory
    #[arg(long, env = "SKLEP_MONGODB", value_name = "mongodb://…", hide_env_values = true)]
    pub(super) mongodb: Option<String>,
    /// The database of the views
    #[arg(long, env = "SKLEP_DATABASE", value_name = "NAME", default_value = "sklep")]
    database: String,
}

impl ViewArgs {
    /// Names the store, without asking it anything yet.
    pub(super) async fn name(&self) -> Result<Named, StoreError> {
        match &self.mongodb {
            Some(uri) => Ok(Named::Mongo(MongoViews::open(uri, &self.database).await?)),
            None => Ok(Named::Memory),
        }
    }
}

/// Where the views are, not yet looked at.
pub(super) enum Named {
    Memory,
    Mongo(Arc<MongoViews>),
}

impl Named {
    /// Opens the views; refuses those of another log. A MongoDB that does not answer is waited for while the shop
    /// serves, since commands do not need it.
    pub(super) async fn open(self, identity: LogIdentity) -> anyhow::Result<Arc<dyn ViewStore>> {
        let store = match self {
            Self::Memory => return Ok(Arc::new(MemoryViews::new())),
            Self::Mongo(store) => store,
        };
        match check(&store, identity).await {
            Err(StoreError::Unavailable(why)) => {
                say::line(format_args!("waiting for MongoDB (--mongodb): {why}"));
            }
            checked => checked?,
        }
        Ok(store)
    }
}

async fn check(store: &MongoViews, identity: LogIdentity) -> Result<(), StoreError> {
    use views::ViewReader as _;

    store.check().await?;
    match store.control().await? {
        Some(control) => control.check_feeder(identity.id, projector::fold::VERSIONS),
        None => Ok(()),
    }
}
