use std::collections::BTreeMap;

use super::{Severity, judge};
use crate::{
    Partition,
    kafka::{KafkaSettings, topic::TopicMetadata},
};

fn good() -> TopicMetadata {
    let config = [
        ("cleanup.policy", "delete"),
        ("retention.ms", "-1"),
        ("retention.bytes", "-1"),
        ("unclean.leader.election.enable", "false"),
        ("message.timestamp.type", "CreateTime"),
        ("message.timestamp.before.max.ms", "9223372036854775807"),
        ("message.timestamp.after.max.ms", "9223372036854775807"),
        ("max.message.bytes", "1048588"),
        ("min.insync.replicas", "2"),
    ];
    TopicMetadata {
        replicas: vec![3, 3],
        in_sync: vec![3, 3],
        starts: vec![(Partition(0), 0), (Partition(1), 0)],
        config: BTreeMap::from(config.map(|(name, value)| (name.to_owned(), value.to_owned()))),
    }
}

fn settings() -> KafkaSettings {
    KafkaSettings::new("kafka:9092", "sklep.events")
}

/// Checks that the facts come to exactly this one thing that is not fine.
fn check(facts: &TopicMetadata, severity: Severity, what: &str, remedy: &str) {
    let findings = judge(&settings(), Some(facts), None);
    let bad: Vec<_> =
        findings.into_iter().filter(|finding| finding.severity != Severity::Fine).collect();
    let [finding] = bad.as_slice() else { panic!("not one finding: {bad:?}") };
    assert_eq!(finding.severity, severity);
    assert!(finding.to_string().contains(what), "{finding}");
    assert!(finding.remedy.as_deref().unwrap_or_default().contains(remedy), "{finding}");
}

#[test]
fn a_topic_as_it_should_be_is_fine() {
    assert!(
        judge(&settings(), Some(&good()), None)
            .iter()
            .all(|finding| finding.severity == Severity::Fine)
    );
}

#[test]
fn each_setting_that_can_lose_or_refuse_records_is_refused_with_what_to_type() {
    let bad = [
        ("cleanup.policy", "compact", "delete"),
        ("cleanup.policy", "compact,delete", "delete"),
        ("retention.ms", "604800000", "-1"),
        ("retention.bytes", "1000000", "-1"),
        ("unclean.leader.election.enable", "true", "false"),
        ("message.timestamp.type", "LogAppendTime", "CreateTime"),
        ("message.timestamp.before.max.ms", "86400000", "9223372036854775807"),
        ("message.timestamp.after.max.ms", "60000", "9223372036854775807"),
        ("message.timestamp.difference.max.ms", "60000", "9223372036854775807"),
        ("max.message.bytes", "16000", "1048588"),
    ];
    for (name, value, wanted) in bad {
        let mut facts = good();
        facts.config.insert(name.to_owned(), value.to_owned());
        let remedy = format!(
            "kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type topics \
             --entity-name sklep.events --add-config {name}={wanted}"
        );
        check(&facts, Severity::Refuses, &format!("{name} is {value}"), &remedy);
    }
}

#[test]
fn a_topic_that_lost_its_beginning_is_refused() {
    let mut facts = good();
    facts.starts = vec![(Partition(0), 0), (Partition(1), 5)];
    check(&facts, Severity::Refuses, "partition 1 begins at 5", "sklep import FILE");
}

#[test]
fn more_replicas_in_sync_than_there_are_is_refused() {
    let mut facts = good();
    facts.config.insert("min.insync.replicas".to_owned(), "4".to_owned());
    check(&facts, Severity::Refuses, "nothing could be appended", "min.insync.replicas=2");
}

#[test]
fn acknowledgements_by_one_broker_are_warned_of() {
    let mut facts = good();
    facts.config.insert("min.insync.replicas".to_owned(), "1".to_owned());
    check(&facts, Severity::Warns, "min.insync.replicas is 1", "min.insync.replicas=2");
}

#[test]
fn a_single_copy_is_warned_of() {
    let mut facts = good();
    facts.replicas = vec![1, 1];
    facts.config.insert("min.insync.replicas".to_owned(), "1".to_owned());
    let findings = judge(&settings(), Some(&facts), None);
    assert_eq!(findings.iter().filter(|finding| finding.severity == Severity::Warns).count(), 2);
}

#[test]
fn another_number_of_partitions_than_asked_for_is_refused() {
    let asked = KafkaSettings { partitions: Some(12), ..settings() };
    for begun in [None, Some(2)] {
        let findings = judge(&asked, Some(&good()), begun);
        let mut refusals = findings.iter().filter(|it| it.severity == Severity::Refuses);
        let finding = refusals.next().expect("a refusal").to_string();
        assert!(finding.contains("has 2 partitions, but 12 were asked for"), "{finding}");
        assert!(finding.contains("--partitions 2"), "{finding}");
    }
}

#[test]
fn a_topic_that_is_not_there_is_told() {
    let findings = judge(&settings(), None, None);
    assert_eq!(findings.len(), 1);
    assert!(findings[0].what.contains("there is no topic sklep.events"));
}

#[test]
fn kafkas_own_limit_for_clocks_that_are_ahead_is_warned_of() {
    let mut facts = good();
    facts.config.insert("message.timestamp.after.max.ms".to_owned(), "3600000".to_owned());
    check(&facts, Severity::Warns, "is 3600000", "after.max.ms=9223372036854775807");
}

#[test]
fn too_few_replicas_in_sync_are_warned_of() {
    let mut facts = good();
    facts.in_sync = vec![3, 1];
    check(&facts, Severity::Warns, "partition 1 has 1", "start the brokers");
}

#[test]
fn a_topic_that_grew_is_named_whatever_was_asked_for() {
    let grown = good();
    for wanted in [None, Some(1), Some(2)] {
        let asked = KafkaSettings { partitions: wanted, ..settings() };
        let findings = judge(&asked, Some(&grown), Some(1));
        let bad: Vec<_> =
            findings.iter().filter(|finding| finding.severity == Severity::Refuses).collect();
        let [finding] = bad.as_slice() else { panic!("not one finding: {bad:?}") };
        assert!(
            finding.what.contains("2 partitions now, but the log was begun with 1"),
            "{finding}"
        );
        let remedy = finding.remedy.as_deref().unwrap_or_default();
        assert!(
            remedy.contains("sklep export FILE") && !remedy.contains("--partitions"),
            "{remedy}"
        );
    }
}

#[test]
fn an_unfinished_import_is_named_and_nobody_is_told_to_take_the_mark_away() {
    let mut facts = good();
    facts.config.insert("retention.ms".to_owned(), "9223372036854775806".to_owned());
    check(&facts, Severity::Refuses, "unfinished `sklep import`", "run the same import again");
    assert!(
        judge(&settings(), Some(&facts), None).iter().all(|it| !it.to_string().contains("=-1"))
    );
}
