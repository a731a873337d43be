//! `sklep status`: whether a running shop serves, and how far its read model is.

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{exit::Outcome, out::Out, shop::ServerArgs};

/// Tells whether a running shop serves and how far its views are
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// One JSON object instead of text
    #[arg(long, env = "SKLEP_JSON", value_parser = clap::builder::BoolishValueParser::new())]
    json: bool,
}

const QUERY: &str = "{ projections { name generation state lag position } }";

#[derive(Debug, Deserialize)]
struct Answer {
    projections: Vec<Projection>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Projection {
    name: String,
    generation: i64,
    state: String,
    lag: String,
    position: String,
}

/// Prints what the shop says of itself.
pub(crate) async fn run(args: StatusArgs) -> anyhow::Result<Outcome> {
    let shop = args.server.shop()?;
    let (status, readiness) = shop.get("/readyz").await?;
    let ready = status == 200;
    // While the views are away the shop still says why it is not ready.
    let projections = shop.ask::<Answer>(QUERY, &json!({})).await;
    let mut out = Out::new();
    if args.json {
        let detail = serde_json::from_str(&readiness).unwrap_or(Value::String(readiness));
        let (projections, problem) = match projections {
            Ok(answer) => (answer.projections, None),
            Err(trouble) => (Vec::new(), Some(trouble.to_string())),
        };
        out.json(&json!({
            "server": shop.server(),
            "ready": ready,
            "readiness": detail,
            "projections": projections,
            "problem": problem,
        }))?;
    } else {
        let state = if ready { "ready" } else { "not ready" };
        out.line(format_args!("{}/graphql is {state}", shop.server()))?;
        if !ready {
            out.line(readiness.trim())?;
        }
        match projections {
            Ok(answer) => write_table(&mut out, &answer.projections)?,
            Err(trouble) => out.line(format_args!("projections: {trouble}"))?,
        }
    }
    out.flush()?;
    Ok(Outcome::Done)
}

fn write_table(out: &mut Out, projections: &[Projection]) -> anyhow::Result<()> {
    out.line(format_args!("{:<12} {:>10}  {:<12} {:>10}", "view", "generation", "state", "lag"))?;
    projections.iter().try_for_each(|projection| {
        let Projection { name, generation, state, lag, .. } = projection;
        out.line(format_args!("{name:<12} {generation:>10}  {state:<12} {lag:>10}"))
    })
}
