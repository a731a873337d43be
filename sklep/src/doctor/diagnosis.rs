//! What the facts about a log come to.

use std::cmp::Ordering;

use event_log::{LogIdentity, MIXED, Timestamp, transfer::Added};

use super::{
    finding::Finding,
    scan::{Seen, Survey},
};
use crate::stages::Grouped;

/// Sklep's own records are below 8 KiB; readers fetch 128 KiB at a time.
const LARGE: usize = 64 * 1024;

/// How far a clock may be ahead before it shows: nobody's clock is off by a day.
const AHEAD_MS: i64 = 24 * 60 * 60 * 1000;

/// What the log's record of itself comes to. `options` name the log in commands that people are told to type.
pub(super) fn of_identity(
    identity: Option<LogIdentity>,
    partitions: u16,
    added: &[Added],
    options: &str,
) -> Vec<Finding> {
    let Some(LogIdentity { id, partitions: begun, settings }) = identity else {
        return vec![Finding::fine("identity", "nobody has begun this log yet")];
    };
    let same = partition_count(begun, partitions, added, options);
    let currency = settings.currency;
    let identity =
        Finding::fine("identity", format!("the log's id is {id}, its currency is {currency}"));
    vec![identity, same]
}

fn partition_count(begun: u16, has: u16, added: &[Added], options: &str) -> Finding {
    let check = "partition-count";
    match has.cmp(&begun) {
        Ordering::Equal => {
            Finding::fine(check, format!("it has the {begun} partitions that it was begun with"))
        }
        Ordering::Less => Finding::wrong(
            check,
            format!("it was begun with {begun} partitions and only {has} are there"),
        )
        .means("the records of the others are lost")
        .advise(
            "import an export of the whole log into a new topic: `sklep import FILE --topic NAME`",
        ),
        Ordering::Greater => {
            let what =
                format!("it was begun with {begun} partitions and now has {has}{}", held(added));
            Finding::wrong(check, what)
                .means(
                    "the events of one customer or product could come to stand in two partitions, so that Sklep does not run on \
                     it; what the added ones hold is no part of the log",
                )
                .advise(format!(
                    "nobody can take partitions away, so move the log: `sklep export FILE {options}` writes the {begun} \
                     partitions that it was begun with, and `sklep import FILE` with another --topic fills a new one from it"
                ))
        }
    }
}

fn held(added: &[Added]) -> String {
    let held = added.iter().filter(|it| it.records > 0).map(|it| {
        let Added { partition, records, claiming } = it;
        format!(", and partition {partition} holds {records} records, {claiming} of them with Sklep's headers")
    });
    held.collect()
}

/// What the records come to.
pub(super) fn of_records(survey: &Survey, now: Timestamp) -> Vec<Finding> {
    let mut findings = vec![Finding::fine(
        "counted",
        format!(
            "{} of {} records count, {} writers took over",
            Grouped(survey.counted),
            Grouped(survey.records),
            Grouped(survey.writers)
        ),
    )];
    findings.extend(of_void(survey));
    findings.push(of_foreign(&survey.foreign));
    findings.extend(of_events(survey));
    findings.extend(of_writers_and_skips(survey));
    findings.push(of_causes(&survey.causes.lacking()));
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
    let mut findings = vec![of_currencies(survey)];
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
                .means(MIXED)
                .advise("import an export that was made before into a new topic: `sklep import FILE --topic NAME`")
                .about(mistaken),
        );
    }
    findings
}

fn of_currencies(survey: &Survey) -> Finding {
    let (check, seen) = ("currency", &survey.other_currency);
    let Some(identity) = survey.identity else {
        return Finding::fine(check, "nothing is known of the log's currency");
    };
    let own = identity.settings.currency;
    if seen.all == 0 {
        return Finding::fine(check, format!("all money is in {own}, the log's currency"));
    }
    Finding::wrong(check, format!("{} events have money in another currency than the log's, {own}", seen.all))
        .means(
            "the shop was run in two currencies, which an earlier Sklep allowed: these events are in no sum, what comes after them \
             for the same customers and products waits, and commands for those are refused; views that an earlier Sklep made \
             have added both",
        )
        .advise(
            "`sklep rebuild` makes the views without them; then `sklep quarantine skip` gives each up (register the purchase \
             or price once more, in the log's currency)",
        )
        .about(seen)
}

fn of_writers_and_skips(survey: &Survey) -> Vec<Finding> {
    let Survey { exhausted, skips_nothing, .. } = survey;
    let mut findings = Vec::new();
    if exhausted.all > 0 {
        let what = format!("{} partitions can never be written again", exhausted.all);
        findings.push(
            Finding::wrong("exhausted", what)
                .means("a writer has started there at the highest epoch that there is, so that none can follow it; Sklep does not come to it by itself")
                .advise("import an export that was made before that record into a new topic or folder")
                .about(exhausted),
        );
    }
    if skips_nothing.all > 0 {
        let what = format!(
            "{} records give up an event that was not there when they were stored",
            skips_nothing.all
        );
        findings.push(
            Finding::doubtful("skips-nothing", what)
                .means("they have no effect: what comes to stand there later is taken in")
                .advise(
                    "find out who wrote them: `sklep quarantine skip` names events that are there",
                )
                .about(skips_nothing),
        );
    }
    findings
}

fn of_causes(lacking: &Seen) -> Finding {
    if lacking.all == 0 {
        return Finding::fine("causes", "every price at which something was bought is there");
    }
    Finding::wrong("causes", format!("{} products were bought at prices that are not there", lacking.all))
        .means(
            "this is a copy whose partitions were cut at several moments; the shop would give the same version of a price a second \
             time",
        )
        .advise("export the original log again with this version of Sklep, and import that into a new topic or folder")
        .about(lacking)
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
