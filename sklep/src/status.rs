//! `sklep status`: how the shop is.

mod report;
mod text;

use std::{
    io::{IsTerminal as _, stdout},
    time::Duration,
};

use api::operator::System;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use views::View;

use crate::{
    client::{ClientError, DEFAULT_SERVER, ShopClient},
    exit_code::Outcome,
    stdout::Stdout,
    stores::StoreArgs,
};

pub(crate) use report::Reporter;

/// Tells how the shop is: roles, log, each view and how far it is, quarantine, and a rebuild in progress
///
/// Asks a running shop, or with --kafka or --mongodb log and views themselves.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    stores: StoreArgs,
    /// Address of the running shop; one on this machine's port 8080 when nothing else is named
    #[arg(long, env = "SKLEP_SERVER", value_name = "URL")]
    server: Option<String>,
    /// Asks again every second until Ctrl-C
    #[arg(long, env = "SKLEP_WATCH", value_parser = clap::builder::BoolishValueParser::new())]
    watch: bool,
    /// One JSON object instead of text
    #[arg(long, env = "SKLEP_JSON", value_parser = clap::builder::BoolishValueParser::new())]
    json: bool,
}

/// Between two questions.
const BETWEEN_QUESTIONS: Duration = Duration::from_secs(1);

/// Clears a terminal and goes to its first line (ECMA-48).
const CLEAR: &str = "\u{1b}[2J\u{1b}[H";

const PROJECTIONS: &str = "{ projections { name generation state lag lagSeconds position parked
    rebuild { generation phase percent eventsPerSecond secondsLeft } } }";

const SYSTEM: &str = "{ system { version roles troubles
    log { name id currency partitions records void foreign writers { partition epoch address }
      contract { check severity what means remedy } }
    views { name paused orphans generations { name number part fold shape lag lagSeconds position parked
      feeders { instance partitions }
      job { instance phase wish throttle done all rate secondsLeft } } } } }";

#[derive(Debug, Deserialize)]
struct Projections {
    projections: Vec<Projection>,
}

#[derive(Debug, Deserialize)]
struct Systems {
    system: System,
}

/// How one view is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Projection {
    name: String,
    generation: u64,
    state: String,
    lag: String,
    lag_seconds: i64,
    position: String,
    parked: i64,
    rebuild: Option<Value>,
}

/// How the shop is, as `--json` prints it.
#[derive(Debug, Serialize)]
struct Status {
    /// Null when log and views were asked themselves.
    server: Option<String>,
    ready: Option<bool>,
    readiness: Option<Value>,
    projections: Vec<Projection>,
    system: Option<System>,
    problem: Option<String>,
}

/// Whom to ask.
enum Asked {
    Shop(ShopClient),
    Stores(Box<Reporter>),
}

/// Prints how the shop is.
pub(crate) async fn run(args: StatusArgs) -> anyhow::Result<Outcome> {
    let StatusArgs { stores, server, watch, json } = args;
    let beside = stores.log.kafka.kafka.is_some() || stores.views.mongodb.is_some();
    let asked = match server {
        None if beside => Asked::Stores(Box::new(Reporter::beside(&stores).await?)),
        server => Asked::Shop(ShopClient::at(server.as_deref().unwrap_or(DEFAULT_SERVER))?),
    };
    let mut out = Stdout::new();
    loop {
        let status = match &asked {
            Asked::Shop(shop) => of_shop(shop, watch).await?,
            Asked::Stores(reporter) => of_stores(reporter.system().await),
        };
        if watch && !json && stdout().is_terminal() {
            out.obeyed(CLEAR)?;
        }
        if json {
            out.json(&status)?;
        } else {
            text::write(&mut out, &status)?;
        }
        out.flush()?;
        if !watch {
            return Ok(Outcome::Done);
        }
        tokio::select! {
            () = tokio::time::sleep(BETWEEN_QUESTIONS) => {}
            stopped = tokio::signal::ctrl_c() => return Ok(stopped.map(|()| Outcome::Done)?),
        }
    }
}

/// Whoever watches sees a shop that is away as that.
async fn of_shop(shop: &ShopClient, watch: bool) -> anyhow::Result<Status> {
    let (status, readiness) = match shop.get("/readyz").await {
        Err(trouble) if watch => (0, trouble.to_string()),
        asked => asked?,
    };
    // While the views are away the shop still says why it is not ready.
    let projections = shop.ask::<Projections>(PROJECTIONS, &json!({})).await;
    let system = shop.ask::<Systems>(SYSTEM, &json!({})).await.ok().map(|it| it.system);
    let (projections, problem) = match projections {
        Ok(answer) => (answer.projections, None),
        Err(trouble @ ClientError::UnexpectedResponse { .. }) if !watch => {
            return Err(trouble.into());
        }
        Err(trouble) => (Vec::new(), Some(trouble.to_string())),
    };
    Ok(Status {
        server: Some(shop.server().to_owned()),
        ready: Some(status == 200),
        readiness: Some(serde_json::from_str(&readiness).unwrap_or(Value::String(readiness))),
        projections,
        system,
        problem,
    })
}

/// What the stores know of the live views; whether somebody serves them is not asked.
fn of_stores(system: System) -> Status {
    use api::operator::GenerationPart;

    let views = system.views.iter().flat_map(|views| &views.generations);
    let live = views.clone().find(|it| it.part == GenerationPart::Live);
    let filling = views.clone().find(|it| it.part == GenerationPart::Filling);
    let paused = system.views.as_ref().is_some_and(|views| views.paused);
    let job = filling.and_then(|it| it.job.as_ref());
    let state = match job.map(|job| job.phase.as_deref()) {
        _ if paused => "PAUSED",
        Some(Some("verifying")) => "VERIFYING",
        Some(_) => "REBUILDING",
        None => "LIVE",
    };
    let of = |name: &str| {
        let live = live?;
        Some(Projection {
            name: name.to_owned(),
            generation: live.number,
            state: state.to_owned(),
            lag: live.lag.clone(),
            lag_seconds: live.lag_seconds.into(),
            position: live.position.clone(),
            parked: live.parked.into(),
            rebuild: job.map(
                |job| json!({ "generation": filling.map(|it| it.number), "phase": job.phase }),
            ),
        })
    };
    let projections = View::OF_THE_SHOP.iter().filter_map(|view| of(view.name())).collect();
    let problem = system.troubles.first().cloned();
    let system = Some(system);
    Status { server: None, ready: None, readiness: None, projections, system, problem }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::is_taken;

    #[test]
    fn what_is_asked_is_within_the_shops_limits() {
        is_taken(PROJECTIONS, &json!({}));
        is_taken(SYSTEM, &json!({}));
    }
}
