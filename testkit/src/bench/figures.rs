//! Medians, ratios, and how they are written.
#![expect(clippy::float_arithmetic, reason = "figures for people, and nothing follows from them")]

use std::time::Duration;

use super::load::Turn;

/// What one thing came to, turn by turn.
#[derive(Debug, Default, Clone)]
pub(super) struct Series {
    /// Medians, in milliseconds.
    p50: Vec<f64>,
    p99: Vec<f64>,
    /// Answers a second.
    rate: Vec<f64>,
}

impl Series {
    /// Takes a turn in.
    pub(super) fn add(&mut self, turn: &Turn) {
        self.p50.push(at(&turn.times, 50));
        self.p99.push(at(&turn.times, 99));
        self.rate.push(count(turn.times.len()) / turn.took.as_secs_f64());
    }

    /// The median turn's median, in milliseconds.
    pub(super) fn p50(&self) -> f64 {
        median(&self.p50)
    }

    /// The median turn's rate, in a second.
    pub(super) fn rate(&self) -> f64 {
        median(&self.rate)
    }

    /// A line of the table.
    pub(super) fn row(&self, what: &str) -> String {
        format!(
            "| {what} | {:.3} | {:.3} | {:.0} | {} |",
            self.p50(),
            median(&self.p99),
            self.rate(),
            turns(&self.p50, 3),
        )
    }

    /// The same for many clients, where the turns' rates say more than their medians.
    pub(super) fn row_of_rates(&self, what: &str) -> String {
        format!(
            "| {what} | {:.3} | {:.3} | {:.0} | {} |",
            self.p50(),
            median(&self.p99),
            self.rate(),
            turns(&self.rate, 0),
        )
    }
}

/// The heads of [`Series::row`] and [`Series::row_of_rates`].
pub(super) fn head(each_turn: &str) -> String {
    format!("| | p50 ms | p99 ms | a second | {each_turn} |\n|---|---|---|---|---|")
}

/// A ratio beside its goal.
pub(super) fn goal(what: &str, ratio: f64, goal: &str) -> String {
    format!("- {what}: **{ratio:.2}** (goal: {goal})")
}

/// The median over the turns of what took `whole` by what its `parts` took one after another.
pub(super) fn latency_ratio(whole: &Series, parts: [&Series; 2]) -> f64 {
    ratio(&whole.p50, &parts[0].p50, &parts[1].p50, |a, b| a + b)
}

/// The median over the turns of `whole`'s rate by the rate of doing both parts for each answer.
pub(super) fn rate_ratio(whole: &Series, parts: [&Series; 2]) -> f64 {
    ratio(&whole.rate, &parts[0].rate, &parts[1].rate, |a, b| 1.0 / (1.0 / a + 1.0 / b))
}

/// The median over the turns of `whole`'s rate by `part`'s.
pub(super) fn share(whole: &Series, part: &Series) -> f64 {
    ratio(&whole.rate, &part.rate, &part.rate, |a, _| a)
}

/// The median over the turns of `whole`'s median by `part`'s.
pub(super) fn quotient(whole: &Series, part: &Series) -> f64 {
    ratio(&whole.p50, &part.p50, &part.p50, |a, _| a)
}

/// How many a second.
pub(super) fn per_second(done: (u64, Duration)) -> String {
    format!("{:.0}", rate(done))
}

/// How many times as fast.
pub(super) fn ratio_of(one: (u64, Duration), other: (u64, Duration)) -> f64 {
    rate(one) / rate(other)
}

fn rate((count, took): (u64, Duration)) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from) / took.as_secs_f64()
}

fn ratio(whole: &[f64], first: &[f64], second: &[f64], both: impl Fn(f64, f64) -> f64) -> f64 {
    let parts = first.iter().zip(second).map(|(first, second)| both(*first, *second));
    median(&whole.iter().zip(parts).map(|(whole, parts)| whole / parts).collect::<Vec<_>>())
}

fn turns(values: &[f64], digits: usize) -> String {
    values.iter().map(|value| format!("{value:.digits$}")).collect::<Vec<_>>().join(" ")
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A percentile of sorted times, in milliseconds.
fn at(times: &[Duration], percent: usize) -> f64 {
    let index = times.len().saturating_mul(percent) / 100;
    times.get(index).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}
