//! How soon an answered purchase is seen in MongoDB.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use event_log::{KafkaLog, KafkaSettings};
use mongodb::{
    Client, Collection,
    bson::{Document, doc},
};
use serde_json::{Value, json};

use super::{
    Measure, check,
    figures::{self, Series, goal},
    http::{Connection, request},
    load::{Span, Turn},
    plain_kafka::{Plain, broker},
    print, say, shop,
    shop::Shop,
};
use crate::{Mongo, unique};

/// A view that has not come by then never comes.
const NEVER: Duration = Duration::from_secs(30);

#[derive(Default)]
struct Figures {
    consumed: Series,
    transaction: Series,
    found: Series,
    answered: Series,
}

pub(super) async fn run(measure: &Measure) -> Result<()> {
    let sklep = shop::program(measure.sklep.as_ref())?;
    let (kafka, mongo, topic) = (broker()?, Mongo::start_private()?, unique("visible"));
    let options = ["--kafka", kafka.bootstrap(), "--topic", &topic, "--mongodb", mongo.uri()];
    let shop = Shop::start(&sklep, &options, 1).await?;
    let client = Client::with_uri_str(mongo.uri()).await?;
    let mut buyer = Buyer::new(&shop, &client).await?;
    buyer.buy().await?;
    let log = KafkaLog::open(KafkaSettings::new(kafka.bootstrap(), &topic)).await?;
    let plain = Plain::open(kafka.bootstrap(), check::example(log.as_ref()).await?).await?;
    let mut figures = Figures::default();
    for round in 1..=measure.rounds {
        say(format_args!("visible, round {round} of {}", measure.rounds));
        figures.consumed.add(&plain.consumed(measure.turn())?);
        figures.transaction.add(&transactions(&client, measure.turn()).await?);
        figures.found.add(&buyer.until_found(measure.turn()).await?);
        figures.answered.add(&buyer.until_answered(measure.turn()).await?);
    }
    let answers = std::mem::take(&mut buyer.answers);
    shop.stop()?;
    let checked = check::compare(log.as_ref(), &answers).await?;
    let bare = [&figures.consumed, &figures.transaction];
    print(&[
        "\n## Until an answered purchase is visible\n".to_owned(),
        figures::head("p50 of each turn"),
        figures.consumed.row("(a) bare: produce until consumed"),
        figures.transaction.row("(b) bare: a transaction with a checkpoint and one document"),
        figures.found.row("(c) answered until found in MongoDB"),
        figures.answered.row("(d) answered until `purchase(atLeast)` is answered"),
        String::new(),
        goal(
            "p50 of (c) by (a) + (b)",
            figures::latency_ratio(&figures.found, bare),
            "at most 1.5",
        ),
        goal("p50 of (d) by (a) + (b)", figures::latency_ratio(&figures.answered, bare), "none"),
        format!(
            "\n{checked} answered purchases are in the log once each, at their positions, and no other is."
        ),
    ])
}

/// What a view costs at the very least: a checkpoint and one document in one transaction, one after another.
async fn transactions(client: &Client, length: Duration) -> Result<Turn> {
    let database = client.database("bare");
    let (checkpoints, documents) = (
        database.collection::<Document>("checkpoints"),
        database.collection::<Document>("documents"),
    );
    let held = doc! { "_id": "0" };
    let zero = doc! { "$setOnInsert": { "rev": 0_i64 } };
    checkpoints.update_one(held.clone(), zero).upsert(true).await?;
    documents.insert_one(doc! { "text": "x".repeat(300) }).await?;
    let mut session = client.start_session().await?;
    let span = Span::after_warm_up(length)?;
    let mut times = Vec::new();
    loop {
        let begun = Instant::now();
        if begun >= span.end {
            return Ok(Turn::of(times, span.length()));
        }
        session.start_transaction().await?;
        let moved = checkpoints.update_one(held.clone(), doc! { "$inc": { "rev": 1_i64 } });
        moved.session(&mut session).await?;
        documents.insert_one(doc! { "text": "x".repeat(300) }).session(&mut session).await?;
        session.commit_transaction().await?;
        if begun >= span.begin {
            times.push(begun.elapsed());
        }
    }
}

/// Buys, and looks for what was bought.
struct Buyer {
    connection: Connection,
    request: Vec<u8>,
    customers: Collection<Document>,
    answers: Vec<Vec<u8>>,
}

/// An answered purchase.
struct Bought {
    at: Instant,
    id: String,
    position: String,
}

impl Buyer {
    async fn new(shop: &Shop, client: &Client) -> Result<Self> {
        Ok(Self {
            connection: Connection::open(&shop.address).await?,
            request: shop::purchases(1).first().context("one request")?.to_vec(),
            customers: client.database("sklep").collection("customers"),
            answers: Vec::new(),
        })
    }

    async fn buy(&mut self) -> Result<Bought> {
        let answer = self.connection.ask(&self.request).await?;
        let at = Instant::now();
        let read: Value = serde_json::from_slice(&answer)?;
        let text = |path| read.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let id = text("/data/purchaseProduct/event/purchaseId");
        let position = text("/data/purchaseProduct/position");
        self.answers.push(answer);
        let (id, position) = id.zip(position).with_context(|| read.to_string())?;
        Ok(Bought { at, id, position })
    }

    /// Looks for each purchase in MongoDB again and again.
    async fn until_found(&mut self, length: Duration) -> Result<Turn> {
        let span = Span::after_warm_up(length)?;
        let mut times = Vec::new();
        while Instant::now() < span.end {
            let bought = self.buy().await?;
            let (customer, number) = bought.id.rsplit_once(':').context("no purchase id")?;
            let wanted = doc! { "_id": customer, "purchases": { "$gte": number.parse::<i64>()? } };
            while self.customers.find_one(wanted.clone()).await?.is_none() {
                if bought.at.elapsed() > NEVER {
                    bail!("{} is not in MongoDB after {NEVER:?}", bought.id);
                }
            }
            if bought.at >= span.begin {
                times.push(bought.at.elapsed());
            }
        }
        Ok(Turn::of(times, span.length()))
    }

    /// Asks the shop for each purchase, which waits until it has it.
    async fn until_answered(&mut self, length: Duration) -> Result<Turn> {
        let query = "query($id: ID!, $at: Position!) { purchase(id: $id, atLeast: $at) { id } }";
        let span = Span::after_warm_up(length)?;
        let mut times = Vec::new();
        while Instant::now() < span.end {
            let bought = self.buy().await?;
            let asked = request(query, &json!({ "id": bought.id, "at": bought.position }));
            let answer = self.connection.ask(&asked).await?;
            if bought.at >= span.begin {
                times.push(bought.at.elapsed());
            }
            let read: Value = serde_json::from_slice(&answer)?;
            if read.pointer("/data/purchase/id").and_then(Value::as_str) != Some(&bought.id) {
                bail!("the shop answered {read}");
            }
        }
        Ok(Turn::of(times, span.length()))
    }
}
