//! Purchases, on Kafka and on the embedded log.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Result;
use event_log::{EmbeddedLog, EventLog, KafkaLog, KafkaSettings};
use serde_json::json;

use super::{
    Measure, check,
    figures::{self, Series, goal},
    load::{Turn, clients},
    noop::Noop,
    plain,
    plain_kafka::{Plain, broker},
    print, say,
    shop::{self, Shop, ask},
};
use crate::{Kafka, Mongo, unique};

const MANY: usize = 64;
/// About what a purchase of one client takes besides its append.
const REST: Duration = Duration::from_micros(250);

pub(super) async fn run(measure: &Measure) -> Result<()> {
    let sklep = shop::program(measure.sklep.as_ref())?;
    let noop = Noop::start()?;
    on_embedded(measure, &sklep, &noop).await?;
    if !measure.embedded_only {
        on_kafka(measure, &sklep, &noop).await?;
    }
    Ok(())
}

/// What was measured with so many clients.
#[derive(Default)]
struct Figures {
    noop: Series,
    append: Series,
    /// On Kafka, with a rest before each.
    rested: Series,
    shop: Series,
    /// With the projector on.
    feeding: Series,
}

async fn on_embedded(measure: &Measure, sklep: &Path, noop: &Noop) -> Result<()> {
    // Beside the program: the system's folder for temporary files may be in memory.
    let beside = std::env::current_exe()?;
    let folder = tempfile::tempdir_in(beside.parent().unwrap_or(Path::new(".")))?;
    let data = folder.path().join("data");
    let options = ["--data", &data.display().to_string()];
    let shop = Shop::start(sklep, &options, MANY).await?;
    let (mut one, mut many, mut answers) = (Figures::default(), Figures::default(), Vec::new());
    for round in 1..=measure.rounds {
        say(format_args!("embedded log, round {round} of {}", measure.rounds));
        for (count, figures) in [(1, &mut one), (MANY, &mut many)] {
            figures.noop.add(&buy(&noop.address, count, measure).await?);
            if count == 1 {
                figures.append.add(&plain::appends(folder.path(), measure.turn())?);
            }
            let turn = buy(&shop.address, count, measure).await?;
            figures.shop.add(&turn);
            answers.extend(turn.answers);
        }
    }
    shop.stop()?;
    let checked = check::compare(EmbeddedLog::open(&data, None)?.as_ref(), &answers).await?;
    print(&[
        "\n## On the embedded log\n".to_owned(),
        figures::head("p50 of each turn"),
        one.noop.row("(a) no-op mutation, 1 client"),
        one.append.row("(b) 400 bytes and an fsync of a plain file, 1 at a time"),
        one.shop.row("(c) purchase, 1 client"),
        String::new(),
        figures::head("a second in each turn"),
        many.noop.row_of_rates("(a) no-op mutation, 64 clients"),
        many.shop.row_of_rates("(c) purchase, 64 clients"),
        String::new(),
        goal(
            "1 client: p50 of (c) by (a) + (b)",
            figures::latency_ratio(&one.shop, [&one.noop, &one.append]),
            "at most 1.5",
        ),
        goal(
            "64 clients: rate of (c) by (a)",
            figures::share(&many.shop, &many.noop),
            "at least 0.5",
        ),
        format!(
            "\n{checked} answered purchases are in the log once each, at their positions, and no other is."
        ),
    ])
}

async fn on_kafka(measure: &Measure, sklep: &Path, noop: &Noop) -> Result<()> {
    let (kafka, mongo) = (broker()?, Mongo::start_private()?);
    let mut shops = Shops::start(&kafka, &mongo, sklep, measure).await?;
    let (mut one, mut many) = (Figures::default(), Figures::default());
    for round in 1..=measure.rounds {
        say(format_args!("Kafka, round {round} of {}", measure.rounds));
        shops.round(1, measure, noop, &mut one).await?;
        shops.round(MANY, measure, noop, &mut many).await?;
    }
    print(&table(&one, &many))?;
    shops.check().await
}

/// Two shops on one Kafka, the second with its projector on, and every answer they gave.
struct Shops {
    plain: Plain,
    quiet: (Shop, Arc<KafkaLog>, Vec<Vec<u8>>),
    feeding: (Shop, Arc<KafkaLog>, Vec<Vec<u8>>),
}

