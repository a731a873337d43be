//! `sklep doctor`: whether the log is one that can be trusted.

mod count;

use std::fmt::Display;

use clap::Args;
use event_log::{
    LogError, identity,
    kafka::contract::{self, Finding, Severity},
};
use serde_json::json;

use crate::{exit::Outcome, out::Out, stores::LogArgs};
use count::Count;

/// Checks the log, of a stopped embedded shop or on Kafka, and says what to type where something is wrong
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    log: LogArgs,
    /// One JSON object instead of text
    #[arg(long, env = "SKLEP_JSON", value_parser = clap::builder::BoolishValueParser::new())]
    json: bool,
}

/// Looks at everything and prints what was found. Changes nothing.
pub(crate) async fn run(args: DoctorArgs) -> anyhow::Result<Outcome> {
    let findings = examine(&args.log).await?;
    let sick = findings.iter().any(|finding| finding.severity == Severity::Refuses);
    let mut out = Out::new();
    if args.json {
        let findings: Vec<_> = findings.iter().map(as_json).collect();
        out.json(&json!({ "log": args.log.name(), "healthy": !sick, "findings": findings }))?;
    } else {
        out.line(args.log.name())?;
        for finding in &findings {
            out.line(format_args!("{:<8} {}", word(finding.severity), finding.what))?;
            if let Some(remedy) = &finding.remedy {
                out.line(format_args!("         -> {remedy}"))?;
            }
        }
    }
    out.flush()?;
    Ok(if sick { Outcome::Difference } else { Outcome::Done })
}

async fn examine(log: &LogArgs) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    if let Some(settings) = log.kafka.settings(None)? {
        findings = contract::examine(&settings).await?;
    } else {
        log.must_exist().await?;
    }
    if findings.iter().any(|finding| finding.severity == Severity::Refuses) {
        findings.push(finding(
            Severity::Warns,
            "the records were not looked at",
            "mend the rest first",
        ));
        return Ok(findings);
    }
    let opened = log.open(None).await?;
    findings.push(fine(format!("{} partitions", opened.partitions())));
    match identity::read(opened.as_ref()).await {
        Ok(Some(identity)) => findings.push(fine(format!("the log's id is {}", identity.id))),
        Ok(None) => findings.push(fine("nobody has begun this log yet")),
        Err(LogError::Unfit(what)) => {
            findings.push(Finding { severity: Severity::Refuses, what, remedy: None });
        }
        Err(error @ LogError::Unavailable(_)) => return Err(error.into()),
    }
    findings.extend(judge(&count::all(opened.as_ref()).await?));
    Ok(findings)
}

fn judge(count: &Count) -> Vec<Finding> {
    let Count { counted, void, foreign, unreadable } = count;
    let mut findings = vec![
        fine(format!("{counted} records count")),
        fine(format!(
            "{void} records are void: written by somebody who was not the writer then; they have no effect"
        )),
    ];
    let strangers = format!("{foreign} records are not Sklep's; they have no effect");
    findings.push(if *foreign == 0 {
        fine(strangers)
    } else {
        finding(Severity::Warns, strangers, "find out who else writes into this log, and stop it")
    });
    if let Some((place, why)) = &unreadable.first {
        let (partition, offset, all) = (place.partition, place.offset, unreadable.all);
        findings.push(finding(
            Severity::Refuses,
            format!(
                "{all} records that count cannot be read, the first at offset {offset} of partition {partition}: {why}"
            ),
            "use the newer Sklep that wrote them",
        ));
    }
    findings
}

fn fine(what: impl Display) -> Finding {
    Finding { severity: Severity::Fine, what: what.to_string(), remedy: None }
}

fn finding(severity: Severity, what: impl Display, remedy: &str) -> Finding {
    Finding { severity, what: what.to_string(), remedy: Some(remedy.to_owned()) }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Fine => "fine",
        Severity::Warns => "doubtful",
        Severity::Refuses => "wrong",
    }
}

fn as_json(finding: &Finding) -> serde_json::Value {
    let Finding { severity, what, remedy } = finding;
    json!({ "severity": word(*severity), "what": what, "remedy": remedy })
}
