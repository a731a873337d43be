//! The topic: made when it is missing, and what there is to know of it.

use std::{
    collections::BTreeMap,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rdkafka::{
    admin::{
        AdminClient, AdminOptions, AlterConfig, ConfigEntry, ConfigSource, NewTopic,
        ResourceSpecifier, TopicReplication,
    },
    consumer::{BaseConsumer, Consumer},
    error::{KafkaError, RDKafkaErrorCode},
    metadata::{Metadata, MetadataTopic},
    topic_partition_list::Offset as Where,
};
use tokio::runtime::Handle;

use crate::{DEFAULT_PARTITIONS, LogError, Offset, Partition};

use super::{
    KafkaSettings,
    client::{ConnectionWatch, unavailable},
    contract::UNFINISHED,
    end_offsets::ask_patiently,
    options::{ANSWER_WITHIN, Purpose, make},
    told::of_code,
};

/// How many copies of each partition are enough: one may be lost while another is being repaired.
const ENOUGH_REPLICAS: usize = 3;

/// How long a broker may take to make a new topic's partitions, after it said that they exist.
const OPENED_WITHIN: Duration = Duration::from_secs(15);

/// The entry that says when Kafka removes records.
pub(crate) const RETENTION: &str = "retention.ms";

/// The retention of a log: nothing is ever removed.
pub(crate) const FOREVER: &str = "-1";

/// What there is to know of the topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopicMetadata {
    /// How many copies each partition has.
    pub(crate) replicas: Vec<usize>,
    /// How many of them are as far as the leader.
    pub(crate) in_sync: Vec<usize>,
    /// Where each partition begins.
    pub(crate) starts: Vec<(Partition, Offset)>,
    /// The topic's configuration in force.
    pub(crate) config: BTreeMap<String, String>,
}

impl TopicMetadata {
    pub(crate) fn partitions(&self) -> u16 {
        u16::try_from(self.replicas.len()).unwrap_or(u16::MAX)
    }

    /// Whether an import has not come to its end.
    pub(crate) fn is_unfinished(&self) -> bool {
        self.config.get(RETENTION).is_some_and(|value| value == UNFINISHED)
    }
}

/// Makes the topic as the log needs it, with this retention, unless it is there.
pub(crate) async fn create_if_missing(
    settings: &Arc<KafkaSettings>,
    retention: &'static str,
) -> Result<(), LogError> {
    blocking(settings, move |settings, consumer| {
        let metadata = fetch_metadata(consumer, &settings.topic)?;
        if existing(&metadata)?.is_some() {
            return Ok(());
        }
        create(settings, metadata.brokers().len(), retention)?;
        await_leaders(consumer, &settings.topic)
    })
    .await
}

/// Learns the facts; none when there is no such topic.
pub(crate) async fn metadata(
    settings: &Arc<KafkaSettings>,
) -> Result<Option<TopicMetadata>, LogError> {
    blocking(settings, |settings, consumer| {
        let metadata = fetch_metadata(consumer, &settings.topic)?;
        let Some(topic) = existing(&metadata)? else { return Ok(None) };
        let partitions = topic.partitions().iter();
        let (replicas, in_sync): (Vec<usize>, Vec<usize>) =
            partitions.map(|it| (it.replicas().len(), it.isr().len())).unzip();
        let all = Partition::all(u16::try_from(replicas.len()).unwrap_or(u16::MAX)).collect();
        let starts =
            ask_patiently(consumer, &settings.topic, &all, Where::Beginning, OPENED_WITHIN)
                .map_err(unavailable)?;
        Ok(Some(TopicMetadata { replicas, in_sync, starts, config: config(settings)? }))
    })
    .await
}

/// Does work that blocks, with a client for questions.
async fn blocking<T: Send + 'static>(
    settings: &Arc<KafkaSettings>,
    work: impl FnOnce(&KafkaSettings, &BaseConsumer<ConnectionWatch>) -> Result<T, LogError>
    + Send
    + 'static,
) -> Result<T, LogError> {
    let settings = Arc::clone(settings);
    let ended = |error| LogError::Unavailable(Box::new(error));
    tokio::task::spawn_blocking(move || {
        let consumer = make(&settings, Purpose::Ask)?;
        work(&settings, &consumer)
    })
    .await
    .map_err(ended)?
}

fn fetch_metadata(
    consumer: &BaseConsumer<ConnectionWatch>,
    topic: &str,
) -> Result<Metadata, LogError> {
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
        Some(error) => Err(denied(error, topic.name())
            .unwrap_or_else(|| unavailable(KafkaError::MetadataFetch(error)))),
    }
}

/// The brokers do not let this user look; waiting does not change that.
fn denied(error: RDKafkaErrorCode, topic: &str) -> Option<LogError> {
    let is_denied = matches!(
        error,
        RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::ClusterAuthorizationFailed
    );
    is_denied.then(|| {
        LogError::Unfit(format!(
            "the brokers do not let this user see the topic {topic} and its configuration; `kafka-acls.sh --add --topic {topic} \
             --operation Describe --operation DescribeConfigs --operation Read --operation Write --allow-principal User:NAME` does"
        ))
    })
}

