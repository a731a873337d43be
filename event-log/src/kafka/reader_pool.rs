//! Reading a few records anywhere, by consumers that are kept for the next read.

use std::{
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use rdkafka::{
    TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::{KafkaError, RDKafkaErrorCode},
    topic_partition_list::Offset as Where,
};
use tokio::sync::Semaphore;

use crate::{LogError, NewRecord, Offset, Partition, StoredRecord};

use super::{
    KafkaSettings,
    client::{ConnectionWatch, unavailable},
    message::{UNDATED, incoming},
    options::{ANSWER_WITHIN, Purpose, make},
};

/// How many reads run at once; each has a consumer with its threads and connections.
const AT_ONCE: usize = 4;

/// A read ends early past this many bytes; its caller goes on from there.
const MOST_BYTES: usize = 4 << 20;

/// Reads records; cheap to clone.
#[derive(Clone)]
pub(crate) struct ReaderPool {
    settings: Arc<KafkaSettings>,
    idle: Arc<Mutex<Vec<BaseConsumer<ConnectionWatch>>>>,
    turns: Arc<Semaphore>,
}

impl ReaderPool {
    pub(crate) fn new(settings: &Arc<KafkaSettings>) -> Self {
        Self {
            settings: Arc::clone(settings),
            idle: Arc::default(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// At most `at_most` records out of this stretch, from its beginning on. Its end must be one that the
    /// partition had already.
    pub(crate) async fn read(
        &self,
        partition: Partition,
        stretch: Range<Offset>,
        at_most: usize,
    ) -> Result<Vec<StoredRecord>, LogError> {
        let ended = |error| LogError::Unavailable(Box::new(error));
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|error| LogError::Unavailable(error.into()))?;
        let reads = self.clone();
        let read = move || {
            let _turn = turn;
            reads.read_blocking(partition, stretch, at_most)
        };
        tokio::task::spawn_blocking(read).await.map_err(ended)?
    }

    /// Like [`ReaderPool::read`], on the caller's thread.
    pub(crate) fn read_blocking(
        &self,
        partition: Partition,
        stretch: Range<Offset>,
        at_most: usize,
    ) -> Result<Vec<StoredRecord>, LogError> {
        if stretch.start > stretch.end {
            return Err(beyond(&self.settings.topic, partition, stretch.start, stretch.end));
        }
        if stretch.is_empty() || at_most == 0 {
            return Ok(Vec::new());
        }
        let consumer = self.take()?;
        let records = read_with(&consumer, &self.settings.topic, partition, stretch, at_most)?;
        // Only a consumer that did its work is used again.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(consumer);
        Ok(records)
    }

    fn take(&self) -> Result<BaseConsumer<ConnectionWatch>, LogError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| make(&self.settings, Purpose::Read), Ok)
    }
}

/// The error when more records of a partition were seen than it has.
pub(crate) fn beyond(topic: &str, partition: Partition, seen: Offset, end: Offset) -> LogError {
    LogError::Unfit(format!(
        "{seen} records of partition {partition} of the topic {topic} were seen, but it has {end}: the topic was \
         deleted and created again, or records were removed. Bring the log back by `sklep import` of an export into a new \
         topic, or, if the new log is the one that you want, start the shop again by `sklep serve --rebuild-when-needed`, which builds \
         the views from it"
    ))
}

/// The error when a partition does not have a record that it must have.
pub(crate) fn missing(topic: &str, partition: Partition, from: Offset) -> LogError {
    LogError::Unfit(format!(
        "partition {partition} of the topic {topic} no longer has its records from {from} on: the topic was \
         deleted and created again, or records were removed. Bring the log back by `sklep import` of an export into a new \
         topic, or, if the new log is the one that you want, start the shop again by `sklep serve --rebuild-when-needed`, which builds \
         the views from it"
    ))
}

fn read_with(
    consumer: &BaseConsumer<ConnectionWatch>,
    topic: &str,
    partition: Partition,
    stretch: Range<Offset>,
    at_most: usize,
) -> Result<Vec<StoredRecord>, LogError> {
    assign(consumer, topic, [(partition, stretch.start)]).map_err(unavailable)?;
    let mut read = OffsetRange::new(stretch, at_most);
    let begun = Instant::now();
    let mut reason = KafkaError::NoMessageReceived;
    while !read.is_done() {
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => read.take(incoming(&message).1),
            Some(Err(KafkaError::PartitionEOF(_))) => read.fill(),
            Some(Err(error)) if is_out_of_range(&error) => {
                return Err(missing(topic, partition, read.next));
            }
            Some(Err(error)) => reason = error,
            None => {}
        }
        if begun.elapsed() > ANSWER_WITHIN && !read.is_done() {
            return Err(unavailable(reason));
        }
    }
    consumer.unassign().map_err(unavailable)?;
    consumer.context().recovered();
    Ok(read.records)
}

/// Whether the broker does not have the offset that was asked for.
pub(crate) fn is_out_of_range(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::AutoOffsetReset)
}

/// Has the consumer read these partitions from these offsets on, and no others.
pub(crate) fn assign(
    consumer: &BaseConsumer<ConnectionWatch>,
    topic: &str,
    from: impl IntoIterator<Item = (Partition, Offset)>,
) -> Result<(), KafkaError> {
    let mut list = TopicPartitionList::new();
    for (partition, offset) in from {
        let offset = Where::Offset(i64::try_from(offset).unwrap_or(i64::MAX));
        list.add_partition_offset(topic, i32::from(partition.0), offset)?;
    }
    consumer.assign(&list)
}

/// What stands for an offset without a record.
///
/// Kafka has those where somebody, not Sklep, wrote in a transaction: its markers. They are handed on as empty
/// records, which are foreign, so that offsets have no holes for anybody.
pub(crate) fn gap(offset: Offset) -> StoredRecord {
    StoredRecord { offset, record: NewRecord { timestamp: UNDATED, ..NewRecord::default() } }
}

/// What has been read of a stretch, without holes.
pub(crate) struct OffsetRange {
    next: Offset,
    end: Offset,
    at_most: usize,
    bytes: usize,
    /// The records so far.
    pub(crate) records: Vec<StoredRecord>,
}

impl OffsetRange {
    pub(crate) fn new(stretch: Range<Offset>, at_most: usize) -> Self {
        Self { next: stretch.start, end: stretch.end, at_most, bytes: 0, records: Vec::new() }
    }

    fn is_done(&self) -> bool {
        self.next >= self.end || self.records.len() >= self.at_most || self.bytes >= MOST_BYTES
    }

    fn take(&mut self, stored: StoredRecord) {
        self.fill_to(stored.offset.min(self.end));
        if stored.offset == self.next && !self.is_done() {
            self.push(stored);
        }
    }

    /// Nothing more comes: the rest holds no records.
    fn fill(&mut self) {
        self.fill_to(self.end);
    }

    fn fill_to(&mut self, offset: Offset) {
        while self.next < offset && !self.is_done() {
            self.push(gap(self.next));
        }
    }

    fn push(&mut self, stored: StoredRecord) {
        let length = |bytes: &Option<bytes::Bytes>| bytes.as_ref().map_or(0, bytes::Bytes::len);
        self.bytes = self
            .bytes
            .saturating_add(length(&stored.record.value))
            .saturating_add(length(&stored.record.key));
        self.next = self.next.saturating_add(1);
        self.records.push(stored);
    }
}
