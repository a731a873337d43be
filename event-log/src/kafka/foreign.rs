//! A topic that is not the log: somebody else's messages, to be brought into the shop.

use std::{collections::BTreeSet, thread, time::Duration};

use bytes::Bytes;
use rdkafka::{
    TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
    message::{BorrowedMessage, Message},
    metadata::{MetadataPartition, MetadataTopic},
    topic_partition_list::Offset as Where,
};
use tokio::sync::mpsc;

use crate::{LogError, Offset};

use super::{
    KafkaSettings,
    client::{Watch, unavailable},
    options::{ANSWER_WITHIN, Purpose, make},
};

/// How many records may wait for whoever reads them. What is beyond waits in the consumer.
const WAITING: usize = 1000;
/// How soon it is noticed that nobody reads any more.
const POLL: Duration = Duration::from_millis(100);

/// One record of a topic that is not the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignRecord {
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
/// It must exist. Partitions that are added later are not seen. Ends after an error.
pub fn read(
    settings: KafkaSettings,
    until: Until,
) -> mpsc::Receiver<Result<ForeignRecord, LogError>> {
    let (out, records) = mpsc::channel(WAITING);
    thread::spawn(move || {
        if let Err(error) = pass_on(&settings, until, &out) {
            // Whoever read may be gone.
            let _ = out.blocking_send(Err(error));
        }
    });
    records
}

type Out = mpsc::Sender<Result<ForeignRecord, LogError>>;

fn pass_on(settings: &KafkaSettings, until: Until, out: &Out) -> Result<(), LogError> {
    let consumer: BaseConsumer<Watch> = make(settings, Purpose::ReadForeign)?;
    let mut open = partitions(&consumer, settings)?;
    let mut from = TopicPartitionList::new();
    for partition in &open {
        let added = from.add_partition_offset(&settings.topic, *partition, Where::Beginning);
        added.map_err(unavailable)?;
    }
    consumer.assign(&from).map_err(unavailable)?;
    while !open.is_empty() && !out.is_closed() {
        match consumer.poll(POLL) {
            Some(Ok(message)) => {
                consumer.context().well();
                if out.blocking_send(Ok(record(&message))).is_err() {
                    return Ok(());
                }
            }
            Some(Err(KafkaError::PartitionEOF(partition))) if until == Until::End => {
                open.remove(&partition);
            }
            None | Some(Err(KafkaError::PartitionEOF(_))) => {}
            Some(Err(error)) => consumer.context().trouble(&error.to_string()),
        }
    }
    Ok(())
}

fn partitions(
    consumer: &BaseConsumer<Watch>,
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

fn record(message: &BorrowedMessage<'_>) -> ForeignRecord {
    ForeignRecord {
        partition: u32::try_from(message.partition()).unwrap_or_default(),
        offset: u64::try_from(message.offset()).unwrap_or_default(),
        value: message.payload().map(Bytes::copy_from_slice),
    }
}
