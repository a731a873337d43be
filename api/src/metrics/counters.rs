//! What the front door counts itself.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::family::{Family, Kind};

/// Where the buckets of answering times end, in microseconds: from a query that finds everything in memory to the longest
/// that a command may take.
const BUCKETS: [u64; 10] =
    [1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_000_000, 10_000_000];

/// What a request to `/graphql` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Query,
    Mutation,
    /// Not to be understood, or refused before anything was executed.
    Bad,
}

/// What the front door counts itself, since the process started.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    queries: Times,
    mutations: Times,
    bad: Times,
    errors: LabeledCounter,
    commands: LabeledCounter,
}

/// How often each of several things happened.
#[derive(Debug, Default)]
struct LabeledCounter(Mutex<BTreeMap<String, u64>>);

/// How often something took how long.
#[derive(Debug, Default)]
struct Times {
    /// One more than there are bounds: what took longer than all of them.
    buckets: [AtomicU64; BUCKETS.len() + 1],
    microseconds: AtomicU64,
}

impl Counters {
    /// A request was answered after so long.
    pub(crate) fn answered(&self, operation: Operation, after: Duration) {
        self.times(operation).add(after);
    }

    /// An answer has an error with this code.
    pub(crate) fn count_error(&self, code: &str) {
        self.errors.add(code);
    }

    /// A command came to this.
    pub(crate) fn count_command(&self, outcome: &str) {
        self.commands.add(outcome);
    }

    fn times(&self, operation: Operation) -> &Times {
        match operation {
            Operation::Query => &self.queries,
            Operation::Mutation => &self.mutations,
            Operation::Bad => &self.bad,
        }
    }

    pub(super) fn families(&self) -> Vec<Family> {
        let mut requests = Family::new(
            "sklep_request_duration_seconds",
            Kind::Histogram,
            "How long requests to /graphql took to be answered, in seconds.",
        );
        for (operation, times) in
            [("query", &self.queries), ("mutation", &self.mutations), ("bad", &self.bad)]
        {
            requests = times.told(requests, operation);
        }
        let errors =
            Family::new("sklep_errors_total", Kind::Counter, "Errors in answers, by their code.");
        let commands =
            Family::new("sklep_commands_total", Kind::Counter, "Commands, by what they came to.");
        vec![requests, self.errors.told(errors, "code"), self.commands.told(commands, "outcome")]
    }
}

impl LabeledCounter {
    fn add(&self, what: &str) {
        let mut counts = self.lock();
        if let Some(count) = counts.get_mut(what) {
            *count = count.saturating_add(1);
        } else {
            counts.insert(what.to_owned(), 1);
        }
        drop(counts);
    }

    fn told(&self, family: Family, label: &'static str) -> Family {
        let told =
            |family: Family, (what, count): (&String, &u64)| family.with(&[(label, what)], *count);
        self.lock().iter().fold(family, told)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Times {
    fn add(&self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.partition_point(|bound| *bound < took);
        if let Some(bucket) = self.buckets.get(bucket) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.microseconds.fetch_add(took, Ordering::Relaxed);
    }

    fn told(&self, mut family: Family, operation: &'static str) -> Family {
        let mut count: u64 = 0;
        let bounds = BUCKETS.iter().map(|bound| seconds(*bound)).chain(["+Inf".to_owned()]);
        for (bound, bucket) in bounds.zip(&self.buckets) {
            count = count.saturating_add(bucket.load(Ordering::Relaxed));
            family = family.sample(
                "_bucket",
                &[("operation", &operation), ("le", &bound)],
                count.to_string(),
            );
        }
        let sum = seconds(self.microseconds.load(Ordering::Relaxed));
        family.sample("_sum", &[("operation", &operation)], sum).sample(
            "_count",
            &[("operation", &operation)],
            count.to_string(),
        )
    }
}

/// Microseconds as seconds: `2500` is `0.0025`.
fn seconds(microseconds: u64) -> String {
    let whole = microseconds.checked_div(1_000_000).unwrap_or_default();
    let part = microseconds.checked_rem(1_000_000).unwrap_or_default();
    let text = format!("{whole}.{part:06}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
