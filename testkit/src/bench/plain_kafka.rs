//! What the appends on Kafka cost at the very least: librdkafka's idempotent producer with acks=all and linger 0, and
//! records as the shop writes them.

use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use event_log::{NewRecord, Partition};
use rdkafka::{
    ClientConfig, ClientContext, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer as _},
    message::{DeliveryResult, Header, OwnedHeaders},
    producer::{BaseRecord, Producer as _, ProducerContext, ThreadedProducer},
    topic_partition_list::Offset,
};

use super::load::{Span, Turn};
use crate::{Kafka, KafkaOptions, unique};

/// As many partitions as the shop's own topic has by default.
const PARTITIONS: u16 = 12;
const ANSWER: Duration = Duration::from_secs(10);

/// A broker with the memory and the compiler of one that has something to do.
pub(super) fn broker() -> Result<Kafka> {
    let jvm = ["-Xmx1g", "-Xms1g"].map(str::to_owned).into();
    Kafka::start_with(&KafkaOptions { jvm, ..KafkaOptions::default() })
}

/// A topic, and a producer for it.
pub(super) struct Plain {
    bootstrap: String,
    topic: String,
    record: NewRecord,
    producer: ThreadedProducer<Reports>,
    reported: mpsc::Receiver<Report>,
}

/// The number that was sent along, and whether that record is stored.
type Report = (usize, bool);

struct Reports(mpsc::Sender<Report>);

impl ClientContext for Reports {}

impl ProducerContext for Reports {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, sender: usize) {
        // Nobody listens any more when the benchmark is over.
        let _ = self.0.send((sender, result.is_ok()));
    }
}

impl Plain {
    /// Makes the topic and warms the producer up. Every record will be like `record`.
    pub(super) async fn open(bootstrap: &str, record: NewRecord) -> Result<Self> {
        let topic = unique("plain");
        let admin: AdminClient<DefaultClientContext> =
            ClientConfig::new().set("bootstrap.servers", bootstrap).create()?;
        let new = NewTopic::new(&topic, i32::from(PARTITIONS), TopicReplication::Fixed(1));
        for made in admin.create_topics([&new], &AdminOptions::new()).await? {
            made.map_err(|(topic, code)| anyhow::anyhow!("{topic}: {code}"))?;
        }
        let (reports, reported) = mpsc::channel();
        let producer = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("linger.ms", "0")
            .set("socket.nagle.disable", "true")
            .create_with_context(Reports(reports))?;
        let plain = Self { bootstrap: bootstrap.to_owned(), topic, record, producer, reported };
        plain.append(0)?;
        plain.report()?;
        Ok(plain)
    }

    /// Keeps so many appends in flight, each after the one before is acknowledged.
    pub(super) fn appends(&self, in_flight: usize, length: Duration) -> Result<Turn> {
        let span = Span::after_warm_up(length)?;
        let mut begun = vec![Instant::now(); in_flight];
        let mut times = Vec::new();
        for sender in 0..in_flight {
            self.append(sender)?;
        }
        let mut waiting = in_flight;
        while waiting > 0 {
            let sender = self.report()?;
            let now = Instant::now();
            let last = begun.get_mut(sender).context("a report of nobody's record")?;
            if *last >= span.begin && *last < span.end {
                times.push(now.saturating_duration_since(*last));
            }
            *last = now;
            if now < span.end {
                self.append(sender)?;
            } else {
                waiting = waiting.saturating_sub(1);
            }
        }
        Ok(Turn::of(times, span.length()))
    }

    /// One append after another, each after such a rest as the producer and the broker have between purchases.
    pub(super) fn rested(&self, rest: Duration, length: Duration) -> Result<Turn> {
        let span = Span::after_warm_up(length)?;
        let mut times = Vec::new();
        loop {
            thread::sleep(rest);
            let begun = Instant::now();
            if begun >= span.end {
                return Ok(Turn::of(times, span.length()));
            }
            self.append(0)?;
            self.report()?;
            if begun >= span.begin {
                times.push(begun.elapsed());
            }
        }
    }

    /// From the append to the moment when a consumer has it, one after another.
    pub(super) fn consumed(&self, length: Duration) -> Result<Turn> {
        let consumer = self.consumer()?;
        let span = Span::after_warm_up(length)?;
        let mut times = Vec::new();
        loop {
            let begun = Instant::now();
            if begun >= span.end {
                return Ok(Turn::of(times, span.length()));
            }
            self.append(0)?;
            let message = consumer.poll(ANSWER).context("the record did not come")??;
            if message.payload_len() == 0 {
                bail!("another record came");
            }
            if begun >= span.begin {
                times.push(begun.elapsed());
            }
            self.report()?;
        }
    }

    /// A consumer of all that comes from now on.
    fn consumer(&self) -> Result<BaseConsumer> {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", &self.bootstrap)
            .set("group.id", "bench")
            .set("enable.auto.commit", "false")
            .set("fetch.min.bytes", "1")
            .set("socket.nagle.disable", "true")
            .create()?;
        let mut from = TopicPartitionList::new();
        for partition in Partition::all(PARTITIONS) {
            let number = i32::from(partition.0);
            let (_, end) = consumer.fetch_watermarks(&self.topic, number, ANSWER)?;
            from.add_partition_offset(&self.topic, number, Offset::Offset(end))?;
        }
        consumer.assign(&from)?;
        // Until it has asked for all of them.
        if let Some(message) = consumer.poll(Duration::from_secs(1)) {
            bail!("a record came that nobody sent: {:?}", message?);
        }
        Ok(consumer)
    }

    fn append(&self, sender: usize) -> Result<()> {
        let partition = sender.checked_rem(usize::from(PARTITIONS)).unwrap_or_default();
        let mut record = BaseRecord::<[u8], [u8], usize>::with_opaque_to(&self.topic, sender)
            .partition(i32::try_from(partition)?)
            .headers(self.record.headers.iter().fold(OwnedHeaders::new(), |headers, header| {
                headers.insert(Header { key: header.name, value: header.value })
            }))
            .timestamp(self.record.timestamp);
        record.key = self.record.key.as_deref();
        record.payload = self.record.value.as_deref();
        self.producer.send(record).map_err(|(error, _)| error.into())
    }

    fn report(&self) -> Result<usize> {
        let (sender, stored) = self.reported.recv_timeout(ANSWER)?;
        if !stored {
            bail!("a plain append failed");
        }
        Ok(sender)
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        // What is still under way does not matter.
        let _ = self.producer.flush(ANSWER);
    }
}
