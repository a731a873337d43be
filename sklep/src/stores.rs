//! Options that say where the log and the views are, and opening them.

mod kafka;
mod views;

use std::{path::PathBuf, sync::Arc, time::Duration};

use clap::Args;
use event_log::{
    EmbeddedLog, EventLog, KafkaLog, LogError, LogIdentity, identity, kafka::contract::topic_exists,
};

use crate::{exit::Usage, say};

pub(crate) use kafka::{KafkaAccess, KafkaArgs};
pub(crate) use views::{Named, StoreArgs, ViewArgs};

/// Between two looks at brokers that do not answer.
const BETWEEN_TRIES: Duration = Duration::from_secs(1);
/// Between two complaints about them.
const BETWEEN_COMPLAINTS: u32 = 15;

/// Which log.
#[derive(Debug, Clone, Args)]
pub(crate) struct LogArgs {
    /// Folder of the embedded log
    #[arg(long, env = "SKLEP_DATA", value_name = "FOLDER", default_value = "sklep-data")]
    pub(crate) data: PathBuf,
    #[command(flatten)]
    pub(crate) kafka: KafkaArgs,
}

impl LogArgs {
    /// Opens the log; a new one is begun with so many partitions. Waits for brokers that do not answer yet.
    pub(crate) async fn open(&self, partitions: Option<u16>) -> anyhow::Result<Arc<dyn EventLog>> {
        let Some(settings) = self.kafka.settings(partitions)? else {
            self.must_be_folder()?;
            let log = EmbeddedLog::open(&self.data, partitions)?;
            return Ok(log);
        };
        let mut tries: u32 = 0;
        loop {
            match KafkaLog::open(settings.clone()).await {
                Ok(log) => return Ok(log),
                Err(LogError::Unavailable(why)) => {
                    if tries.checked_rem(BETWEEN_COMPLAINTS) == Some(0) {
                        let brokers = &settings.brokers;
                        say::line(format_args!("waiting for Kafka at {brokers} (--kafka): {why}"));
                    }
                    tries = tries.saturating_add(1);
                    tokio::time::sleep(BETWEEN_TRIES).await;
                }
                Err(unfit @ LogError::Unfit(_)) => return Err(unfit.into()),
            }
        }
    }

    /// Opens a log that somebody has begun, for a command that works beside a shop.
    pub(crate) async fn open_begun(&self) -> anyhow::Result<(Arc<dyn EventLog>, LogIdentity)> {
        self.must_exist().await?;
        let log = self.open(None).await?;
        let identity = identity::read(&*log).await?.ok_or_else(|| {
            anyhow::anyhow!("nobody has begun {} yet; `sklep serve` does", self.name())
        })?;
        Ok((log, identity))
    }

    /// Refuses a folder or topic that is not there, which opening it would begin.
    pub(crate) async fn must_exist(&self) -> anyhow::Result<()> {
        if self.kafka.kafka.is_none() {
            self.must_be_folder()?;
        }
        match self.kafka.settings(None)? {
            None if self.data.join("log.redb").exists() => Ok(()),
            None => {
                anyhow::bail!("there is no log in {}; --data names another folder", self.name())
            }
            Some(settings) if topic_exists(&settings).await? => Ok(()),
            Some(_) => anyhow::bail!("there is no {}; --topic names another one", self.name()),
        }
    }

    fn must_be_folder(&self) -> Result<(), Usage> {
        if self.data.exists() && !self.data.is_dir() {
            let data = self.data.display();
            return Err(Usage(format!("--data {data} is a file; name the folder of the log")));
        }
        Ok(())
    }

    /// What the log is called in messages.
    pub(crate) fn name(&self) -> String {
        match &self.kafka.kafka {
            Some(brokers) => format!("topic {} at {brokers}", self.kafka.topic),
            None => format!("folder {}", self.data.display()),
        }
    }
}
