//! Messages from the records of a topic.

use event_log::{
    KafkaSettings,
    kafka::source_topic::{self, SourceRecord, Until},
};

use super::{READ_AHEAD, message};
use crate::bulk_submit::{Message, Source, SourcePosition, on_thread};

/// Reads the topic.
pub(super) fn read(settings: KafkaSettings, until: Until) -> Source {
    let records = source_topic::read(settings, until);
    on_thread(READ_AHEAD, records.map(|record| Ok(message_of(record?))))
}

fn message_of(record: SourceRecord) -> Message {
    let SourceRecord { partition, offset, value } = record;
    let wish = message::wish(value.as_deref());
    let raw = value.map(Vec::from).unwrap_or_default();
    Message { mark: SourcePosition { partition, number: offset }, wish, raw }
}
