//! A rebuild against what its parts cost alone.

mod bare;
mod busy;
pub(super) mod child;
mod history;
mod written;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, Result};
use clap::Args;
use event_log::{KafkaLog, KafkaSettings};

use self::{
    child::Measured,
    history::{History, PARTITIONS},
};
use super::{
    figures::{goal, per_second, ratio_of},
    plain_kafka::broker,
    print, say,
};
use crate::{Mongo, unique};

/// What to rebuild.
#[derive(Debug, Clone, Args)]
pub(super) struct RebuildArgs {
    /// How many events the log has
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    events: u64,
    /// How many of a hundred events are purchases; the others are customers, products and changes of prices
    #[arg(long, value_name = "N", default_value_t = 80)]
    purchases: u8,
    /// How many bytes a rebuild may take
    #[arg(long, value_name = "BYTES", default_value_t = 512 << 20)]
    memory: u64,
    /// How many times everything is measured in turn
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: usize,
    /// The most events a second while the shop is busy; none for no limit
    #[arg(long, value_name = "N")]
    throttle: Option<u32>,
    /// A built `sklep`; built in release mode when it is not given
    #[arg(long, value_name = "PATH")]
    sklep: Option<PathBuf>,
    /// Leaves out what a busy shop feels of it
    #[arg(long)]
    quiet_only: bool,
}

pub(super) async fn run(args: &RebuildArgs) -> Result<()> {
    on_embedded(args)?;
    on_kafka(args).await
}

fn on_embedded(args: &RebuildArgs) -> Result<()> {
    let folder = tempfile::tempdir()?;
    say(format_args!("writes {} events to an embedded log", args.events));
    written::to_folder(folder.path(), history(args))?;
    let common = [
        "--memory".to_owned(),
        args.memory.to_string(),
        "--data".into(),
        folder.path().display().to_string(),
    ];
    let with = |at_once: usize| {
        let more = ["--at-once".to_owned(), at_once.to_string(), "--decode".into()];
        common.iter().cloned().chain(more).collect::<Vec<_>>()
    };
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for round in 1..=args.rounds {
        say(format_args!("embedded log, round {round} of {}", args.rounds));
        one.push(child::run(Some("0"), &with(1))?);
        two.push(child::run(Some("0,1"), &with(2))?);
    }
    let (one, two) = (middle(one)?, middle(two)?);
    let decoded = one.decoded.context("(b)")?;
    print(&[
        format!("\n## Replay of {} of an embedded log into memory\n", shown(args)),
        "| | events a second |\n|---|---|".into(),
        format!("| (b) decoding with serde alone, one core | {} |", per_second(decoded)),
        format!("| replay on one core | {} |", per_second(one.rebuilt)),
        format!("| replay on two cores | {} |", per_second(two.rebuilt)),
        String::new(),
        goal("one core: replay by (b)", ratio_of(one.rebuilt, decoded), "at least 0.5"),
        goal("two cores by one", ratio_of(two.rebuilt, one.rebuilt), "more than 1"),
    ])
}

async fn on_kafka(args: &RebuildArgs) -> Result<()> {
    let (kafka, mongo, topic) = (broker()?, Mongo::start_private()?, unique("rebuild"));
    let partitions = Some(PARTITIONS);
    // Makes the topic.
    KafkaLog::open(KafkaSettings { partitions, ..KafkaSettings::new(kafka.bootstrap(), &topic) })
        .await?;
    say(format_args!("writes {} events to Kafka", args.events));
    written::to_kafka(kafka.bootstrap(), &topic, history(args))?;
    let cores = std::thread::available_parallelism()?.get();
    let child = [
        ("--kafka", kafka.bootstrap().to_owned()),
        ("--topic", topic.clone()),
        ("--mongodb", mongo.uri().to_owned()),
        ("--memory", args.memory.to_string()),
        ("--at-once", cores.to_string()),
    ];
    let child: Vec<String> =
        child.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect();
    let verified: Vec<String> = child.iter().cloned().chain(["--verify".to_owned()]).collect();
    let (mut inserts, mut rebuilds) = (Vec::new(), Vec::new());
    for round in 1..=args.rounds {
        say(format_args!("Kafka and MongoDB, round {round} of {}", args.rounds));
        inserts.push((args.events, bare::inserts(mongo.uri(), args.events).await?));
        rebuilds.push(child::run(None, &verified)?);
    }
    inserts.sort_by_key(|(_, took)| *took);
    let inserted = *inserts.get(inserts.len() / 2).context("a turn")?;
    let rebuilt = middle(rebuilds)?;
    report(args, inserted, &rebuilt)?;
    if !args.quiet_only {
        busy::run(args, &kafka, &mongo, &topic, &child).await?;
    }
    Ok(())
}

fn report(args: &RebuildArgs, inserted: (u64, Duration), rebuilt: &Measured) -> Result<()> {
    let verified = (rebuilt.rebuilt.0, rebuilt.verified.context("a check")?);
    let bytes = bare::plain_bytes()?;
    print(&[
        format!("\n## Rebuild of {} from Kafka into MongoDB\n", shown(args)),
        "| | events a second |\n|---|---|".into(),
        format!(
            "| (a) `insert_many` of one document of {bytes} bytes for each | {} |",
            per_second(inserted)
        ),
        format!("| (c) rebuild with its indexes | {} |", per_second(rebuilt.rebuilt)),
        format!("| verify | {} |", per_second(verified)),
        String::new(),
        goal("(c) by (a)", ratio_of(rebuilt.rebuilt, inserted), "at least 1.0, towards 1.5"),
        goal("verify by (c)", ratio_of(verified, rebuilt.rebuilt), "at least 1.0"),
        format!(
            "- most memory: {} MiB of {} MiB that are allowed",
            rebuilt.peak >> 20,
            args.memory >> 20
        ),
    ])
}

fn history(args: &RebuildArgs) -> History {
    History::of(args.events, args.purchases)
}

fn shown(args: &RebuildArgs) -> String {
    format!("{} events, {} % of them purchases,", args.events, args.purchases)
}

/// The turn whose rebuild took the middle time.
fn middle(mut turns: Vec<Measured>) -> Result<Measured> {
    turns.sort_by_key(|turn| turn.rebuilt.1);
    let middle = turns.len() / 2;
    turns.into_iter().nth(middle).context("a turn")
}
