//! What could refuse an append, or make it worth less than it says.

use super::{
    finding::{Finding, alter, fine, refuses, warns},
    stored::expect,
};
use crate::kafka::{
    KafkaSettings,
    options::{BATCH_BYTES, LEAST_MESSAGE_BYTES},
    topic::TopicMetadata,
};

/// No limit.
const ANY_TIME: i64 = i64::MAX;
/// Kafka's own limit for clocks that are ahead, since version 4.
const AN_HOUR: i64 = 60 * 60 * 1000;
/// Kafka's own limit for what is sent at once.
const USUAL_MESSAGE_BYTES: u64 = 1_048_588;

/// Everything that bears on what is appended.
pub(super) fn judge(settings: &KafkaSettings, facts: &TopicMetadata) -> Vec<Finding> {
    let mut findings = vec![sizes(settings, facts), history(settings, facts)];
    findings.push(fast_clocks(settings, facts));
    findings.extend(older_limit(settings, facts));
    findings.extend(copies(settings, facts));
    findings.push(in_sync(facts));
    findings
}

fn sizes(settings: &KafkaSettings, facts: &TopicMetadata) -> Finding {
    let name = "max.message.bytes";
    match number(facts, name) {
        Some(most) if most >= LEAST_MESSAGE_BYTES => fine(name, format!("{name} is {most}")),
        Some(most) => refuses(
            name,
            format!("{name} is {most}, less than {LEAST_MESSAGE_BYTES}"),
            Some(&format!(
                "Kafka refuses what is larger, and the shop sends events together, up to {BATCH_BYTES} bytes"
            )),
            alter(settings, &format!("{name}={USUAL_MESSAGE_BYTES}")),
        ),
        None => expect(settings, facts, name, "1048588", ""),
    }
}

fn history(settings: &KafkaSettings, facts: &TopicMetadata) -> Finding {
    let (name, wanted) = ("message.timestamp.before.max.ms", ANY_TIME.to_string());
    let why = "Kafka refuses records that are older when they come, as imported ones are, and those of a clock that is behind";
    expect(settings, facts, name, &wanted, why)
}

/// A clock that was ahead once leaves its time in the log, and no later record may have an earlier one.
fn fast_clocks(settings: &KafkaSettings, facts: &TopicMetadata) -> Finding {
    let (name, wanted) = ("message.timestamp.after.max.ms", ANY_TIME.to_string());
    let why = "Kafka refuses records of a clock that is further ahead, and the shop's times never go back";
    let limit = facts.config.get(name).and_then(|value| value.parse::<i64>().ok());
    match limit {
        Some(limit) if (AN_HOUR..ANY_TIME).contains(&limit) => {
            let remedy = alter(settings, &format!("{name}={wanted}"));
            warns(name, format!("{name} is {limit}"), why, remedy)
        }
        Some(_) | None => expect(settings, facts, name, &wanted, why),
    }
}

/// What the two before replaced; before Kafka 4 it is there too, and in force.
fn older_limit(settings: &KafkaSettings, facts: &TopicMetadata) -> Option<Finding> {
    let (name, wanted) = ("message.timestamp.difference.max.ms", ANY_TIME.to_string());
    let why = "Kafka refuses records of other times, as imported ones are, and those of a clock that is wrong";
    facts.config.contains_key(name).then(|| expect(settings, facts, name, &wanted, why))
}

/// How many copies of a record there are, and how many of them an acknowledgement stands for.
fn copies(settings: &KafkaSettings, facts: &TopicMetadata) -> Vec<Finding> {
    let name = "min.insync.replicas";
    let replicas = facts.replicas.iter().copied().min().unwrap_or(0);
    let in_sync = facts.config.get(name).and_then(|value| value.parse::<usize>().ok()).unwrap_or(1);
    let replication = match replicas {
        0 | 1 => warns(
            "replication",
            "each record is stored on one broker only".to_owned(),
            "with its disk the log is lost",
            "add brokers, and then copies by `kafka-reassign-partitions.sh`".to_owned(),
        ),
        copies => fine("replication", format!("each record is stored on {copies} brokers")),
    };
    let acknowledged = if in_sync > replicas {
        refuses(
            name,
            format!("{name} is {in_sync}, but there are only {replicas} replicas"),
            Some("nothing could be appended"),
            alter(settings, &format!("{name}={}", replicas.saturating_sub(1).max(1))),
        )
    } else if in_sync == 1 {
        let remedy = alter(settings, &format!("{name}=2"));
        let first = if replicas < 2 { "add replicas first, then " } else { "" };
        let means = "an acknowledged record may be on one broker only";
        warns(name, format!("{name} is 1"), means, format!("{first}{remedy}"))
    } else {
        fine(name, format!("an acknowledged record is on {in_sync} brokers at least"))
    };
    vec![replication, acknowledged]
}

/// Whether every partition can be appended to now. It passes when the brokers are back, and nothing is lost meanwhile.
fn in_sync(facts: &TopicMetadata) -> Finding {
    let check = "in-sync";
    let needed = number(facts, "min.insync.replicas").unwrap_or(1);
    let short: Vec<String> = (0_u16..)
        .zip(facts.in_sync.iter().zip(&facts.replicas))
        // More than there are at all is another finding.
        .filter(|(_, (in_sync, all))| *in_sync < *all && size(**in_sync) < needed)
        .map(|(partition, (in_sync, _))| format!("partition {partition} has {in_sync}"))
        .collect();
    if short.is_empty() {
        return fine(check, "every partition has enough replicas in sync".to_owned());
    }
    let what = format!("an append needs {needed} replicas in sync: {}", short.join(", "));
    let means = "until then nothing can be appended there; what was answered is safe";
    warns(check, what, means, "start the brokers that are away".to_owned())
}

fn size(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn number(facts: &TopicMetadata, name: &str) -> Option<u64> {
    facts.config.get(name)?.parse().ok()
}
