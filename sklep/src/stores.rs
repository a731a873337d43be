//! Options that say where the log and the views are, and opening them.

mod kafka;
mod views;

use std::{path::PathBuf, sync::Arc, time::Duration};

use clap::Args;
use event_log::{
    EmbeddedLog, EventLog, KafkaLog, KafkaSettings, LogError, LogIdentity, identity,
    kafka::contract::{self, topic_exists},
    transfer::Fill,
};

use crate::{exit_code::Usage, wait::Wait};

pub(crate) use kafka::{KafkaAccess, KafkaArgs};
pub(crate) use views::{Named, StoreArgs, ViewArgs};

/// Between two looks at brokers that do not answer.
const BETWEEN_TRIES: Duration = Duration::from_secs(1);
/// Why they usually do not.
pub(crate) const LOOK_AT_KAFKA: &str = "Does a broker run there, do its advertised.listeners name an address that this machine \
    reaches, and does it want TLS or a password?";

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
            return Ok(EmbeddedLog::open(&self.data, partitions)?);
        };
        Ok(patiently(&settings, KafkaLog::open).await?)
    }

    /// The same, for whoever fills it: it may be one that an import has begun to fill.
    pub(crate) async fn open_unfinished(&self, partitions: u16) -> anyhow::Result<Arc<dyn Fill>> {
        let Some(settings) = self.kafka.settings(Some(partitions))? else {
            self.must_be_folder()?;
            // Whoever fills a log says by himself what it means that one which is there has another number.
            let new = (!self.data.join("log.redb").exists()).then_some(partitions);
            return Ok(EmbeddedLog::open_unfinished(&self.data, new)?);
        };
        Ok(patiently(&settings, KafkaLog::open_unfinished).await?)
    }

    /// Opens a log that is there, for whoever copies it: what only could go wrong with it in time does not matter.
    pub(crate) async fn open_to_copy(&self) -> anyhow::Result<Arc<dyn EventLog>> {
        self.must_exist().await?;
        match self.kafka.settings(None)? {
            Some(settings) => Ok(patiently(&settings, KafkaLog::open_to_copy).await?),
            None => Ok(EmbeddedLog::open(&self.data, None)?),
        }
    }

    /// Opens a log that is there as it is, for whoever examines it.
    pub(crate) async fn open_as_it_is(&self) -> anyhow::Result<Arc<dyn Fill>> {
        self.must_exist().await?;
        match self.kafka.settings(None)? {
            Some(settings) => Ok(KafkaLog::open_as_it_is(settings).await?),
            None => Ok(EmbeddedLog::open_unfinished(&self.data, None)?),
        }
    }

    /// Opens a log that somebody has begun, for a command that works beside a shop.
    pub(crate) async fn open_begun(&self) -> anyhow::Result<(Arc<dyn EventLog>, LogIdentity)> {
        self.must_exist().await?;
        let log = self.open(None).await?;
        match identity::read(&*log).await? {
            Some(identity) => Ok((log, identity)),
            None => Err(self.not_begun().await),
        }
    }

    /// The error of a log that has no identity: it may be one that is still being filled.
    pub(crate) async fn not_begun(&self) -> anyhow::Error {
        if let Ok(Some(settings)) = self.kafka.settings(None)
            && let Ok(found) = contract::examine(&settings).await
            && let Some(import) = found.iter().find(|it| it.check == contract::IMPORT)
        {
            return anyhow::anyhow!("{import}");
        }
        anyhow::anyhow!("nobody has begun {} yet; `sklep serve` does", self.name())
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

    /// The options that name the log, for commands that people are told to type.
    pub(crate) fn options(&self) -> String {
        match &self.kafka.kafka {
            Some(brokers) => format!("--kafka {brokers} --topic {}", self.kafka.topic),
            None => format!("--data {}", self.data.display()),
        }
    }

    /// What the log is called in messages.
    pub(crate) fn name(&self) -> String {
        match &self.kafka.kafka {
            Some(brokers) => format!("topic {} at {brokers}", self.kafka.topic),
            None => format!("folder {}", self.data.display()),
        }
    }
}

/// Opens the topic, and waits for brokers that do not answer yet.
async fn patiently<F: Future<Output = Result<Arc<KafkaLog>, LogError>>>(
    settings: &KafkaSettings,
    open: impl Fn(KafkaSettings) -> F,
) -> Result<Arc<KafkaLog>, LogError> {
    let what = format!("Kafka at {} (--kafka)", settings.brokers);
    let mut wait = Wait::new(what, LOOK_AT_KAFKA);
    loop {
        match open(settings.clone()).await {
            Err(LogError::Unavailable(why)) => {
                wait.failed(why);
                tokio::time::sleep(BETWEEN_TRIES).await;
            }
            opened => return opened,
        }
    }
}
