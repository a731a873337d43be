//! Logs of one's own on the shared Kafka, and short ways to use them.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use event_log::{
    Batch, EventLog, KafkaLog, KafkaSettings, LogError, NewRecord, Offset, Partition, RecordStream,
    StoredRecord,
};
use rdkafka::{
    ClientConfig,
    admin::{
        AdminClient, AdminOptions, AlterConfig, NewTopic, ResourceSpecifier, TopicReplication,
    },
    client::DefaultClientContext,
    types::RDKafkaErrorCode,
};
use tokio::sync::oneshot;

/// Longer than anything takes that goes well.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Settings for a topic that no other test uses.
pub(crate) fn settings(brokers: &str, partitions: u16) -> KafkaSettings {
    KafkaSettings {
        partitions: Some(partitions),
        ..KafkaSettings::new(brokers, testkit::unique("log"))
    }
}

/// A new log on the shared Kafka.
pub(crate) async fn new_log(partitions: u16) -> Arc<KafkaLog> {
    KafkaLog::open(settings(testkit::kafka(), partitions)).await.expect("the log opens")
}

/// A record with this text for a value.
pub(crate) fn record(text: &str) -> NewRecord {
    NewRecord {
        key: Some(Bytes::copy_from_slice(b"anna")),
        headers: [("ce_type", Some("test"))].into_iter().collect(),
        value: Some(Bytes::copy_from_slice(text.as_bytes())),
        timestamp: 1_795_352_759_123,
    }
}

/// Appends and gives what the receipt will say.
pub(crate) fn append(
    log: &dyn EventLog,
    partition: u16,
    record: NewRecord,
) -> oneshot::Receiver<Result<Option<Offset>, LogError>> {
    let (tell, told) = oneshot::channel();
    log.append(Partition(partition), record, Box::new(move |fate| drop(tell.send(fate))));
    told
}

/// Appends and waits until it is stored.
pub(crate) async fn store(log: &dyn EventLog, partition: u16, record: NewRecord) -> Option<Offset> {
    append(log, partition, record).await.expect("a receipt").expect("stored")
}

/// The tail's next batch.
pub(crate) async fn next(tail: &mut RecordStream) -> Result<Batch, LogError> {
    tokio::time::timeout(PATIENCE, tail.recv())
        .await
        .expect("something within the time")
        .expect("not ended")
}

/// Records of one partition, as many as asked for or more.
pub(crate) async fn follow_records(tail: &mut RecordStream, count: usize) -> Vec<StoredRecord> {
    let mut records = Vec::new();
    while records.len() < count {
        records.extend(next(tail).await.expect("a batch").records);
    }
    records
}

/// What the records hold, as text.
pub(crate) fn texts(records: &[StoredRecord]) -> Vec<String> {
    let text = |stored: &StoredRecord| {
        String::from_utf8_lossy(stored.record.value.as_deref().unwrap_or_default()).into()
    };
    records.iter().map(text).collect()
}

/// Their offsets.
pub(crate) fn offsets(records: &[StoredRecord]) -> Vec<Offset> {
    records.iter().map(|stored| stored.offset).collect()
}

/// A client that manages topics.
pub(crate) fn admin(brokers: &str) -> AdminClient<DefaultClientContext> {
    ClientConfig::new().set("bootstrap.servers", brokers).create().expect("an admin client")
}

/// Creates a topic as somebody else would, and waits until it can be used.
pub(crate) async fn create_topic(
    brokers: &str,
    name: &str,
    partitions: i32,
    config: &[(&str, &str)],
) {
    let topic = NewTopic {
        config: config.to_vec(),
        ..NewTopic::new(name, partitions, TopicReplication::Fixed(1))
    };
    let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
    // A topic that was just deleted may still be going.
    for _ in 0..100 {
        let created = admin(brokers).create_topics([&topic], &options).await.expect("an answer");
        match &created[0] {
            Ok(_) => return,
            Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => panic!("{name} could not be created: {error:?}"),
        }
    }
    panic!("{name} exists already");
}

/// Sets this configuration, and no other, for a topic.
pub(crate) async fn alter_topic(name: &str, config: &[(&str, &str)]) {
    let mut change = AlterConfig::new(ResourceSpecifier::Topic(name));
    change.entries.extend(config.iter().copied());
    let answers = admin(testkit::kafka()).alter_configs([&change], &AdminOptions::new()).await;
    assert!(answers.expect("an answer").iter().all(Result::is_ok));
}

/// Deletes a topic.
pub(crate) async fn delete_topic(brokers: &str, name: &str) {
    let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
    let deleted = admin(brokers).delete_topics(&[name], &options).await.expect("an answer");
    deleted[0].as_ref().expect("the topic was there");
}
