//! A topic that could lose records is refused, and the refusal says what to type.

use event_log::{
    EventLog, KafkaLog, KafkaSettings, LogError, NewRecord, Partition,
    kafka::{
        Sasl, Secret, Security,
        contract::{Severity, examine},
    },
};
use rdkafka::{TopicPartitionList, admin::AdminOptions, topic_partition_list::Offset};

use crate::support::{admin, alter_topic, append, create_topic, record, settings, store};

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
    let what = refused_for(name, value).await;
    assert!(what.contains(&format!("{name} is {value}, not {right}")), "{what}");
    assert!(what.contains(&format!("--add-config {name}={right}")), "{what}");
}

/// What is said of a topic with which only this is wrong.
async fn refused_for(name: &str, value: &str) -> String {
    let brokers = testkit::kafka();
    let settings = settings(brokers, 2);
    let mut config: Vec<_> = RIGHT.into_iter().filter(|(other, _)| *other != name).collect();
    config.push((name, value));
    create_topic(brokers, &settings.topic, 2, &config).await;
    let what = refusal(settings.clone()).await;
    let command = format!(
        "kafka-configs.sh --bootstrap-server {brokers} --alter --entity-type topics --entity-name {} \
         --add-config {name}=",
        settings.topic
    );
    assert!(what.contains(&command), "{what}");
    assert_eq!(what.lines().count(), 2, "one thing is wrong: {what}");
    what
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
async fn a_topic_that_takes_only_small_records_is_refused() {
    for value in ["16000", "200"] {
        let what = refused_for("max.message.bytes", value).await;
        assert!(
            what.contains(&format!("max.message.bytes is {value}, less than 262144")),
            "{what}"
        );
        assert!(what.contains("--add-config max.message.bytes=1048588"), "{what}");
    }
}

#[tokio::test]
async fn a_topic_that_refuses_times_is_refused() {
    let any = "9223372036854775807";
    check("message.timestamp.before.max.ms", "86400000", any).await;
    check("message.timestamp.after.max.ms", "1000", any).await;
}

/// Whatever is wrong with a topic's configuration, typing what the refusal says mends it.
#[tokio::test]
async fn each_remedy_for_the_configuration_works() {
    let settings = settings(testkit::kafka(), 2);
    let wrong = [
        ("cleanup.policy", "compact"),
        ("retention.ms", "604800000"),
        ("retention.bytes", "1000000000"),
        ("unclean.leader.election.enable", "true"),
        ("message.timestamp.type", "LogAppendTime"),
        ("message.timestamp.before.max.ms", "86400000"),
        ("message.timestamp.after.max.ms", "1000"),
        ("max.message.bytes", "200"),
        ("min.insync.replicas", "3"),
    ];
    create_topic(testkit::kafka(), &settings.topic, 2, &wrong).await;
    let findings = examine(&settings).await.expect("findings");
    let bad: Vec<_> = findings.iter().filter(|it| it.severity == Severity::Refuses).collect();
    assert_eq!(bad.len(), wrong.len(), "{bad:?}");
    let told: Vec<(&str, &str)> = bad
        .iter()
        .map(|finding| {
            let remedy = finding.remedy.as_deref().expect("a remedy");
            let (command, entry) = remedy.split_once(" --add-config ").expect("an entry");
            assert!(command.starts_with("kafka-configs.sh") && command.contains(&settings.topic));
            entry.split_once('=').expect("a name and a value")
        })
        .collect();
    alter_topic(&settings.topic, &told).await;
    KafkaLog::open(settings).await.expect("the log opens");
}

/// The brokers answer, and what they say is told: it is no outage, and waiting does not help.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_kafka_refuses_is_told_as_that() {
    let settings = settings(testkit::kafka(), 1);
    let log = KafkaLog::open(settings.clone()).await.expect("the log opens");
    store(&*log, 0, record("fits")).await;
    let mut config = RIGHT.to_vec();
    config.extend([("max.message.bytes", "1000"), ("message.timestamp.after.max.ms", "1000")]);
    alter_topic(&settings.topic, &config).await;
    let large = record(&"x".repeat(2_000));
    let ahead = NewRecord { timestamp: 4_102_444_800_000, ..record("of the next century") };
    for (wrong, why) in [(large, "max.message.bytes"), (ahead, "message.timestamp.after.max.ms")] {
        let error = append(&*log, 0, wrong).await.expect("a receipt").expect_err("refused");
        let why_not = error.refusal().unwrap_or_else(|| panic!("{error:?}"));
        assert!(why_not.0.starts_with("Kafka refuses the record: "), "{why_not}");
        assert!(why_not.0.contains(why), "{why_not}");
    }
    store(&*log, 0, record("fits too")).await;
    assert_eq!(log.end(Partition(0)).await.expect("an end"), 2);
}

/// What is sent together is not larger than what the contract asks of a topic.
#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_takes_just_enough_takes_everything() {
    let settings = settings(testkit::kafka(), 1);
    let mut config = RIGHT.to_vec();
    config.push(("max.message.bytes", "262144"));
    create_topic(testkit::kafka(), &settings.topic, 1, &config).await;
    let log = KafkaLog::open(settings).await.expect("the log opens");
    let text = "x".repeat(4_000);
    let receipts: Vec<_> = (0..1_000).map(|_| append(&*log, 0, record(&text))).collect();
    for receipt in receipts {
        receipt.await.expect("a receipt").expect("stored");
    }
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
    assert_eq!(log.partitions(), event_log::DEFAULT_PARTITIONS);
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
