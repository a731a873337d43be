//! Whether the topic was deleted: only a broker can say so.

use std::time::{Duration, Instant};

use rdkafka::{
    consumer::{BaseConsumer, Consumer},
    error::RDKafkaErrorCode,
    metadata::Metadata,
};

use crate::{LogError, Partition};

use super::client::ConnectionWatch;

/// How long a topic may be unknown to the brokers before it is taken to be deleted: a broker that starts does not
/// know its topics yet.
const UNKNOWN_AT_MOST: Duration = Duration::from_secs(10);

/// How long a broker may take to say whether there is the topic. One that takes longer is asked again.
const SAID_WITHIN: Duration = Duration::from_secs(1);

/// Since when the brokers have been saying, with nothing else in between, that the topic is gone.
#[derive(Debug, Default)]
pub(crate) struct TopicDeletion {
    since: Option<Instant>,
}

impl TopicDeletion {
    /// The topic is there.
    pub(crate) fn end(&mut self) {
        self.since = None;
    }

    /// Asks a broker about a topic whose partitions, of which `last` is the last, cannot be reached; fails once the
    /// topic has been gone for long.
    ///
    /// What librdkafka knows by itself proves nothing. "Unknown partition" is also how it puts that no partition has
    /// a leader, which is the last news from a broker that stops in order, and it believes that for minutes. What
    /// the broker says here takes the place of it.
    pub(crate) fn look(
        &mut self,
        consumer: &BaseConsumer<ConnectionWatch>,
        topic: &str,
        last: Partition,
    ) -> Result<(), LogError> {
        let said = consumer.fetch_metadata(Some(topic), SAID_WITHIN);
        let Some(gone) = said.ok().and_then(|metadata| gone(&metadata, topic, last)) else {
            self.since = None;
            return Ok(());
        };
        let since = *self.since.get_or_insert_with(Instant::now);
        if since.elapsed() < UNKNOWN_AT_MOST {
            return Ok(());
        }
        Err(LogError::Unfit(format!(
            "{gone} does not exist any more; it was deleted, and the log with it. Bring the log back with \
             `sklep import`"
        )))
    }
}

/// What is not there, going by a broker's answer.
fn gone(metadata: &Metadata, topic: &str, last: Partition) -> Option<String> {
    // A broker that knows of no broker, not even of itself, is no part of its cluster yet.
    let said = metadata.topics().first().filter(|_| !metadata.brokers().is_empty())?;
    match said.error().map(RDKafkaErrorCode::from) {
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopicId) => {
            Some(format!("the topic {topic}"))
        }
        Some(_) => None,
        None => {
            let partitions = said.partitions();
            let has_last = partitions.iter().any(|partition| partition.id() == i32::from(last.0));
            (!partitions.is_empty() && !has_last)
                .then(|| format!("partition {last} of the topic {topic}"))
        }
    }
}
