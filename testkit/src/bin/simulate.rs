//! Searches over the writer's state machine and over the protocol of the views; `docs/simulation.md` says what they try.
//!
//! ```text
//! simulate --seeds 100000 [--from 0] [--fault NAME]     many random worlds
//! simulate --seed 17 [--trace] [--fault NAME]           one of them, step by step
//! simulate --views [the same]                            the protocol of the views instead of the writer
//! simulate --breadth [--depth N] [--states N] [--world NAME] [--fault NAME]
//! ```
#![expect(clippy::print_stdout, reason = "what this program finds is its output")]

use std::{process::ExitCode, str::FromStr, time::Instant};

use anyhow::{Context as _, bail};
use command::writer::Fault;
use testkit::{
    simulation::{
        FAULTS, Replies, Trace,
        breadth::{Limits, search},
        random, small,
    },
    views_simulation,
};

/// What was asked for.
struct Options {
    seeds: u64,
    from: u64,
    seed: Option<u64>,
    trace: bool,
    fault: Option<String>,
    views: bool,
    breadth: bool,
    depth: usize,
    states: usize,
    world: Option<String>,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse()?;
    let found = match (options.breadth, options.seed) {
        _ if options.views => views(&options)?,
        (true, _) => breadth(&options)?,
        (false, Some(seed)) => one(&options, seed)?,
        (false, None) => many(&options)?,
    };
    // 3 is "the check found a difference", as for the shop's own checks.
    Ok(if found { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

fn views(options: &Options) -> anyhow::Result<bool> {
    use views_simulation::random::{self, Tally};

    let fault = options.fault.as_deref().map(|name| named(name, views_simulation::FAULTS));
    let fault = fault.transpose()?;
    let begun = Instant::now();
    let (mut tally, mut steps, mut seconds) = (Tally::default(), 0_usize, 0_u64);
    let seeds = if options.seed.is_some() { 1 } else { options.seeds };
    let from = options.seed.unwrap_or(options.from);
    for seed in (from..).take(usize::try_from(seeds).unwrap_or(usize::MAX)) {
        let mut notes = if options.trace { Trace::taken() } else { Trace::default() };
        let outcome = random::run(seed, fault, &mut notes);
        print!("{}", notes.text());
        tally.add(&outcome.tally);
        steps = steps.saturating_add(outcome.steps);
        seconds = seconds.saturating_add(outcome.seconds);
        if let Some(violation) = outcome.violations.first() {
            println!("seed {seed}: {violation}");
            let tried = seed.saturating_sub(from).saturating_add(1);
            println!("{tried} seeds; see it with --views --seed {seed} --trace");
            return Ok(true);
        }
    }
    println!(
        "{seeds} seeds, {steps} steps, {seconds} simulated seconds, no violation ({:.0?})",
        begun.elapsed()
    );
    println!("{tally:?}");
    Ok(false)
}

fn many(options: &Options) -> anyhow::Result<bool> {
    let fault = options.writer_fault()?;
    let begun = Instant::now();
    let mut replies = Replies::default();
    let (mut steps, mut calls, mut records) = (0_usize, 0_usize, 0_u64);
    for seed in (options.from..).take(usize::try_from(options.seeds).unwrap_or(usize::MAX)) {
        let outcome = random::run(seed, fault, &mut Trace::default());
        steps = steps.saturating_add(outcome.steps);
        calls = calls.saturating_add(outcome.calls);
        records = records.saturating_add(outcome.records);
        replies.add(outcome.replies);
        if let Some(violation) = outcome.violations.first() {
            println!("seed {seed}: {violation}");
            println!(
                "{} seeds; see it with --seed {seed} --trace",
                seed.saturating_sub(options.from).saturating_add(1)
            );
            return Ok(true);
        }
    }
    println!(
        "{} seeds, {steps} actions, {calls} calls, {records} records, no violation ({:.0?})",
        options.seeds,
        begun.elapsed()
    );
    println!("{replies:?}");
    Ok(false)
}

fn one(options: &Options, seed: u64) -> anyhow::Result<bool> {
    let mut notes = if options.trace { Trace::taken() } else { Trace::default() };
    let outcome = random::run(seed, options.writer_fault()?, &mut notes);
    print!("{}", notes.text());
    println!(
        "seed {seed}: {} actions, {} calls, {} records",
        outcome.steps, outcome.calls, outcome.records
    );
    for violation in &outcome.violations {
        println!("violation: {violation}");
    }
    Ok(!outcome.violations.is_empty())
}

fn breadth(options: &Options) -> anyhow::Result<bool> {
    let fault = options.writer_fault()?;
    let mut found = false;
    for world in small::SMALL {
        if options.world.as_ref().is_some_and(|name| name != world.name) {
            continue;
        }
        let begun = Instant::now();
        let limits = Limits { depth: options.depth, states: options.states, heal_every: 97 };
        let explored = search(&world.start(fault), limits);
        println!(
            "{:<10} {:>9} states, {:>9} actions, depth {:>2}{}, {:>7} histories audited, {:>6} states healed ({:.1?})",
            world.name,
            explored.states,
            explored.transitions,
            explored.depth,
            if explored.exhausted { " (all)" } else { "" },
            explored.histories,
            explored.healed,
            begun.elapsed()
        );
        if let Some(violation) = explored.violation {
            println!("{violation}");
            found = true;
        }
    }
    Ok(found)
}

impl Options {
    fn writer_fault(&self) -> anyhow::Result<Option<Fault>> {
        self.fault.as_deref().map(|name| named(name, FAULTS)).transpose()
    }

    fn parse() -> anyhow::Result<Self> {
        let mut options = Self {
            seeds: 2000,
            from: 0,
            seed: None,
            trace: false,
            fault: None,
            views: false,
            breadth: false,
            depth: 12,
            states: 20_000_000,
            world: None,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(name) = arguments.next() {
            let mut next = || arguments.next().with_context(|| format!("{name} needs a value"));
            match name.as_str() {
                "--seeds" => options.seeds = number(&name, &next()?)?,
                "--from" => options.from = number(&name, &next()?)?,
                "--seed" => options.seed = Some(number(&name, &next()?)?),
                "--trace" => options.trace = true,
                "--fault" => options.fault = Some(next()?),
                "--views" => options.views = true,
                "--breadth" => options.breadth = true,
                "--depth" => options.depth = number(&name, &next()?)?,
                "--states" => options.states = number(&name, &next()?)?,
                "--world" => options.world = Some(next()?),
                _ => bail!("{name} is none of the options; docs/simulation.md lists them"),
            }
        }
        Ok(options)
    }
}

fn number<N: FromStr>(name: &str, text: &str) -> anyhow::Result<N> {
    text.parse().ok().with_context(|| format!("{name} is a whole number, not {text}"))
}

fn named<F: Copy, const N: usize>(name: &str, faults: [(&str, F); N]) -> anyhow::Result<F> {
    let found = faults.iter().find(|(known, _)| *known == name);
    let names = || faults.map(|(known, _)| known).join(", ");
    found.map(|(_, fault)| *fault).with_context(|| format!("the faults are {}", names()))
}
