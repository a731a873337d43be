//! Messages from the records of a topic.

use event_log::{
    KafkaSettings,
    kafka::foreign::{self, ForeignRecord, Until},
};
use tokio::sync::mpsc;

use super::{READ_AHEAD, Source, message};
use crate::deliver::{Mark, Message};

/// Reads the topic; must be called on a Tokio runtime.
pub(super) fn read(settings: KafkaSettings, until: Until) -> Source {
    let (sender, source) = mpsc::channel(READ_AHEAD);
    let mut records = foreign::read(settings, until);
    tokio::spawn(async move {
        while let Some(record) = records.recv().await {
            let message = record.map(message_of).map_err(anyhow::Error::from);
            // The run may have ended before the topic.
            if sender.send(message).await.is_err() {
                return;
            }
        }
    });
    source
}

fn message_of(record: ForeignRecord) -> Message {
    let ForeignRecord { partition, offset, value } = record;
    let wish = message::wish(value.as_deref());
    let raw = value.map(Vec::from).unwrap_or_default();
    Message { mark: Mark { partition, number: offset }, wish, raw }
}
