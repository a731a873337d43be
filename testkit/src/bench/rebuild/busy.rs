//! What a shop that sells feels of a rebuild beside it.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Result;
use serde_json::json;

use super::RebuildArgs;
use crate::{
    Kafka, Mongo,
    bench::{
        figures::{self, Series, goal, quotient},
        http::request,
        load::clients,
        print, say, shop,
        shop::Shop,
    },
};

const TURN: Duration = Duration::from_secs(3);
const BUYERS: usize = 1;

#[derive(Default)]
struct Figures {
    purchase: Series,
    query: Series,
}

impl Figures {
    async fn turn(&mut self, shop: &Shop) -> Result<()> {
        self.purchase.add(&clients(&shop.address, &shop::purchases(BUYERS), TURN).await?);
        let query = "query($id: ID!) { customer(id: $id) { id spent { amount } purchases(first: 5) { nodes { id } } } }";
        let query: Arc<[u8]> = request(query, &json!({ "id": "customer-0" })).into();
        self.query.add(&clients(&shop.address, &[query], TURN).await?);
        Ok(())
    }
}

/// Measures purchases and queries in turns, with a rebuild beside them and without.
pub(super) async fn run(
    args: &RebuildArgs,
    kafka: &Kafka,
    mongo: &Mongo,
    topic: &str,
    child: &[String],
) -> Result<()> {
    let sklep = shop::program(args.sklep.as_ref())?;
    let options = ["--kafka", kafka.bootstrap(), "--topic", topic, "--mongodb", mongo.uri()];
    let shop = Shop::start(Path::new(&sklep), &options, 0).await?;
    let (mut alone, mut beside) = (Figures::default(), Figures::default());
    for round in 1..=args.rounds {
        say(format_args!("a busy shop, round {round} of {}", args.rounds));
        alone.turn(&shop).await?;
        let mut command = std::process::Command::new(std::env::current_exe()?);
        command.arg("rebuild-child").args(child);
        if let Some(throttle) = args.throttle {
            command.args(["--throttle", &throttle.to_string()]);
        }
        let mut rebuild = command.stdout(std::process::Stdio::null()).spawn()?;
        let turn = beside.turn(&shop).await;
        let ended = rebuild.try_wait()?.is_some();
        // Whatever it has built, the next one begins again.
        rebuild.kill()?;
        rebuild.wait()?;
        turn?;
        if ended {
            say(format_args!("the rebuild ended before the turn did: more events are needed"));
        }
    }
    shop.stop()?;
    print(&[
        "\n## What a busy shop feels of it\n".to_owned(),
        figures::head("p50 of each turn"),
        alone.purchase.row("purchase, no rebuild"),
        beside.purchase.row("purchase, a rebuild beside it"),
        alone.query.row("query, no rebuild"),
        beside.query.row("query, a rebuild beside it"),
        String::new(),
        goal(
            "purchase p50 with by without",
            quotient(&beside.purchase, &alone.purchase),
            "at most 2",
        ),
        goal("query p50 with by without", quotient(&beside.query, &alone.query), "at most 2"),
    ])
}
