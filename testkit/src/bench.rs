//! The benchmark: the shop against what its parts cost alone, in one run and with one load generator.
//!
//! The machine is taken to be a noisy one. So everything is measured in short turns that alternate, and what is
//! reported is the median of the turns.

mod check;
mod figures;
mod http;
mod load;
mod noop;
mod plain;
mod plain_kafka;
mod purchase;
mod rebuild;
mod shop;
mod visible;

use std::{io::Write as _, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

/// Measures the shop against what its parts cost alone.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Purchases, on Kafka and on the embedded log, against a no-op mutation and a bare append
    Purchase(Measure),
    /// How soon an answered purchase is seen in MongoDB, against a bare way there
    Visible(Measure),
    /// A rebuild of the views, against plain inserts and plain decoding
    Rebuild(rebuild::RebuildArgs),
    /// One rebuild, for the benchmark itself
    #[command(hide = true)]
    RebuildChild(rebuild::child::ChildArgs),
    /// The server of the no-op mutation, for the benchmark itself
    #[command(hide = true)]
    Noop,
}

/// How to measure.
#[derive(Debug, Clone, Args)]
struct Measure {
    /// How many times everything is measured in turn
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,
    /// How long each turn is measured, after a warm-up of a third of it
    #[arg(long, value_name = "SECONDS", default_value_t = 3)]
    seconds: u64,
    /// A built `sklep`; built in release mode when it is not given
    #[arg(long, value_name = "PATH")]
    sklep: Option<PathBuf>,
    /// Leaves Kafka out
    #[arg(long)]
    embedded_only: bool,
}

impl Measure {
    fn turn(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

/// What the program `bench` does.
pub fn main() -> ExitCode {
    match run(&Cli::parse().what) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where even that cannot be told, the exit code says it.
            let _ = writeln!(std::io::stderr(), "bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(what: &What) -> Result<()> {
    match what {
        What::Purchase(measure) => load::runtime()?.block_on(purchase::run(measure)),
        What::Visible(measure) => load::runtime()?.block_on(visible::run(measure)),
        What::Rebuild(args) => load::runtime()?.block_on(rebuild::run(args)),
        What::RebuildChild(args) => rebuild::child::main(args),
        What::Noop => noop::run(),
    }
}

/// Gives the results.
fn print(lines: &[String]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Says how far it is.
fn say(text: std::fmt::Arguments<'_>) {
    // Nobody needs to listen.
    let _ = writeln!(std::io::stderr(), "{text}");
}
