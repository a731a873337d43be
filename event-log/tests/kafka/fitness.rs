//! A topic that could lose records is refused, and the refusal says what to type.

use event_log::{
    EventLog, KafkaLog, KafkaSettings, LogError, Partition,
    kafka::{
        Sasl, Secret, Security,
        contract::{Severity, examine},
    },
};
use rdkafka::{TopicPartitionList, admin::AdminOptions, topic_partition_list::Offset};

use crate::support::{admin, append, create_topic, record, settings, store};

/// The settings that a topic needs, in which one is put wrong.
const RIGHT: [(&str, &str); 4] = [
    ("cleanup.policy", "delete"),
    ("retention.ms", "-1"),
    ("retention.bytes", "-1"),
    ("message.timestamp.type", "CreateTime"),
];

async fn refusal(settings: KafkaSettings) -> String {
    match KafkaLog::open(settings).await.expect_err("it is refused") {
        LogError::Unfit(what) => what,
        unavailable @ LogError::Unavailable(_) => panic!("{unavailable}"),
    }
}

async fn check(name: &str, value: &str, right: &str) {
    let brokers = testkit::kafka();
    let settings = settings(brokers, 2);
    let mut config: Vec<_> = RIGHT.into_iter().filter(|(other, _)| *other != name).collect();
    config.push((name, value));
    create_topic(brokers, &settings.topic, 2, &config).await;
    let what = refusal(settings.clone()).await;
    assert!(what.contains(&format!("{name} is {value}, not {right}")), "{what}");
    let command = format!(
        "kafka-configs.sh --bootstrap-server {brokers} --alter --entity-type topics --entity-name {} \
         --add-config {name}={right}",
        settings.topic
    );
    assert!(what.contains(&command), "{what}");
    assert_eq!(what.lines().count(), 2, "one thing is wrong: {what}");
}

#[tokio::test]
async fn a_compacted_topic_is_refused() {
    check("cleanup.policy", "compact", "delete").await;
}

#[tokio::test]
async fn a_topic_with_finite_retention_is_refused() {
    check("retention.ms", "604800000", "-1").await;
    check("retention.bytes", "1000000000", "-1").await;
}

#[tokio::test]
async fn unclean_leader_election_is_refused() {
    check("unclean.leader.election.enable", "true", "false").await;
}

#[tokio::test]
async fn times_by_the_broker_are_refused() {
    check("message.timestamp.type", "LogAppendTime", "CreateTime").await;
}

#[tokio::test]
async fn a_topic_with_kafkas_defaults_is_refused_for_its_retention() {
    let settings = settings(testkit::kafka(), 1);
    create_topic(testkit::kafka(), &settings.topic, 1, &[]).await;
    let what = refusal(settings).await;
    assert!(what.contains("retention.ms is 604800000"), "{what}");
}

#[tokio::test]
async fn a_topic_that_lost_its_beginning_is_refused() {
    let brokers = testkit::kafka();
    let settings = settings(brokers, 2);
    let log = KafkaLog::open(settings.clone()).await.expect("the log opens");
    for _ in 0..3 {
        store(&*log, 1, record("a")).await;
    }
    let mut records = TopicPartitionList::new();
    records.add_partition_offset(&settings.topic, 1, Offset::Offset(2)).expect("a valid offset");
    admin(brokers).delete_records(&records, &AdminOptions::new()).await.expect("deleted");
    let what = refusal(settings).await;
    assert!(what.contains("partition 1 begins at 2"), "{what}");
    // The one that was open meets it too.
    let error = log.read(Partition(1), 0, 1).await.expect_err("it is gone");
    assert!(error.to_string().contains("no longer has its records from 0 on"), "{error}");
}

#[tokio::test]
async fn the_topic_keeps_its_number_of_partitions() {
    let three = settings(testkit::kafka(), 3);
    drop(KafkaLog::open(three.clone()).await.expect("the log opens"));
    let whatever = KafkaSettings { partitions: None, ..three.clone() };
    assert_eq!(KafkaLog::open(whatever).await.expect("the log opens").partitions(), 3);
    let what = refusal(KafkaSettings { partitions: Some(4), ..three }).await;
    assert!(what.contains("has 3 partitions, but 4 were asked for"), "{what}");
}

#[tokio::test]
async fn a_new_topic_is_as_it_should_be() {
    let settings = KafkaSettings { partitions: None, ..settings(testkit::kafka(), 1) };
    let before = examine(&settings).await.expect("findings");
    assert!(before[0].what.contains("there is no topic"), "{before:?}");
    let log = KafkaLog::open(settings.clone()).await.expect("the log opens");
    assert_eq!(log.partitions(), KafkaSettings::DEFAULT_PARTITIONS);
    let findings = examine(&settings).await.expect("findings");
    assert!(findings.iter().all(|finding| finding.severity != Severity::Refuses), "{findings:?}");
    // One broker, so one copy.
    let warnings = findings.iter().filter(|finding| finding.severity == Severity::Warns);
    assert_eq!(warnings.count(), 2, "{findings:?}");
}

#[tokio::test]
async fn two_may_open_a_new_topic_at_once() {
    let settings = settings(testkit::kafka(), 2);
    let (one, other) = tokio::join!(KafkaLog::open(settings.clone()), KafkaLog::open(settings));
    append(&*one.expect("opens"), 0, record("a")).await.expect("a receipt").expect("stored");
    append(&*other.expect("opens"), 0, record("b")).await.expect("a receipt").expect("stored");
}

#[tokio::test]
async fn a_name_that_kafka_does_not_allow_is_refused() {
    let settings = KafkaSettings { topic: "no spaces".into(), ..settings(testkit::kafka(), 1) };
    let what = refusal(settings).await;
    assert!(what.contains("no spaces"), "{what}");
}

#[tokio::test]
async fn brokers_that_cannot_be_reached_are_unavailable() {
    let error = KafkaLog::open(settings("127.0.0.1:9", 1)).await.expect_err("nobody is there");
    assert!(matches!(error, LogError::Unavailable(_)), "{error}");
}

#[cfg(not(feature = "tls"))]
#[tokio::test]
async fn security_that_was_not_built_in_is_refused() {
    let sasl = Sasl {
        mechanism: "PLAIN".into(),
        username: "anna".into(),
        password: Secret("secret".into()),
    };
    let security = Security { tls: None, sasl: Some(sasl) };
    let settings = KafkaSettings { security, ..settings("127.0.0.1:9", 1) };
    assert!(!format!("{settings:?}").contains("secret"));
    let what = refusal(settings).await;
    assert!(what.contains("--features tls"), "{what}");
}
