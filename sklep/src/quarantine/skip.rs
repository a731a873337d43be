//! `sklep quarantine skip`.

use clap::Args;
use serde::Deserialize;
use serde_json::json;

use super::{name, only, target::QuarantineTargetArgs};
use crate::{
    escape_control::escape_control,
    exit_code::{Outcome, Usage},
    stdout::Stdout,
    views,
};

/// Gives up the event that holds an id up, by a record in the log
///
/// A running shop (--server) writes it, with who and why. From then on nobody takes that event in, also when the views are
/// built anew or a later program could read it. What waits behind it takes its turn.
#[derive(Debug, Args)]
pub(super) struct SkipArgs {
    /// The id of the customer or product
    #[arg(value_name = "ID")]
    id: String,
    /// Why, for whoever reads the log later
    #[arg(long, env = "SKLEP_REASON", value_name = "TEXT")]
    reason: String,
    /// Who decides it; the user's name when absent
    #[arg(long, env = "SKLEP_BY", value_name = "NAME")]
    by: Option<String>,
    /// Which partition, when the id is held up in several
    #[arg(long, env = "SKLEP_PARTITION", value_name = "NUMBER")]
    partition: Option<u16>,
    #[command(flatten)]
    place: QuarantineTargetArgs,
    /// One JSON object instead of text
    #[arg(long, env = "SKLEP_JSON", value_parser = clap::builder::BoolishValueParser::new())]
    json: bool,
}

const MUTATION: &str = "mutation ($input: SkipEventInput!) { skipEvent(input: $input) {
  position repeated rejection { message } } }";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    skip_event: Payload,
}

#[derive(Debug, Deserialize)]
struct Payload {
    position: Option<String>,
    repeated: bool,
    rejection: Option<Rejection>,
}

#[derive(Debug, Deserialize)]
struct Rejection {
    message: String,
}

pub(super) async fn run(args: SkipArgs) -> anyhow::Result<Outcome> {
    let SkipArgs { id, reason, place, .. } = &args;
    let by = args.by.clone().or_else(|| std::env::var("USER").ok().filter(|it| !it.is_empty()));
    let by = by.ok_or_else(|| Usage("say by --by who gives the event up".into()))?;
    let shop = place.server.shop()?;
    let held = only(place.held_under(id).await?, args.partition)?;
    let input = json!({ "key": id, "partition": held.partition, "offset": held.offset, "by": by,
        "reason": reason });
    let answer: Answer = shop.ask(MUTATION, &json!({ "input": input })).await?;
    let Payload { position, repeated, rejection } = answer.skip_event;
    if let Some(Rejection { message }) = rejection {
        anyhow::bail!(escape_control(&message));
    }
    if let Some(position) = &position {
        views::wait(&shop, position).await;
    }
    let mut out = Stdout::new();
    if args.json {
        out.json(&json!({ "key": id, "partition": held.partition, "offset": held.offset,
            "repeated": repeated, "position": position }))?;
    } else {
        let before = if repeated { " (it had been before)" } else { "" };
        let (offset, partition) = (&held.offset, held.partition);
        out.line(format_args!(
            "offset {offset} of partition {partition} is skipped{before}; {} goes on",
            name(id)
        ))?;
    }
    out.flush()?;
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::is_taken;

    #[test]
    fn what_is_asked_is_within_the_shops_limits() {
        let input = json!({ "key": "anna", "partition": 3, "offset": "7", "by": "ola", "reason": "broken" });
        is_taken(MUTATION, &json!({ "input": input }));
    }
}
