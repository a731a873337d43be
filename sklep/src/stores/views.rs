//! Where the views are.

use std::sync::Arc;

use clap::Args;
use event_log::LogIdentity;
use views::{Control, MemoryViews, MongoViews, StoreError, ViewReader as _, ViewStore};

use super::LogArgs;
use crate::{exit_code::Usage, stderr, views_ops::Context};

/// Where the views are.
#[derive(Debug, Clone, Args)]
pub(crate) struct ViewArgs {
    /// MongoDB's connection string; the views are there instead of in memory
    #[arg(long, env = "SKLEP_MONGODB", value_name = "mongodb://…", hide_env_values = true)]
    pub(crate) mongodb: Option<String>,
    /// The database of the views
    #[arg(long, env = "SKLEP_DATABASE", value_name = "NAME", default_value = "sklep", value_parser = database)]
    pub(crate) database: String,
}

/// A name that MongoDB allows, and that is not the name of one of its own databases.
///
/// (<https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions>)
fn database(name: &str) -> Result<String, String> {
    let forbidden = |c: char| "/\\. \"$*<>:|?".contains(c) || c.is_control();
    match name {
        "admin" | "local" | "config" => {
            Err("MongoDB keeps its own data there; name another database, such as sklep".into())
        }
        "" => Err("name a database, such as sklep".into()),
        _ if name.len() > 63 => Err("MongoDB allows 63 bytes at most".into()),
        _ if name.contains(forbidden) => {
            Err("MongoDB allows none of / \\ . space \" $ * < > : | ? in a database's name".into())
        }
        _ => Ok(name.to_owned()),
    }
}

impl ViewArgs {
    /// Names the store, without asking it anything yet.
    pub(crate) async fn name(&self) -> anyhow::Result<Named> {
        let Some(uri) = &self.mongodb else { return Ok(Named::Memory) };
        match MongoViews::open(uri, &self.database).await {
            Ok(store) => Ok(Named::Mongo(store)),
            // Nothing was asked yet, so it is what was typed.
            Err(StoreError::Unfit(why)) => Err(Usage(why).into()),
            Err(error) => Err(error.into()),
        }
    }

    /// What the store is called in messages; never the connection string, which may hold a password.
    pub(crate) fn told(&self) -> String {
        match &self.mongodb {
            Some(_) => format!("database {} of MongoDB", self.database),
            None => "memory".into(),
        }
    }
}

/// Where the views are, not yet looked at.
pub(crate) enum Named {
    Memory,
    Mongo(Arc<MongoViews>),
}

impl Named {
    /// The store, whatever is in it.
    pub(crate) fn into_store(self) -> Arc<dyn ViewStore> {
        match self {
            Self::Memory => Arc::new(MemoryViews::new()),
            Self::Mongo(store) => store,
        }
    }

    /// Opens the views for a shop that serves.
    ///
    /// Refuses those of another log, unless they are to be rebuilt anyway. Says it when they were made by another version
    /// of the program, and what works all the same. A MongoDB that does not answer is waited for while the shop serves,
    /// since commands do not need it.
    pub(crate) async fn open(
        self,
        identity: LogIdentity,
        rebuilds: bool,
    ) -> anyhow::Result<Arc<dyn ViewStore>> {
        let store = match self {
            Self::Memory => return Ok(Arc::new(MemoryViews::new())),
            Self::Mongo(store) => store,
        };
        match found(&store).await {
            Err(StoreError::Unavailable(why)) => {
                stderr::line(format_args!(
                    "waiting for MongoDB (--mongodb); purchases do not need it: {why}. Does it run, is it a member of the replica \
                     set that --mongodb names, and is the address that this member has there one that this machine reaches?"
                ));
            }
            Ok(Some(control)) if !rebuilds => check(&control, identity)?,
            found => drop(found?),
        }
        Ok(store)
    }
}

async fn found(store: &MongoViews) -> Result<Option<Control>, StoreError> {
    store.check().await?;
    store.control().await
}

/// What this program can do with these views.
fn check(control: &Control, identity: LogIdentity) -> Result<(), StoreError> {
    let versions = projector::fold::VERSIONS;
    let Err(unfit) = control.check_feeder(identity.id, versions) else { return Ok(()) };
    if control.log != identity.id {
        return Err(unfit);
    }
    stderr::line(format_args!("{unfit}. Purchases go on"));
    Ok(())
}

/// Log and views of a shop, for a command that works beside it.
#[derive(Debug, Clone, Args)]
pub(crate) struct StoreArgs {
    #[command(flatten)]
    pub(crate) log: LogArgs,
    #[command(flatten)]
    pub(crate) views: ViewArgs,
}

impl StoreArgs {
    /// Opens both. The log must be there; of the views nothing is asked but that a MongoDB that is fit holds them.
    pub(crate) async fn open(&self) -> anyhow::Result<Context> {
        let store = match self.views.name().await? {
            Named::Mongo(store) => store,
            Named::Memory => {
                let hint = "views in memory are in the shop's own process: ask it by --server, or name MongoDB by --mongodb";
                return Err(Usage(hint.into()).into());
            }
        };
        let (log, identity) = self.log.open_begun().await?;
        store.check().await?;
        let instance = format!("the command line (process {})", std::process::id());
        Ok(Context { log, identity, store, instance })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_database_that_can_be_the_shops_own_is_taken() {
        for name in ["sklep", "Sklep_2", "żółw", &"a".repeat(63)] {
            assert_eq!(database(name).as_deref(), Ok(name));
        }
        for name in [
            "",
            "a.b",
            "a b",
            "$x",
            "a/b",
            "a\\b",
            "a\0",
            "admin",
            "local",
            "config",
            &"a".repeat(64),
        ] {
            assert!(database(name).is_err(), "{name}");
        }
    }
}
