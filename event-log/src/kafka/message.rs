//! Records as Kafka's client takes and gives them.

use std::{
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
};

use bytes::BytesMut;
use rdkafka::{
    message::{
        BorrowedHeaders, BorrowedMessage, Header as KafkaHeader, Headers, Message, OwnedHeaders,
    },
    producer::BaseRecord,
    util::IntoOpaque,
};

use crate::{Header, NewRecord, Partition, StoredRecord, record::header_name};

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
    let (headers, values) = message.headers().map(incoming_headers).unwrap_or_default();
    let parts = Parts { key: message.key(), value: message.payload(), values };
    let record = parts.record(headers, message.timestamp().to_millis().unwrap_or(UNDATED));
    let partition = Partition(u16::try_from(message.partition()).unwrap_or(u16::MAX));
    (
        partition,
        StoredRecord { offset: u64::try_from(message.offset()).unwrap_or(u64::MAX), record },
    )
}

type Names = Vec<Cow<'static, str>>;
type Values<'m> = Vec<Option<&'m [u8]>>;

fn incoming_headers(headers: &BorrowedHeaders) -> (Names, Values<'_>) {
    let read = || headers.iter().map(|header| (header_name(header.key), header.value)).unzip();
    // rdkafka panics at a header whose name is not UTF-8. Sklep writes none, so such a record is foreign,
    // and foreign records must stop nobody: it is read without headers.
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_default()
}

/// What of a record is bytes. All of it is copied into one block, as a record has more than a dozen parts.
struct Parts<'m> {
    key: Option<&'m [u8]>,
    value: Option<&'m [u8]>,
    values: Values<'m>,
}

impl Parts<'_> {
    fn record(self, names: Names, timestamp: i64) -> NewRecord {
        let all = [self.key, self.value].into_iter().chain(self.values.iter().copied());
        let length = all.clone().flatten().map(<[u8]>::len).fold(0, usize::saturating_add);
        let mut block = BytesMut::with_capacity(length);
        all.flatten().for_each(|part| block.extend_from_slice(part));
        let mut block = block.freeze();
        let mut next = |part: Option<&[u8]>| part.map(|part| block.split_to(part.len()));
        let (key, value) = (next(self.key), next(self.value));
        let values = self.values.into_iter().map(next);
        let headers = names.into_iter().zip(values);
        let headers = headers.map(|(name, value)| Header { name, value }).collect();
        NewRecord { key, headers, value, timestamp }
    }
}
