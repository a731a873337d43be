//! `sklep quarantine`: events that cannot be taken in, and what waits behind them.

mod held;
mod record;
mod retry;
mod skip;
mod target;

use clap::{Args, Subcommand};

use self::{
    held::{Held, Shown},
    retry::RetryArgs,
    skip::SkipArgs,
    target::QuarantineTargetArgs,
};
use crate::{escape_control::clipped, exit_code::Outcome, stdout::Stdout};

/// Lists, shows, tries again or gives up events that cannot be taken in
///
/// An event that counts and that this version of the shop cannot read, or that does not follow from the events before it,
/// holds up its customer or product: later events of the same id wait behind it, and commands for it are refused as
/// unavailable. Everything else goes on. After an upgrade that can read it, `retry` takes in what waits; `skip` gives the
/// event up for ever, by a record in the log.
#[derive(Debug, Args)]
pub(crate) struct QuarantineArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(ListArgs),
    Show(ShowArgs),
    Retry(RetryArgs),
    Skip(SkipArgs),
}

/// Prints every id that is held up, and by what
#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    place: QuarantineTargetArgs,
    /// One JSON object a line instead of text
    #[arg(long, env = "SKLEP_JSON", value_parser = clap::builder::BoolishValueParser::new())]
    json: bool,
}

/// Prints what holds an id up; with the log at hand (--mongodb and --kafka or --data), its record too
#[derive(Debug, Args)]
struct ShowArgs {
    /// The id of the customer or product
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    place: QuarantineTargetArgs,
    /// One JSON object a line instead of text
    #[arg(long, env = "SKLEP_JSON", value_parser = clap::builder::BoolishValueParser::new())]
    json: bool,
}

/// Does it.
pub(crate) async fn run(args: QuarantineArgs) -> anyhow::Result<Outcome> {
    match args.command {
        Command::List(args) => list(args).await,
        Command::Show(args) => show(args).await,
        Command::Retry(args) => retry::run(args).await,
        Command::Skip(args) => skip::run(args).await,
    }
}

async fn list(args: ListArgs) -> anyhow::Result<Outcome> {
    let held = args.place.held().await?;
    let mut out = Stdout::new();
    if args.json {
        held.iter().try_for_each(|held| out.json(held))?;
    } else {
        let ids = if held.len() == 1 { "id is" } else { "ids are" };
        out.line(format_args!("{} {ids} held up", held.len()))?;
        held.iter().try_for_each(|held| out.line(held))?;
    }
    out.flush()?;
    Ok(Outcome::Done)
}

async fn show(args: ShowArgs) -> anyhow::Result<Outcome> {
    let held = args.place.held_under(&args.id).await?;
    let records = args.place.records(&held).await?;
    let mut out = Stdout::new();
    for (held, record) in held.into_iter().zip(records) {
        let shown = Shown { held, record };
        if args.json {
            out.json(&shown)?;
        } else {
            out.text(&shown)?;
        }
    }
    out.flush()?;
    Ok(Outcome::Done)
}

/// No id has more characters; only a record that somebody else wrote can have such a key.
const SHOWN: usize = 128;

/// Ids as people type them: a record without a key has the empty one.
fn name(key: &str) -> String {
    if key.is_empty() { "\"\" (records without a key)".into() } else { clipped(key, SHOWN) }
}

/// Exactly one of several partitions, or a hint how to say which.
fn only(mut held: Vec<Held>, partition: Option<u16>) -> anyhow::Result<Held> {
    held.retain(|held| partition.is_none_or(|wanted| held.partition == wanted));
    match (held.pop(), held.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(one), false) => Err(crate::exit_code::Usage(format!(
            "{} is held up in several partitions; name one by --partition",
            name(&one.key)
        ))
        .into()),
        (None, _) => anyhow::bail!("it is not held up in that partition"),
    }
}
