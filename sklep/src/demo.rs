//! `sklep demo`: fills a running shop with customers, products whose prices move over months, and purchases.

mod sample_people;
mod sample_products;
mod visitors;

use std::time::Duration;

use anyhow::Context as _;
use clap::Args;

use crate::{
    bulk_submit::{DOUBTFUL, Differs, Notes, PreviousRuns, Run, SourceId, Verdict, on_thread},
    client::ServerArgs,
    exit_code::{Mismatch, Outcome},
    progress::Progress,
    stages::Grouped,
    stderr,
    stdout::Stdout,
    views,
};
use visitors::{Size, Visitors};

/// Fills a running shop with sample customers, products and purchases
///
/// Thirteen products change their prices over the months of a year, from year to year they get dearer, and customers,
/// who like some things more than others, buy more of what is cheap. A month is as long as it takes for four purchases
/// by five customers. All ids begin with `demo-`, so that nothing else in the shop is touched.
///
/// The same seed makes the same shop: run again with the same numbers it adds nothing, and with more purchases only
/// those and the prices of their months.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// How many customers
    #[arg(long, env = "SKLEP_CUSTOMERS", value_name = "N", default_value_t = 100)]
    customers: u32,
    /// How many purchases
    #[arg(long, env = "SKLEP_PURCHASES", value_name = "N", default_value_t = 1000)]
    purchases: u32,
    /// From which everything random follows
    #[arg(long, env = "SKLEP_SEED", value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// A shop that answers nothing for so long is not there for a demonstration.
const PATIENCE: Duration = Duration::from_secs(30);
/// So many wishes are made up ahead of those that are looked at.
const AHEAD: usize = 256;

/// Fills the shop and says how much was added.
pub(crate) async fn run(args: DemoArgs) -> anyhow::Result<Outcome> {
    let shop = args.server.shop()?;
    // Who buys depends on how many customers there are, so another number of them is another demonstration.
    let series = SourceId::of_lines("demo", &format!("{}.{}", args.seed, args.customers));
    let earlier = PreviousRuns::read(&shop, &series, Notes::default())
        .await
        .context("the shop's log cannot be read")?;
    let DemoArgs { seed, customers, purchases, .. } = args;
    let visitors = Visitors::new(Size { seed, customers, purchases })?;
    let mut progress = Progress::start("commands", Some(visitors.count()?));
    let mut run = Run::new(shop.clone(), series, earlier, PATIENCE);
    let (mut done, mut stored): (u64, u64) = (0, 0);
    run.go(on_thread(AHEAD, visitors.wishes()), std::future::pending(), |_mark, _raw, verdict| {
        done = done.saturating_add(1);
        progress.at(done);
        match verdict {
            Verdict::Stored => stored = stored.saturating_add(1),
            Verdict::AlreadyThere | Verdict::Unchanged => {}
            Verdict::Rejected(reason) => progress.say(format_args!("refused: {}", reason.message)),
            Verdict::Doubtful => progress.say(DOUBTFUL),
        }
        Ok(())
    })
    .await
    .map_err(|error| explained(error, args.seed))?;
    progress.finish();
    if let Some(position) = run.reached() {
        views::wait(&shop, &position).await;
    }
    let mut out = Stdout::new();
    out.line(format_args!("{} commands, {} new events", Grouped(done), Grouped(stored)))?;
    out.flush()?;
    stderr::line(
        "`sklep customers` and `sklep products` show them; the playground has queries for price history and sales",
    );
    Ok(Outcome::Done)
}

fn explained(error: anyhow::Error, seed: u64) -> anyhow::Error {
    if !error.is::<Differs>() {
        return error;
    }
    Mismatch(format!(
        "the shop holds other samples of the seed {seed}, which another version of this program made; \
         `sklep demo --seed {}` adds new ones",
        seed.saturating_add(1)
    ))
    .into()
}
