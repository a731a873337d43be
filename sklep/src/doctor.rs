//! `sklep doctor`: whether the log is one that can be trusted.

mod causes;
mod diagnosis;
mod finding;
mod scan;
mod survey;

use std::sync::Arc;

use clap::Args;
use event_log::{
    EventLog, KafkaLog, KafkaSettings, LogError, LogIdentity, identity, kafka::contract, transfer,
};
use serde_json::json;

use crate::{clock, exit_code::Outcome, stdout::Stdout, stores::LogArgs};
use finding::{Finding, Severity};

/// Examines the log, of a stopped embedded shop or on Kafka, and says what to type where something is wrong
///
/// Looks at the topic's configuration and at every record, and changes nothing. `wrong` is what Sklep cannot run on or what
/// makes views untrue, `doubtful` what an operator should know. Ends with 3 when anything is wrong.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    log: LogArgs,
    /// One JSON object instead of text
    #[arg(long, env = "SKLEP_JSON", value_parser = clap::builder::BoolishValueParser::new())]
    json: bool,
}

/// What there is to say of a log.
#[derive(Debug, Default)]
struct Examined {
    identity: Option<LogIdentity>,
    findings: Vec<Finding>,
}

/// Looks at everything and prints what was found. Changes nothing.
pub(crate) async fn run(args: DoctorArgs) -> anyhow::Result<Outcome> {
    let examined = match args.log.kafka.settings(None)? {
        Some(settings) => examine_topic(&args.log, settings).await?,
        None => examine_folder(&args.log).await?,
    };
    let sick = examined.findings.iter().any(|finding| finding.severity == Severity::Wrong);
    let outcome = if sick { Outcome::Difference } else { Outcome::Done };
    outcome.told(|out| write(out, &args, examined, sick))
}

fn write(
    out: &mut Stdout,
    args: &DoctorArgs,
    examined: Examined,
    sick: bool,
) -> anyhow::Result<()> {
    if args.json {
        let Examined { identity, findings } = examined;
        out.json(&json!({
            "log": args.log.name(),
            "id": identity.map(|it| it.id.to_string()),
            "healthy": !sick,
            "findings": findings,
        }))
    } else {
        out.line(args.log.name())?;
        examined.findings.iter().try_for_each(|finding| out.line(finding))
    }
}

async fn examine_folder(log: &LogArgs) -> anyhow::Result<Examined> {
    let opened = log.open_as_it_is().await?;
    let unfinished = opened.is_unfinished().await?.then(|| {
        Finding::wrong(contract::IMPORT, "the folder holds an unfinished `sklep import`")
            .means("records of the log are still missing")
            .advise(format!(
                "run the same import again, which goes on with it: `sklep import FILE {}`",
                log.options()
            ))
    });
    let mut examined = examine_records(&*opened, log).await?;
    examined.findings.splice(0..0, unfinished);
    Ok(examined)
}

async fn examine_topic(args: &LogArgs, settings: KafkaSettings) -> anyhow::Result<Examined> {
    let found = contract::examine(&settings).await?;
    let is_wrong = |check: &str| {
        found.iter().any(|it| it.check == check && it.severity == contract::Severity::Refuses)
    };
    let readable = !is_wrong("topic") && !is_wrong("start");
    let mut findings: Vec<Finding> = found.into_iter().map(Finding::from).collect();
    if !readable {
        let unknown = Finding::doubtful("records", "the records were not looked at");
        findings.push(
            unknown
                .means("which of them count depends on records that are not there")
                .advise("mend the rest first"),
        );
        return Ok(Examined { identity: None, findings });
    }
    let log: Arc<dyn EventLog> = KafkaLog::open_as_it_is(settings).await?;
    let of_records = examine_records(&*log, args).await?;
    findings.extend(of_records.findings);
    Ok(Examined { findings, ..of_records })
}

async fn examine_records(log: &dyn EventLog, args: &LogArgs) -> Result<Examined, LogError> {
    let (identity, mut findings) = match identity::recorded(log).await {
        Ok(identity) => {
            let has = log.partitions();
            let lacks = identity.is_some_and(|identity| identity.partitions > has);
            let added = if lacks { Vec::new() } else { transfer::added(log).await? };
            (identity, diagnosis::of_identity(identity, has, &added, &args.options()))
        }
        Err(LogError::Unfit(what)) => (None, vec![Finding::wrong("identity", what)]),
        Err(error @ LogError::Unavailable(_)) => return Err(error),
    };
    let survey = survey::of(log, identity).await?;
    findings.extend(diagnosis::of_records(&survey, clock::now()));
    Ok(Examined { identity, findings })
}
