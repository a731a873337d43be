//! What the topic must be like for the ledger to hold, and what to type where it is not.

use std::{fmt, sync::Arc};

use crate::LogError;

use super::{
    KafkaSettings,
    topic::{self, Facts},
};

#[cfg(test)]
mod tests;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// As it should be.
    Fine,
    /// It works, but an accident can cost more than it need.
    Warns,
    /// Sklep does not run on it.
    Refuses,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which thing, by a name that stays.
    pub check: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What was found.
    pub what: String,
    /// What follows from it, where it is not fine.
    pub means: Option<String>,
    /// What to do about it: mostly a command to type.
    pub remedy: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.means.as_ref().map_or(Ok(()), |means| write!(f, ": {means}"))?;
        self.remedy.as_ref().map_or(Ok(()), |remedy| write!(f, "; to mend it: {remedy}"))
    }
}

/// Looks at the topic as it is, without changing anything.
pub async fn examine(settings: &KafkaSettings) -> Result<Vec<Finding>, LogError> {
    let facts = topic::facts(&Arc::new(settings.clone())).await?;
    Ok(judge(settings, facts.as_ref()))
}

/// Whether there is a topic of this name.
pub async fn topic_exists(settings: &KafkaSettings) -> Result<bool, LogError> {
    Ok(topic::facts(&Arc::new(settings.clone())).await?.is_some())
}

/// What the facts come to.
pub(crate) fn judge(settings: &KafkaSettings, facts: Option<&Facts>) -> Vec<Finding> {
    let Some(facts) = facts else {
        let what = format!("there is no topic {}", settings.topic);
        return vec![refuses("topic", what, None, "`sklep serve` creates it".to_owned())];
    };
    let mut findings = vec![
        partitions(settings, facts),
        cleanup(settings, facts),
        retention(settings, facts, "retention.ms"),
        retention(settings, facts, "retention.bytes"),
        unclean_election(settings, facts),
        timestamps(settings, facts),
        starts(settings, facts),
    ];
    findings.extend(copies(settings, facts));
    findings
}

fn partitions(settings: &KafkaSettings, facts: &Facts) -> Finding {
    let there = facts.partitions();
    match settings.partitions {
        Some(wanted) if wanted != there => refuses(
            "partitions",
            format!("the topic has {there} partitions, but {wanted} were asked for"),
            Some("a log keeps the number it began with"),
            format!("leave `--partitions` out, or say `--partitions {there}`"),
        ),
        Some(_) | None => fine("partitions", format!("{there} partitions")),
    }
}

fn cleanup(settings: &KafkaSettings, facts: &Facts) -> Finding {
    expect(settings, facts, "cleanup.policy", "delete", "records that are compacted away are lost")
}

fn retention(settings: &KafkaSettings, facts: &Facts, name: &'static str) -> Finding {
    expect(settings, facts, name, "-1", "Kafka removes records, and the log is the only truth")
}

fn unclean_election(settings: &KafkaSettings, facts: &Facts) -> Finding {
    let name = "unclean.leader.election.enable";
    expect(
        settings,
        facts,
        name,
        "false",
        "a replica that lacks acknowledged records could become the leader",
    )
}

fn timestamps(settings: &KafkaSettings, facts: &Facts) -> Finding {
    let name = "message.timestamp.type";
    expect(
        settings,
        facts,
        name,
        "CreateTime",
        "records would not keep their times when they are imported",
    )
}

fn expect(
    settings: &KafkaSettings,
    facts: &Facts,
    name: &'static str,
    wanted: &str,
    why: &str,
) -> Finding {
    match facts.config.get(name) {
        Some(value) if value == wanted => fine(name, format!("{name} is {wanted}")),
        Some(value) => refuses(
            name,
            format!("{name} is {value}, not {wanted}"),
            Some(why),
            alter(settings, &format!("{name}={wanted}")),
        ),
        None => refuses(
            name,
            format!("Kafka does not say what {name} is"),
            None,
            "use Kafka 3.6 or later".to_owned(),
        ),
    }
}

fn starts(settings: &KafkaSettings, facts: &Facts) -> Finding {
    let check = "start";
    let cut: Vec<String> = facts
        .starts
        .iter()
        .filter(|(_, start)| *start > 0)
        .map(|(partition, start)| format!("partition {partition} begins at {start}"))
        .collect();
    if cut.is_empty() {
        return fine(check, "every partition begins at 0".to_owned());
    }
    refuses(
        check,
        format!("records were removed: {}", cut.join(", ")),
        Some("what stood there is lost, and nobody can tell any more which of the others count"),
        format!(
            "import an export of the whole log into a new topic, `sklep import FILE --kafka {} --topic NAME`",
            settings.brokers
        ),
    )
}

/// How many copies of a record there are, and how many of them an acknowledgement stands for.
fn copies(settings: &KafkaSettings, facts: &Facts) -> Vec<Finding> {
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

fn alter(settings: &KafkaSettings, entry: &str) -> String {
    format!(
        "kafka-configs.sh --bootstrap-server {} --alter --entity-type topics --entity-name {} --add-config {entry}",
        settings.brokers, settings.topic
    )
}

fn fine(check: &'static str, what: String) -> Finding {
    Finding { check, severity: Severity::Fine, what, means: None, remedy: None }
}

fn warns(check: &'static str, what: String, means: &str, remedy: String) -> Finding {
    let means = Some(means.to_owned());
    Finding { check, severity: Severity::Warns, what, means, remedy: Some(remedy) }
}

fn refuses(check: &'static str, what: String, means: Option<&str>, remedy: String) -> Finding {
    let means = means.map(str::to_owned);
    Finding { check, severity: Severity::Refuses, what, means, remedy: Some(remedy) }
}