fn create(settings: &KafkaSettings, brokers: usize, retention: &str) -> Result<(), LogError> {
    let partitions = settings.partitions.unwrap_or(DEFAULT_PARTITIONS);
    let most = i32::try_from(brokers.clamp(1, ENOUGH_REPLICAS)).unwrap_or(1);
    let replicas = settings.replication.map_or(most, i32::from);
    let in_sync = replicas.saturating_sub(1).max(1).to_string();
    let topic =
        NewTopic::new(&settings.topic, i32::from(partitions), TopicReplication::Fixed(replicas))
            .set("cleanup.policy", "delete")
            .set(RETENTION, retention)
            .set("retention.bytes", "-1")
            .set("unclean.leader.election.enable", "false")
            .set("min.insync.replicas", &in_sync)
            .set("message.timestamp.type", "CreateTime")
            // An imported record keeps its time, and a clock that is fast must not stop the shop.
            .set("message.timestamp.before.max.ms", "9223372036854775807")
            .set("message.timestamp.after.max.ms", "9223372036854775807")
            // Whatever the brokers take by default.
            .set("max.message.bytes", "1048588");
    let admin: AdminClient<ConnectionWatch> = make(settings, Purpose::Manage)?;
    let answers = Handle::current()
        .block_on(admin.create_topics([&topic], &patience()))
        .map_err(unavailable)?;
    match answers.into_iter().next() {
        Some(Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => Ok(()),
        Some(Err((_, error))) if may_pass(error) => Err(unavailable(KafkaError::AdminOp(error))),
        Some(Err((name, error))) => Err(LogError::Unfit(format!(
            "Kafka refuses to create the topic {name}: {}",
            of_code(error)
        ))),
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
fn await_leaders(consumer: &BaseConsumer<ConnectionWatch>, topic: &str) -> Result<(), LogError> {
    let begun = Instant::now();
    loop {
        let metadata = fetch_metadata(consumer, topic)?;
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
    let entries = entries(&make(settings, Purpose::Manage)?, settings)?.into_iter();
    Ok(entries.filter_map(|entry| Some((entry.name, entry.value?))).collect())
}

fn entries(
    admin: &AdminClient<ConnectionWatch>,
    settings: &KafkaSettings,
) -> Result<Vec<ConfigEntry>, LogError> {
    let topic = ResourceSpecifier::Topic(&settings.topic);
    let answers = Handle::current()
        .block_on(admin.describe_configs([&topic], &patience()))
        .map_err(unavailable)?;
    let resource =
        answers.into_iter().next().unwrap_or(Err(RDKafkaErrorCode::UnknownTopicOrPartition));
    let failed = |error| {
        denied(error, &settings.topic).unwrap_or_else(|| unavailable(KafkaError::AdminOp(error)))
    };
    Ok(resource.map_err(failed)?.entries)
}

/// Changes the topic's retention, and waits until the brokers say so.
pub(crate) async fn set_retention(
    settings: &Arc<KafkaSettings>,
    retention: &'static str,
) -> Result<(), LogError> {
    blocking(settings, move |settings, _consumer| {
        let admin: AdminClient<ConnectionWatch> = make(settings, Purpose::Manage)?;
        let is_set = |entries: &[ConfigEntry]| {
            let value = entries.iter().find(|it| it.name == RETENTION);
            value.and_then(|it| it.value.as_deref()) == Some(retention)
        };
        let before = entries(&admin, settings)?;
        if is_set(&before) {
            return Ok(());
        }
        alter(&admin, settings, &before, retention)?;
        let begun = Instant::now();
        while !is_set(&entries(&admin, settings)?) {
            if begun.elapsed() > OPENED_WITHIN {
                let slow =
                    format!("{RETENTION} was set to {retention}, but the brokers do not say so");
                return Err(LogError::Unavailable(slow.into()));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    })
    .await
}

/// The request replaces everything that was set for the topic, so it says everything.
fn alter(
    admin: &AdminClient<ConnectionWatch>,
    settings: &KafkaSettings,
    before: &[ConfigEntry],
    retention: &str,
) -> Result<(), LogError> {
    let topic = ResourceSpecifier::Topic(&settings.topic);
    let own = before.iter().filter(|it| it.source == ConfigSource::DynamicTopic);
    let own = own.filter_map(|it| Some((it.name.as_str(), it.value.as_deref()?)));
    let mut change = AlterConfig { specifier: topic, entries: own.collect() };
    change.entries.insert(RETENTION, retention);
    let answers = Handle::current()
        .block_on(admin.alter_configs([&change], &patience()))
        .map_err(unavailable)?;
    match answers.into_iter().next() {
        Some(Err((_, error))) if may_pass(error) => Err(unavailable(KafkaError::AdminOp(error))),
        Some(Err((_, error))) => Err(LogError::Unfit(format!(
            "Kafka refuses to change the configuration of the topic {}: {}",
            settings.topic,
            of_code(error)
        ))),
        Some(Ok(_)) | None => Ok(()),
    }
}