impl Shops {
    async fn start(kafka: &Kafka, mongo: &Mongo, sklep: &Path, measure: &Measure) -> Result<Self> {
        let (quiet, feeding) = (unique("quiet"), unique("feeding"));
        let common = ["--kafka", kafka.bootstrap(), "--mongodb", mongo.uri()];
        let of = |topic| [&common[..], &["--topic", topic, "--database", topic]].concat();
        let without = [&of(&quiet)[..], &["--roles", "command,query"]].concat();
        let shop = Shop::start(sklep, &without, MANY).await?;
        let log = log_of(kafka, &quiet).await?;
        let mut answers = Vec::new();
        bought(&shop, 1, measure, &mut Series::default(), &mut answers).await?;
        let plain = Plain::open(kafka.bootstrap(), check::example(log.as_ref()).await?).await?;
        let second = Shop::start(sklep, &of(&feeding), MANY).await?;
        let feeding = (second, log_of(kafka, &feeding).await?, Vec::new());
        Ok(Self { plain, quiet: (shop, log, answers), feeding })
    }

    async fn round(
        &mut self,
        count: usize,
        measure: &Measure,
        noop: &Noop,
        figures: &mut Figures,
    ) -> Result<()> {
        figures.noop.add(&buy(&noop.address, count, measure).await?);
        figures.append.add(&self.plain.appends(count, measure.turn())?);
        if count == 1 {
            figures.rested.add(&self.plain.rested(REST, measure.turn())?);
        }
        let (shop, _, answers) = &mut self.quiet;
        bought(shop, count, measure, &mut figures.shop, answers).await?;
        let (shop, log, answers) = &mut self.feeding;
        bought(shop, count, measure, &mut figures.feeding, answers).await?;
        caught_up(shop, log.as_ref()).await
    }

    async fn check(self) -> Result<()> {
        for (shop, log, answers) in [self.quiet, self.feeding] {
            shop.stop()?;
            report(log.as_ref(), &answers).await?;
        }
        Ok(())
    }
}

async fn report(log: &dyn EventLog, answers: &[Vec<u8>]) -> Result<()> {
    let checked = check::compare(log, answers).await?;
    print(&[format!(
        "\n{checked} answered purchases are in the log once each, at their positions, and no other is."
    )])
}

fn table(one: &Figures, many: &Figures) -> Vec<String> {
    let off = figures::latency_ratio(&one.shop, [&one.noop, &one.append]);
    let on = figures::latency_ratio(&one.feeding, [&one.noop, &one.append]);
    let with_rests = figures::latency_ratio(&one.shop, [&one.noop, &one.rested]);
    let off_many = figures::rate_ratio(&many.shop, [&many.noop, &many.append]);
    let on_many = figures::rate_ratio(&many.feeding, [&many.noop, &many.append]);
    vec![
        "\n## On Kafka\n".to_owned(),
        figures::head("p50 of each turn"),
        one.noop.row("(a) no-op mutation, 1 client"),
        one.append.row("(b) bare append, 1 in flight"),
        one.rested.row("(b') the same, each after a rest of 0.25 ms"),
        one.shop.row("(c) purchase, 1 client, projector off"),
        one.feeding.row("(c) purchase, 1 client, projector on"),
        String::new(),
        figures::head("a second in each turn"),
        many.noop.row_of_rates("(a) no-op mutation, 64 clients"),
        many.append.row_of_rates("(b) bare append, 64 in flight"),
        many.shop.row_of_rates("(c) purchase, 64 clients, projector off"),
        many.feeding.row_of_rates("(c) purchase, 64 clients, projector on"),
        String::new(),
        goal("1 client: p50 of (c) by (a) + (b)", off, "at most 1.2"),
        goal("the same, projector on", on, "none"),
        goal("1 client: p50 of (c) by (a) + (b')", with_rests, "none"),
        goal("64 clients: rate of (c) by 1/(1/a + 1/b)", off_many, "at least 0.8"),
        goal("the same, projector on", on_many, "none"),
    ]
}

/// A turn of purchases, whose answers are kept to be compared with the log.
async fn bought(
    shop: &Shop,
    count: usize,
    measure: &Measure,
    series: &mut Series,
    answers: &mut Vec<Vec<u8>>,
) -> Result<()> {
    let turn = buy(&shop.address, count, measure).await?;
    series.add(&turn);
    answers.extend(turn.answers);
    Ok(())
}

async fn buy(address: &str, count: usize, measure: &Measure) -> Result<Turn> {
    clients(address, &shop::purchases(count), measure.turn()).await
}

async fn log_of(kafka: &Kafka, topic: &str) -> Result<Arc<KafkaLog>> {
    Ok(KafkaLog::open(KafkaSettings::new(kafka.bootstrap(), topic)).await?)
}

/// Waits until the views have everything, so that feeding them disturbs no other turn.
async fn caught_up(shop: &Shop, log: &dyn EventLog) -> Result<()> {
    let end = shop::end(log).await?;
    let query = "query($end: Position!) { product(id: \"chleb_2\", atLeast: $end) { id } }";
    loop {
        let answer = ask(&shop.address, query, &json!({ "end": end })).await?;
        if answer.get("errors").is_none() {
            return Ok(());
        }
    }
}
