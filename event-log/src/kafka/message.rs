//! Records as Kafka's client takes and gives them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use rdkafka::{
    message::{
        BorrowedHeaders, BorrowedMessage, Header as KafkaHeader, Headers, Message, OwnedHeaders,
    },
    producer::BaseRecord,
    util::IntoOpaque,
};

use crate::{Header, NewRecord, Partition, StoredRecord};

/// The time of a record that has none, as Kafka writes it.
pub(crate) const UNDATED: i64 = -1;

/// A record for the producer; the same bytes, nulls and times.
pub(crate) fn outgoing<'a, D: IntoOpaque>(
    topic: &'a str,
    partition: Partition,
    record: &'a NewRecord,
    opaque: D,
) -> BaseRecord<'a, [u8], [u8], D> {
    BaseRecord {
        topic,
        partition: Some(i32::from(partition.0)),
        payload: record.value.as_deref(),
        key: record.key.as_deref(),
        timestamp: Some(record.timestamp),
        headers: (!record.headers.is_empty()).then(|| outgoing_headers(&record.headers)),
        delivery_opaque: opaque,
    }
}

fn outgoing_headers(headers: &[Header]) -> OwnedHeaders {
    headers.iter().fold(OwnedHeaders::new_with_capacity(headers.len()), |all, header| {
        all.insert(KafkaHeader { key: &header.name, value: header.value.as_deref() })
    })
}

/// A record as the consumer read it, and whose it is.
pub(crate) fn incoming(message: &BorrowedMessage<'_>) -> (Partition, StoredRecord) {
    let record = NewRecord {
        key: message.key().map(Bytes::copy_from_slice),
        headers: message.headers().map(incoming_headers).unwrap_or_default(),
        value: message.payload().map(Bytes::copy_from_slice),
        timestamp: message.timestamp().to_millis().unwrap_or(UNDATED),
    };
    let partition = Partition(u16::try_from(message.partition()).unwrap_or(u16::MAX));
    (
        partition,
        StoredRecord { offset: u64::try_from(message.offset()).unwrap_or(u64::MAX), record },
    )
}

fn incoming_headers(headers: &BorrowedHeaders) -> Vec<Header> {
    // rdkafka panics at a header whose name is not UTF-8. Sklep writes none, so such a record is foreign,
    // and foreign records must stop nobody: it is read without headers.
    catch_unwind(AssertUnwindSafe(|| headers.iter().map(|header| owned(&header)).collect()))
        .unwrap_or_default()
}

fn owned(header: &KafkaHeader<'_, &[u8]>) -> Header {
    Header { name: header.key.to_owned(), value: header.value.map(Bytes::copy_from_slice) }
}
