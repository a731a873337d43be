//! What the facts about a log come to.

use event_log::{LogIdentity, Timestamp};

use super::{
    finding::Finding,
    walk::{Seen, Survey},
};

/// Sklep's own records are below 8 KiB; readers fetch 128 KiB at a time.
const LARGE: usize = 64 * 1024;

/// How far a clock may be ahead before it shows: nobody's clock is off by a day.
const AHEAD_MS: i64 = 24 * 60 * 60 * 1000;

/// What the log's record of itself comes to.
pub(super) fn of_identity(identity: Option<LogIdentity>, partitions: u16) -> Vec<Finding> {
    let Some(LogIdentity { id, partitions: begun }) = identity else {
        return vec![Finding::fine("identity", "nobody has begun this log yet")];
    };
    let same = if begun == partitions {
        Finding::fine(
            "partition-count",
            format!("it has the {begun} partitions that it was begun with"),
        )
    } else {
        let what = format!("it was begun with {begun} partitions and now has {partitions}");
        Finding::wrong("partition-count", what)
            .means("the events of one customer or product could stand in two partitions; Sklep does not run on it")
            .advise(format!(
                "nobody can take partitions away: create a new topic with {begun} partitions and `sklep import` an \
                 export into it"
            ))
    };
    vec![Finding::fine("identity", format!("the log's id is {id}")), same]
}

/// What the records come to.
pub(super) fn of_records(survey: &Survey, now: Timestamp) -> Vec<Finding> {
    let mut findings = vec![Finding::fine(
        "counted",
        format!(
            "{} of {} records count, {} writers took over",
            survey.counted, survey.records, survey.writers
        ),
    )];
    findings.extend(of_void(survey));
    findings.push(of_foreign(&survey.foreign));
    findings.extend(of_events(survey));
    findings.extend(of_times(survey, now));
    findings.extend(of_sizes(survey));
    findings
}

fn of_void(survey: &Survey) -> [Finding; 3] {
    let late = Finding::fine(
        "void-late",
        format!("{} records are void: their writer had been replaced", survey.late.all),
    );
    let repeated = Finding::fine(
        "void-repeated",
        format!("{} records are void: stored twice", survey.repeated.all),
    );
    let gaps = format!(
        "{} records are void: records of the same writer before them are missing",
        survey.after_gap.all
    );
    let gaps = if survey.after_gap.all == 0 {
        Finding::fine("sequence-gaps", gaps)
    } else {
        Finding::doubtful("sequence-gaps", gaps)
            .means("appends failed while later ones were stored; no answered event is among either")
            .advise("look for failed appends in the shop's log and in the brokers' at that time")
    };
    [late.about(&survey.late), repeated.about(&survey.repeated), gaps.about(&survey.after_gap)]
}

fn of_foreign(foreign: &Seen) -> Finding {
    let what = format!("{} records are foreign: not Sklep's", foreign.all);
    let finding = if foreign.all == 0 {
        Finding::fine("foreign", what)
    } else {
        Finding::doubtful("foreign", what)
            .means("they have no effect anywhere, but somebody else writes into this log")
            .advise("find out who, and stop it; on Kafka: `kafka-acls.sh --add --producer --topic …` for Sklep alone")
    };
    finding.about(foreign)
}

fn of_events(survey: &Survey) -> Vec<Finding> {
    let Survey { unreadable, skipped, misplaced, mistaken, .. } = survey;
    let mut findings = Vec::new();
    findings.push(if unreadable.all == 0 {
        Finding::fine("unreadable", "every event that counts can be read").about(unreadable)
    } else {
        Finding::wrong("unreadable", format!("{} events that count cannot be read", unreadable.all))
            .means("what comes after them for the same customers and products waits, and commands for those are refused")
            .advise(
                "use the newer Sklep that wrote them; `sklep quarantine list` shows what waits, \
                 `sklep quarantine skip` gives an event up",
            )
            .about(unreadable)
    });
    if skipped.all > 0 {
        let what = format!("{} events were given up by an operator", skipped.all);
        findings.push(Finding::fine("skipped", what).about(skipped));
    }
    if misplaced.all > 0 {
        let what = format!(
            "{} events that count stand in another partition than their key says",
            misplaced.all
        );
        findings.push(
            Finding::wrong("misplaced", what)
                .means("the order of one customer's or product's events is not known")
                .advise("find the program that writes to this log with another partitioner, and stop it")
                .about(misplaced),
        );
    }
    if mistaken.all > 0 {
        let what = format!("{} writers took this log for another", mistaken.all);
        findings.push(
            Finding::wrong("mistaken", what)
                .means("records of two logs were mixed into this topic")
                .advise("import an export of the right log into a new topic")
                .about(mistaken),
        );
    }
    findings
}

fn of_times(survey: &Survey, now: Timestamp) -> Vec<Finding> {
    let backwards = &survey.backwards;
    let mut findings = vec![if backwards.all == 0 {
        Finding::fine("time", "time never goes back in any partition").about(backwards)
    } else {
        Finding::doubtful("time", format!("time goes back {} times", backwards.all))
            .means("histories of prices may show a version that ends before it begins")
            .advise("find out what wrote these records: Sklep's writers never go back")
            .about(backwards)
    }];
    let ahead = survey.newest.filter(|(time, _)| time.0 > now.0.saturating_add(AHEAD_MS));
    if let Some((time, place)) = ahead {
        let (partition, offset) = (place.partition, place.offset);
        let what = format!(
            "the newest time, {time}, is in the future (offset {offset} of partition {partition})"
        );
        findings.push(
            Finding::doubtful("future", what)
                .means(
                    "a partition's time never goes back, so that its next events get this time too",
                )
                .advise("set the clock of the machine that wrote it, or of this one"),
        );
    }
    findings
}

fn of_sizes(survey: &Survey) -> Option<Finding> {
    let (most, _) = *survey.largest.first()?;
    let largest: Vec<String> = survey
        .largest
        .iter()
        .map(|(size, it)| {
            format!("{size} bytes at offset {} of partition {}", it.offset, it.partition)
        })
        .collect();
    let what = format!("the largest records: {}", largest.join(", "));
    Some(if most > LARGE {
        Finding::doubtful("size", what)
            .means("Sklep's own have less than 8,000; every reader must take them in whole")
            .advise("find out who wrote them")
    } else {
        Finding::fine("size", what)
    })
}
