//! The auditor: from one partition's records and what its callers saw, says what is wrong.
//!
//! It is written apart from the code that it judges. It reads the ledger's rule (`docs/ledger.md`) in its own
//! words, counts customers, purchases and prices by itself, and uses of the shop's code only the decider, to
//! ask whether a refusal was true. It serves the simulation, and real logs after a benchmark or a crash alike.
//!
//! Callers are known by [`Attempt`]s. What it checks:
//!
//! - an answered event counts exactly once, at the answered offset, and is what was answered;
//! - what was refused, failed or not taken never counts;
//! - each refusal, and each "as it is already", was true at a moment between call and answer;
//! - at most one counted event for each command id, and for each attempt;
//! - purchase numbers and price versions have no holes, totals add up, previous prices are right;
//! - recorded times do not go back, from record to record of deciding writers;
//! - every counted event is one that somebody wished for.

mod answers;
mod counted;
mod facts;
mod history;
mod linearizability;
mod violation;

use domain::Rules;

pub use counted::{Counted, Logged, Tally};
pub use history::{Answered, Attempt, Moment, Said};
pub use violation::Violation;

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// How many records were judged, and how.
    pub tally: Tally,
    /// What is wrong; empty when all is well.
    pub violations: Vec<Violation>,
}

/// Audits one partition: all of its records from offset 0, and every attempt that was made on it.
pub fn audit(records: &[Logged], attempts: &[Attempt], rules: Rules) -> Findings {
    let (counted, tally) = counted::judge(records);
    let mut violations = Vec::new();
    counted::check_times(&counted, &mut violations);
    facts::check(&counted, &mut violations);
    answers::check(&counted, attempts, &mut violations);
    linearizability::check(&counted, tally.records, attempts, rules, &mut violations);
    Findings { tally, violations }
}
