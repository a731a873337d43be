//! The history in a log.

use std::{path::Path, sync::mpsc, time::Duration};

use anyhow::{Context as _, Result, bail};
use event_log::{EmbeddedLog, EventLog as _, NewRecord, Partition};
use rdkafka::{
    ClientConfig,
    error::KafkaError,
    message::{Header, OwnedHeaders},
    producer::{BaseProducer, BaseRecord, Producer as _},
    types::RDKafkaErrorCode,
};

use super::history::{History, PARTITIONS};

/// How many appends of the embedded log are under way at a time.
const IN_FLIGHT: usize = 10_000;
const PATIENCE: Duration = Duration::from_mins(2);

/// Writes the history to a topic that is there, as fast as a producer can.
pub(super) fn to_kafka(bootstrap: &str, topic: &str, mut history: History) -> Result<()> {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("enable.idempotence", "true")
        .set("linger.ms", "20")
        .set("queue.buffering.max.messages", "200000")
        .create()?;
    while let Some((partition, record)) = history.next()? {
        send(&producer, topic, partition, &record)?;
    }
    producer.flush(PATIENCE)?;
    Ok(())
}

fn send(
    producer: &BaseProducer,
    topic: &str,
    partition: Partition,
    record: &NewRecord,
) -> Result<()> {
    loop {
        let headers = record.headers.iter().fold(OwnedHeaders::new(), |headers, header| {
            headers.insert(Header { key: header.name, value: header.value })
        });
        let mut message = BaseRecord::<[u8], [u8]>::to(topic)
            .partition(i32::from(partition.0))
            .headers(headers)
            .timestamp(record.timestamp);
        message.key = record.key.as_deref();
        message.payload = record.value.as_deref();
        match producer.send(message) {
            Ok(()) => {
                producer.poll(Duration::ZERO);
                return Ok(());
            }
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                producer.poll(Duration::from_millis(10));
            }
            Err((error, _)) => return Err(error.into()),
        }
    }
}

/// Writes the history to a new embedded log.
pub(super) fn to_folder(folder: &Path, mut history: History) -> Result<()> {
    let log = EmbeddedLog::open(folder, Some(PARTITIONS))?;
    let (stored, receipts) = mpsc::channel();
    let mut under_way = 0_usize;
    while let Some((partition, record)) = history.next()? {
        if under_way >= IN_FLIGHT {
            receipt(&receipts)?;
            under_way = under_way.saturating_sub(1);
        }
        let stored = stored.clone();
        let receipt = Box::new(move |done: Result<_, _>| {
            // Nobody listens any more when the benchmark has failed.
            let _ = stored.send(done.is_ok());
        });
        log.append(partition, record, receipt);
        under_way = under_way.saturating_add(1);
    }
    for _ in 0..under_way {
        receipt(&receipts)?;
    }
    Ok(())
}

fn receipt(receipts: &mpsc::Receiver<bool>) -> Result<()> {
    if !receipts.recv_timeout(PATIENCE).context("an append is not acknowledged")? {
        bail!("an append failed");
    }
    Ok(())
}
