//! Records as Kafka's client takes and gives them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use rdkafka::{
    message::{
        BorrowedHeaders, BorrowedMessage, Header as KafkaHeader, Headers as _, Message,
        OwnedHeaders,
    },
    producer::BaseRecord,
    util::IntoOpaque,
};

use crate::{Headers, NewRecord, Partition, StoredRecord, headers};

/// So many bytes are mostly enough for an event's headers.
const HEADERS: usize = 512;

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

fn outgoing_headers(headers: &Headers) -> OwnedHeaders {
    headers.iter().fold(OwnedHeaders::new_with_capacity(headers.count()), |all, header| {
        all.insert(KafkaHeader { key: header.name, value: header.value })
    })
}

/// A record as the consumer read it, and whose it is.
pub(crate) fn incoming(message: &BorrowedMessage<'_>) -> (Partition, StoredRecord) {
    let (key, value) = (message.key(), message.payload());
    // All of it becomes one block, which the parts share.
    let parts = [key, value].into_iter().flatten();
    let length = parts.clone().map(<[u8]>::len).fold(HEADERS, usize::saturating_add);
    let mut block = Vec::with_capacity(length);
    parts.for_each(|part| block.extend_from_slice(part));
    if let Some(headers) = message.headers() {
        put_headers(&mut block, headers);
    }
    let mut block = Bytes::from(block);
    let mut next = |part: Option<&[u8]>| part.map(|part| block.split_to(part.len()));
    let (key, value) = (next(key), next(value));
    let timestamp = message.timestamp().to_millis().unwrap_or(UNDATED);
    let record = NewRecord { key, value, headers: Headers::written(block), timestamp };
    let partition = Partition(u16::try_from(message.partition()).unwrap_or(u16::MAX));
    let offset = u64::try_from(message.offset()).unwrap_or(u64::MAX);
    (partition, StoredRecord { offset, record })
}

fn put_headers(block: &mut Vec<u8>, headers: &BorrowedHeaders) {
    let before = block.len();
    let put = || headers.iter().for_each(|it| headers::put(block, it.key, it.value));
    // rdkafka panics at a header whose name is not UTF-8. Sklep writes none, so such a record is foreign,
    // and foreign records must stop nobody: it is read without headers.
    if catch_unwind(AssertUnwindSafe(put)).is_err() {
        block.truncate(before);
    }
}
