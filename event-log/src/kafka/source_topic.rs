//! A topic that is not the log: somebody else's messages, to be brought into the shop.

use std::{collections::BTreeSet, time::Duration};

use bytes::Bytes;
use rdkafka::{
    TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
    message::{BorrowedMessage, Message},
    metadata::{MetadataPartition, MetadataTopic},
    topic_partition_list::Offset as Where,
};

use crate::{LogError, Offset};

use super::{
    KafkaSettings,
    client::{ConnectionWatch, unavailable},
    options::{ANSWER_WITHIN, Purpose, make},
    told::words,
};

/// How long one look for the next record takes at most.
const POLL: Duration = Duration::from_millis(100);

/// One record of a topic that is not the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRecord {
    /// In which partition it stands.
    pub partition: u32,
    /// Where in the partition.
    pub offset: Offset,
    /// What it says; records may say nothing.
    pub value: Option<Bytes>,
}

/// How far a topic is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// To the end of each partition.
    End,
    /// On and on, as records come.
    Dropped,
}

/// Reads a topic from the first record of each partition that there is, each partition in order.
///
/// It must exist. Partitions that are added later are not seen. Ends after an error. Connects when the first record is
/// asked for, and each `next` blocks until there is a record.
pub fn read(settings: KafkaSettings, until: Until) -> SourceRecords {
    SourceRecords { until, state: State::Unconnected(settings) }
}

/// The records of a topic that is not the log.
#[expect(missing_debug_implementations, reason = "a consumer has nothing to show")]
pub struct SourceRecords {
    until: Until,
    state: State,
}

enum State {
    Unconnected(KafkaSettings),
    /// With the partitions whose end was not reached yet.
    Reading(BaseConsumer<ConnectionWatch>, BTreeSet<i32>),
    Ended,
}

impl Iterator for SourceRecords {
    type Item = Result<SourceRecord, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match &mut self.state {
                State::Ended => return None,
                State::Unconnected(settings) => match connect(settings) {
                    Ok((consumer, open)) => self.state = State::Reading(consumer, open),
                    Err(error) => {
                        self.state = State::Ended;
                        return Some(Err(error));
                    }
                },
                State::Reading(_, open) if open.is_empty() => self.state = State::Ended,
                State::Reading(consumer, open) => {
                    if let Some(record) = poll(consumer, open, self.until) {
                        return Some(Ok(record));
                    }
                }
            }
        }
    }
}

fn connect(
    settings: &KafkaSettings,
) -> Result<(BaseConsumer<ConnectionWatch>, BTreeSet<i32>), LogError> {
    let consumer: BaseConsumer<ConnectionWatch> = make(settings, Purpose::ReadForeign)?;
    let partitions = partitions(&consumer, settings)?;
    let mut from = TopicPartitionList::new();
    for partition in &partitions {
        let added = from.add_partition_offset(&settings.topic, *partition, Where::Beginning);
        added.map_err(unavailable)?;
    }
    consumer.assign(&from).map_err(unavailable)?;
    Ok((consumer, partitions))
}

/// The next record, when one comes soon. Takes partitions out of `open` whose end is where reading stops.
fn poll(
    consumer: &BaseConsumer<ConnectionWatch>,
    open: &mut BTreeSet<i32>,
    until: Until,
) -> Option<SourceRecord> {
    match consumer.poll(POLL)? {
        Ok(message) => {
            consumer.context().recovered();
            return Some(record(&message));
        }
        Err(KafkaError::PartitionEOF(partition)) => {
            if until == Until::End {
                open.remove(&partition);
            }
        }
        Err(error) => consumer.context().failed(&words(&error)),
    }
    None
}

fn partitions(
    consumer: &BaseConsumer<ConnectionWatch>,
    settings: &KafkaSettings,
) -> Result<BTreeSet<i32>, LogError> {
    let metadata = consumer.fetch_metadata(Some(&settings.topic), ANSWER_WITHIN);
    let metadata = metadata.map_err(unavailable)?;
    let topics = metadata.topics().iter().filter(|topic| topic.name() == settings.topic);
    let found: BTreeSet<i32> =
        topics.flat_map(MetadataTopic::partitions).map(MetadataPartition::id).collect();
    if found.is_empty() {
        let (topic, brokers) = (&settings.topic, &settings.brokers);
        return Err(LogError::Unfit(format!("there is no topic {topic} at {brokers}")));
    }
    Ok(found)
}

fn record(message: &BorrowedMessage<'_>) -> SourceRecord {
    SourceRecord {
        partition: u32::try_from(message.partition()).unwrap_or_default(),
        offset: u64::try_from(message.offset()).unwrap_or_default(),
        value: message.payload().map(Bytes::copy_from_slice),
    }
}
