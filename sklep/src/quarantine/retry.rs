//! `sklep quarantine retry`.

use anyhow::Context as _;
use clap::Args;
use projector::{Retried, Retry, StillBlocked};
use serde_json::json;

use super::{name, target::QuarantineTargetArgs};
use crate::{
    clock,
    escape_control::escape_control,
    exit_code::{Outcome, Usage},
    views_ops::Context,
};

/// Takes in what waits under an id, with a program that can read it
///
/// Works on the stores, beside a running shop. The views are then as if nothing had waited. The shop itself takes
/// commands for the id again when it runs such a program too. Views in memory need no retry: they are built anew at the
/// start of such a program.
#[derive(Debug, Args)]
pub(super) struct RetryArgs {
    /// The id of the customer or product
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    place: QuarantineTargetArgs,
    /// One JSON object instead of text
    #[arg(long, env = "SKLEP_JSON", value_parser = clap::builder::BoolishValueParser::new())]
    json: bool,
}

pub(super) async fn run(args: RetryArgs) -> anyhow::Result<Outcome> {
    let RetryArgs { id, place, json } = &args;
    if place.stores.views.mongodb.is_none() {
        let hint = "name the views by --mongodb; views in memory are built anew at every start";
        return Err(Usage(hint.into()).into());
    }
    let Context { log, identity, store, instance } = place.stores.open().await?;
    let (seed, _) = clock::mint().as_u64_pair();
    let retry = Retry { log: &*log, identity, store: &*store, instance: &instance, seed };
    let Retried { taken, left } = retry.run(id).await?;
    let outcome = Outcome::Done.told(|out| {
        if *json {
            let left: Vec<_> = left.iter().map(told).collect();
            out.json(&json!({ "key": id, "taken": taken, "left": left }))
        } else {
            out.line(format_args!("{taken} events of {} are taken in", name(id)))
        }
    })?;
    match left.first() {
        None => Ok(outcome),
        Some(StillBlocked { place, reason, waiting }) => Err(anyhow::anyhow!(escape_control(reason))).context(format!(
            "the event at offset {} of partition {} still cannot be taken in, and {waiting} wait behind it",
            place.offset, place.partition
        )),
    }
}

fn told(left: &StillBlocked) -> serde_json::Value {
    let StillBlocked { place, reason, waiting } = left;
    let (partition, offset) = (place.partition.0, place.offset.to_string());
    json!({ "partition": partition, "offset": offset, "reason": reason, "waiting": waiting })
}
