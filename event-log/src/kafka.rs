//! The log on Kafka: one topic, an idempotent producer, readers that take every record.

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;

use crate::{
    EventLog, LogError, NewRecord, Offset, Partition, Receipt, RecordStream, StoredRecord,
    identity, transfer::Fill,
};

mod client;
pub mod contract;
mod end_offsets;
mod message;
mod options;
mod producer;
mod reader_pool;
mod settings;
pub mod source_topic;
mod stream;
mod told;
mod topic;
mod topic_deletion;

pub use settings::{KafkaSettings, Sasl, Secret, Security, Tls};

use contract::Severity;
use end_offsets::EndOffsets;
use options::Fetch;
use producer::Producer;
use reader_pool::ReaderPool;
use topic::TopicMetadata;

/// A topic of Kafka as the shop's log.
pub struct KafkaLog {
    settings: Arc<KafkaSettings>,
    partitions: u16,
    appends: Producer,
    ends: EndOffsets,
    reads: ReaderPool,
}

impl KafkaLog {
    /// Opens the topic, which is created when it is missing, after a check that it can be trusted.
    ///
    /// While the brokers cannot be reached the error is [`LogError::Unavailable`]: try again. It is
    /// [`LogError::Unfit`] when the topic or the settings cannot be used; the text says what to type.
    pub async fn open(settings: KafkaSettings) -> Result<Arc<Self>, LogError> {
        Self::open_trusted(settings, topic::FOREVER, |_| true).await
    }

    /// Like [`Self::open`] for whoever fills the log: a topic that an import has begun to fill is taken too, and a new one
    /// is marked as such from its beginning.
    pub async fn open_unfinished(settings: KafkaSettings) -> Result<Arc<Self>, LogError> {
        // Whoever fills the log says by himself what it means that it has another number of partitions.
        let matters =
            |it: &contract::Finding| ![contract::IMPORT, "partitions"].contains(&it.check);
        Self::open_trusted(settings, contract::UNFINISHED, matters).await
    }

    /// Opens a topic that is there, for whoever copies it: what only could go wrong with it in time is no reason against.
    ///
    /// [`LogError::Unfit`] when there is no such topic, or when records are missing in it.
    pub async fn open_to_copy(settings: KafkaSettings) -> Result<Arc<Self>, LogError> {
        let settings = Arc::new(settings);
        let facts = topic::metadata(&settings).await?;
        let findings = contract::judge(&settings, facts.as_ref(), None);
        trust(&settings, &contract::hiding(findings))?;
        let appends = Producer::open(&settings)?;
        Self::of(settings, appends, facts.map_or(0, |facts| facts.partitions()))
    }

    /// Opens the topic as it is, for whoever examines it: creates nothing and trusts everything.
    ///
    /// [`LogError::Unfit`] when there is no such topic.
    pub async fn open_as_it_is(settings: KafkaSettings) -> Result<Arc<Self>, LogError> {
        let settings = Arc::new(settings);
        let facts = topic::metadata(&settings).await?;
        let facts = facts
            .ok_or_else(|| LogError::Unfit(format!("there is no topic {}", settings.topic)))?;
        let appends = Producer::open(&settings)?;
        Self::of(settings, appends, facts.partitions())
    }

    /// Opens the topic when nothing is wrong with it that `matters`; a new one gets this retention.
    async fn open_trusted(
        settings: KafkaSettings,
        retention: &'static str,
        matters: fn(&contract::Finding) -> bool,
    ) -> Result<Arc<Self>, LogError> {
        let settings = Arc::new(settings);
        topic::create_if_missing(&settings, retention).await?;
        // Kafka answers. The producer fetches its producer id while the topic is checked.
        let appends = Producer::open(&settings)?;
        let facts = topic::metadata(&settings).await?;
        let partitions = facts.as_ref().map_or(0, TopicMetadata::partitions);
        let log = Self::of(Arc::clone(&settings), appends, partitions)?;
        let begun = log.begun().await?;
        let mut findings = contract::judge(&settings, facts.as_ref(), begun);
        findings.retain(matters);
        trust(&settings, &findings)?;
        log.appends.warm_up().await;
        Ok(log)
    }

    /// How many partitions the log was begun with, where another number was asked for than the topic has.
    async fn begun(&self) -> Result<Option<u16>, LogError> {
        match self.settings.partitions {
            Some(wanted) if wanted != self.partitions => match identity::recorded(self).await {
                Ok(found) => Ok(found.map(|found| found.partitions)),
                // What is wrong with the topic is told all the same.
                Err(LogError::Unfit(_)) => Ok(None),
                Err(error @ LogError::Unavailable(_)) => Err(error),
            },
            Some(_) | None => Ok(None),
        }
    }

    fn of(
        settings: Arc<KafkaSettings>,
        appends: Producer,
        partitions: u16,
    ) -> Result<Arc<Self>, LogError> {
        Ok(Arc::new(Self {
            ends: EndOffsets::open(&settings)?,
            reads: ReaderPool::new(&settings),
            settings,
            partitions,
            appends,
        }))
    }
}

/// Refuses a topic that breaks the contract; tells what is only doubtful.
fn trust(settings: &KafkaSettings, findings: &[contract::Finding]) -> Result<(), LogError> {
    for finding in findings.iter().filter(|finding| finding.severity == Severity::Warns) {
        tracing::warn!(topic = settings.topic, "{finding}");
    }
    contract::refuse(settings, findings)
}

impl EventLog for KafkaLog {
    fn partitions(&self) -> u16 {
        self.partitions
    }

    fn append(&self, partition: Partition, record: NewRecord, receipt: Receipt) {
        self.appends.append(partition, &record, receipt);
    }

    fn end(&self, partition: Partition) -> BoxFuture<'_, Result<Offset, LogError>> {
        Box::pin(self.ends.of(partition))
    }

    fn read(
        &self,
        partition: Partition,
        from: Offset,
        at_most: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredRecord>, LogError>> {
        Box::pin(async move {
            let end = self.ends.of(partition).await?;
            self.reads.read(partition, from..end, at_most).await
        })
    }

    fn follow(&self, from: Vec<(Partition, Offset)>) -> RecordStream {
        stream::follow(&self.settings, &self.reads, from, Fetch::AtOnce)
    }

    fn follow_batched(&self, from: Vec<(Partition, Offset)>) -> RecordStream {
        stream::follow(&self.settings, &self.reads, from, Fetch::Batched)
    }
}

impl Fill for KafkaLog {
    fn is_unfinished(&self) -> BoxFuture<'_, Result<bool, LogError>> {
        Box::pin(async {
            Ok(topic::metadata(&self.settings).await?.is_some_and(|facts| facts.is_unfinished()))
        })
    }

    fn mark_unfinished(&self) -> BoxFuture<'_, Result<(), LogError>> {
        Box::pin(topic::set_retention(&self.settings, contract::UNFINISHED))
    }

    fn mark_finished(&self) -> BoxFuture<'_, Result<(), LogError>> {
        Box::pin(topic::set_retention(&self.settings, topic::FOREVER))
    }
}

impl fmt::Debug for KafkaLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaLog").field("topic", &self.settings.topic).finish_non_exhaustive()
    }
}
