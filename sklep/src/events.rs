//! `sklep events`: the log as a list.

use std::{fmt, time::Duration};

use clap::Args;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    client::{ClientError, ServerArgs, ShopClient},
    exit_code::Outcome,
    stderr,
    stdout::Stdout,
};

/// Prints every event, in order for each partition
#[derive(Debug, Args)]
pub(crate) struct EventsArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// Go on with new events as they happen (asks the shop four times a second)
    #[arg(long, env = "SKLEP_FOLLOW", value_parser = clap::builder::BoolishValueParser::new())]
    follow: bool,
    /// Only events after this position, which --json shows with each event and mutations answer with
    #[arg(long, env = "SKLEP_AFTER", value_name = "POSITION")]
    after: Option<String>,
    /// One JSON object a line instead of text
    #[arg(long, env = "SKLEP_JSON", value_parser = clap::builder::BoolishValueParser::new())]
    json: bool,
}

/// The shop has no other way yet to tell of new events; four questions a second cost it nothing.
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(250);
/// While a shop that was followed is away.
const BETWEEN_TRIES: Duration = Duration::from_secs(1);

const QUERY: &str = "query ($after: Position) { events(first: 100, after: $after) {
  events { type: __typename id position recordedAt commandId correlationId causationId
    ... on CustomerCreated { customerId firstName lastName address }
    ... on ProductPriced { productId name productType: type price { amount currency }
      previousPrice { amount currency } version }
    ... on ProductPurchased { purchaseId customerId productId productName productType
      unitPrice { amount currency } quantity total { amount currency } priceVersion } }
  position hasMore unreadable } }";

#[derive(Debug, Deserialize)]
struct Answer {
    events: Page,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    events: Vec<Event>,
    position: String,
    has_more: bool,
    unreadable: u64,
}

/// An event with its fields under the names of the schema, but `type` for the kind of event.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Event(Map<String, Value>);

/// Prints the list, page by page, and goes on as long as it is told to.
pub(crate) async fn run(args: EventsArgs) -> anyhow::Result<Outcome> {
    let shop = args.server.shop()?;
    let mut out = Stdout::new();
    let mut after = args.after;
    loop {
        let page = page(&shop, after.as_deref(), args.follow && after.is_some()).await?;
        for event in &page.events {
            if args.json {
                out.json(&event.0)?;
            } else {
                out.line(event)?;
            }
        }
        if page.unreadable > 0 {
            let left_out = page.unreadable;
            stderr::line(format_args!(
                "{left_out} events cannot be read by this version of the shop and are left out: sklep quarantine list"
            ));
        }
        after = Some(page.position);
        if page.has_more {
            continue;
        }
        out.flush()?;
        if !args.follow {
            return Ok(Outcome::Done);
        }
        tokio::select! {
            () = tokio::time::sleep(BETWEEN_QUESTIONS) => {}
            stopped = tokio::signal::ctrl_c() => return Ok(stopped.map(|()| Outcome::Done)?),
        }
    }
}

/// The next page. Whoever follows waits for a shop that is away for a while.
async fn page(shop: &ShopClient, after: Option<&str>, patient: bool) -> Result<Page, ClientError> {
    let mut told = false;
    loop {
        let trouble = match shop.ask::<Answer>(QUERY, &json!({ "after": after })).await {
            Ok(answer) => return Ok(answer.events),
            Err(trouble) => trouble,
        };
        if !(patient && trouble.passes()) {
            return Err(trouble);
        }
        if !told {
            stderr::line(format_args!("waiting: {trouble}"));
            told = true;
        }
        tokio::time::sleep(BETWEEN_TRIES).await;
    }
}

impl Event {
    fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or("-")
    }

    fn money(&self, name: &str) -> String {
        let part = |of| self.0.get(name).and_then(|money| money.get(of)).and_then(Value::as_str);
        format!("{} {}", part("amount").unwrap_or("-"), part("currency").unwrap_or("-"))
    }
}

/// One line for people; scripts use `--json`.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |name| self.text(name);
        write!(f, "{} {} ", text("recordedAt"), text("type"))?;
        match text("type") {
            "CustomerCreated" => write!(
                f,
                "{}: {} {}, {}",
                text("customerId"),
                text("firstName"),
                text("lastName"),
                text("address").replace('\n', ", ")
            ),
            "ProductPriced" => write!(
                f,
                "{}: \"{}\" ({}) {}",
                text("productId"),
                text("name"),
                text("productType"),
                self.money("price")
            ),
            "ProductPurchased" => write!(
                f,
                "{}: {} × {} \"{}\" at {} = {}",
                text("purchaseId"),
                text("quantity"),
                text("productId"),
                text("productName"),
                self.money("unitPrice"),
                self.money("total")
            ),
            _newer => f.write_str(text("id")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::is_taken;

    #[test]
    fn what_is_asked_is_within_the_shops_limits() {
        is_taken(QUERY, &json!({ "after": null }));
    }
}
