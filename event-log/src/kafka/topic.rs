//! The topic: made when it is missing, and what there is to know of it.

use std::{
    collections::BTreeMap,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rdkafka::{
    admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication},
    consumer::{BaseConsumer, Consumer},
    error::{KafkaError, RDKafkaErrorCode},
    metadata::{Metadata, MetadataTopic},
    topic_partition_list::Offset as Where,
};
use tokio::runtime::Handle;

use crate::{LogError, Offset, Partition};

use super::{
    KafkaSettings,
    client::{Watch, make, unavailable},
    ends::ask_patiently,
    options::{self, ANSWER_WITHIN},
};

/// How many copies of each partition are enough: one may be lost while another is being repaired.
const ENOUGH_REPLICAS: usize = 3;

/// How long a broker may take to make a new topic's partitions, after it said that they exist.
const OPENED_WITHIN: Duration = Duration::from_secs(15);

/// What there is to know of the topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// How many copies each partition has.
    pub(crate) replicas: Vec<usize>,
    /// Where each partition begins.
    pub(crate) starts: Vec<(Partition, Offset)>,
    /// The topic's configuration in force.
    pub(crate) config: BTreeMap<String, String>,
}

impl Facts {
    pub(crate) fn partitions(&self) -> u16 {
        u16::try_from(self.replicas.len()).unwrap_or(u16::MAX)
    }
}

/// Makes the topic as the log needs it, unless it is there.
pub(crate) async fn create_if_missing(settings: &Arc<KafkaSettings>) -> Result<(), LogError> {
    blocking(settings, |settings, consumer| {
        let metadata = metadata(consumer, &settings.topic)?;
        if existing(&metadata)?.is_some() {
            return Ok(());
        }
        create(settings, metadata.brokers().len())?;
        await_leaders(consumer, &settings.topic)
    })
    .await
}

/// Learns the facts; none when there is no such topic.
pub(crate) async fn facts(settings: &Arc<KafkaSettings>) -> Result<Option<Facts>, LogError> {
    blocking(settings, |settings, consumer| {
        let metadata = metadata(consumer, &settings.topic)?;
        let Some(topic) = existing(&metadata)? else { return Ok(None) };
        let replicas: Vec<usize> =
            topic.partitions().iter().map(|partition| partition.replicas().len()).collect();
        let all = Partition::all(u16::try_from(replicas.len()).unwrap_or(u16::MAX)).collect();
        let starts =
            ask_patiently(consumer, &settings.topic, &all, Where::Beginning, OPENED_WITHIN)
                .map_err(unavailable)?;
        Ok(Some(Facts { replicas, starts, config: config(settings)? }))
    })
    .await
}

/// Does work that blocks, with a client for questions.
async fn blocking<T: Send + 'static>(
    settings: &Arc<KafkaSettings>,
    work: impl FnOnce(&KafkaSettings, &BaseConsumer<Watch>) -> Result<T, LogError> + Send + 'static,
) -> Result<T, LogError> {
    let settings = Arc::clone(settings);
    let ended = |error| LogError::Unavailable(Box::new(error));
    tokio::task::spawn_blocking(move || {
        let consumer = make(&options::asker(&settings)?, "look")?;
        work(&settings, &consumer)
    })
    .await
    .map_err(ended)?
}

fn metadata(consumer: &BaseConsumer<Watch>, topic: &str) -> Result<Metadata, LogError> {
    consumer.fetch_metadata(Some(topic), ANSWER_WITHIN).map_err(unavailable)
}

/// The topic in the answer, if there is one.
fn existing(metadata: &Metadata) -> Result<Option<&MetadataTopic>, LogError> {
    let Some(topic) = metadata.topics().first() else { return Ok(None) };
    match topic.error().map(RDKafkaErrorCode::from) {
        None => Ok(Some(topic)),
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => {
            Ok(None)
        }
        Some(RDKafkaErrorCode::InvalidTopic) => Err(LogError::Unfit(format!(
            "Kafka does not allow topics to be called {:?}",
            topic.name()
        ))),
        Some(error) => Err(unavailable(KafkaError::MetadataFetch(error))),
    }
}

fn create(settings: &KafkaSettings, brokers: usize) -> Result<(), LogError> {
    let partitions = settings.partitions.unwrap_or(KafkaSettings::DEFAULT_PARTITIONS);
    let most = i32::try_from(brokers.clamp(1, ENOUGH_REPLICAS)).unwrap_or(1);
    let replicas = settings.replication.map_or(most, i32::from);
    let in_sync = replicas.saturating_sub(1).max(1).to_string();
    let topic =
        NewTopic::new(&settings.topic, i32::from(partitions), TopicReplication::Fixed(replicas))
            .set("cleanup.policy", "delete")
            .set("retention.ms", "-1")
            .set("retention.bytes", "-1")
            .set("unclean.leader.election.enable", "false")
            .set("min.insync.replicas", &in_sync)
            .set("message.timestamp.type", "CreateTime")
            // An imported record keeps its time, and a clock that is fast must not stop the shop.
            .set("message.timestamp.after.max.ms", "9223372036854775807");
    let admin: AdminClient<Watch> = make(&options::asker(settings)?, "create")?;
    let answers = Handle::current()
        .block_on(admin.create_topics([&topic], &patience()))
        .map_err(unavailable)?;
    match answers.into_iter().next() {
        Some(Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => Ok(()),
        Some(Err((_, error))) if may_pass(error) => Err(unavailable(KafkaError::AdminOp(error))),
        Some(Err((name, error))) => {
            Err(LogError::Unfit(format!("Kafka refuses to create the topic {name}: {error}")))
        }
        Some(Ok(_)) | None => {
            tracing::info!(topic = settings.topic, partitions, replicas, "created the topic");
            Ok(())
        }
    }
}

fn may_pass(error: RDKafkaErrorCode) -> bool {
    matches!(
        error,
        RDKafkaErrorCode::RequestTimedOut
            | RDKafkaErrorCode::OperationTimedOut
            | RDKafkaErrorCode::NotController
            | RDKafkaErrorCode::BrokerTransportFailure
    )
}

fn patience() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(ANSWER_WITHIN)).operation_timeout(Some(ANSWER_WITHIN))
}

/// Waits until every partition of the new topic can be written.
fn await_leaders(consumer: &BaseConsumer<Watch>, topic: &str) -> Result<(), LogError> {
    let begun = Instant::now();
    loop {
        let metadata = metadata(consumer, topic)?;
        let led = |topic: &MetadataTopic| {
            !topic.partitions().is_empty()
                && topic.partitions().iter().all(|partition| partition.leader() >= 0)
        };
        if existing(&metadata)?.is_some_and(led) {
            return Ok(());
        }
        if begun.elapsed() > OPENED_WITHIN {
            return Err(unavailable(KafkaError::MetadataFetch(
                RDKafkaErrorCode::LeaderNotAvailable,
            )));
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn config(settings: &KafkaSettings) -> Result<BTreeMap<String, String>, LogError> {
    let admin: AdminClient<Watch> = make(&options::asker(settings)?, "look")?;
    let topic = ResourceSpecifier::Topic(&settings.topic);
    let answers = Handle::current()
        .block_on(admin.describe_configs([&topic], &patience()))
        .map_err(unavailable)?;
    let resource =
        answers.into_iter().next().unwrap_or(Err(RDKafkaErrorCode::UnknownTopicOrPartition));
    let resource = resource.map_err(|error| unavailable(KafkaError::AdminOp(error)))?;
    Ok(resource.entries.into_iter().filter_map(|entry| Some((entry.name, entry.value?))).collect())
}
