//! What could lose records that are stored.

use super::{
    IMPORT,
    finding::{Finding, alter, fine, refuses, warns},
};
use crate::kafka::{
    KafkaSettings,
    topic::{self, TopicMetadata},
};

/// Everything that bears on what is stored.
pub(super) fn judge(
    settings: &KafkaSettings,
    facts: &TopicMetadata,
    begun: Option<u16>,
) -> Vec<Finding> {
    vec![
        partitions(settings, facts, begun),
        cleanup(settings, facts),
        retention(settings, facts, topic::RETENTION),
        retention(settings, facts, "retention.bytes"),
        unclean_election(settings, facts),
        timestamps(settings, facts),
        starts(settings, facts),
        tiers(settings, facts),
    ]
}

fn partitions(settings: &KafkaSettings, facts: &TopicMetadata, begun: Option<u16>) -> Finding {
    let there = facts.partitions();
    if let Some(begun) = begun.filter(|begun| *begun != there) {
        return grown(settings, there, begun);
    }
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

fn grown(settings: &KafkaSettings, there: u16, begun: u16) -> Finding {
    let KafkaSettings { brokers, topic, .. } = settings;
    let remedy = format!(
        "nobody can take partitions away, so move the log: `sklep export FILE --kafka {brokers} --topic {topic}` writes the \
         {begun} partitions that it was begun with, and `sklep import FILE --kafka {brokers} --topic NAME` fills a new topic \
         from it"
    );
    refuses(
        "partition-count",
        format!("the topic has {there} partitions now, but the log was begun with {begun}"),
        Some("the events of one customer or product could come to stand in two of them"),
        remedy,
    )
}

fn cleanup(settings: &KafkaSettings, facts: &TopicMetadata) -> Finding {
    expect(settings, facts, "cleanup.policy", "delete", "records that are compacted away are lost")
}

fn retention(settings: &KafkaSettings, facts: &TopicMetadata, name: &'static str) -> Finding {
    if facts.is_unfinished() && name == topic::RETENTION {
        return unfinished(settings);
    }
    expect(settings, facts, name, "-1", "Kafka removes records, and the log is the only truth")
}

fn unfinished(settings: &KafkaSettings) -> Finding {
    let KafkaSettings { brokers, topic, .. } = settings;
    refuses(
        IMPORT,
        format!("the topic {topic} holds an unfinished `sklep import`"),
        Some("records of the log are still missing"),
        format!(
            "let the import that is running come to its end, or run the same import again, which goes on with it: \
             `sklep import FILE --kafka {brokers} --topic {topic}`"
        ),
    )
}

fn unclean_election(settings: &KafkaSettings, facts: &TopicMetadata) -> Finding {
    let name = "unclean.leader.election.enable";
    expect(
        settings,
        facts,
        name,
        "false",
        "a replica that lacks acknowledged records could become the leader",
    )
}

fn timestamps(settings: &KafkaSettings, facts: &TopicMetadata) -> Finding {
    let name = "message.timestamp.type";
    expect(
        settings,
        facts,
        name,
        "CreateTime",
        "records would not keep their times when they are imported",
    )
}

pub(super) fn expect(
    settings: &KafkaSettings,
    facts: &TopicMetadata,
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

fn starts(settings: &KafkaSettings, facts: &TopicMetadata) -> Finding {
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

/// Whether the records that a broker has moved to cheaper storage could be removed by one setting.
fn tiers(settings: &KafkaSettings, facts: &TopicMetadata) -> Finding {
    let name = "remote.log.delete.on.disable";
    let is_on = |name: &str| facts.config.get(name).is_some_and(|value| value == "true");
    if is_on("remote.storage.enable") && is_on(name) {
        let what = format!("{name} is true");
        let means =
            "whoever turns tiered storage off for the topic removes the records that are there";
        return warns(name, what, means, alter(settings, &format!("{name}=false")));
    }
    fine(name, "no setting of tiered storage removes records".to_owned())
}
