//! Searches over the protocol of the views: the real projectors, rebuilds and queries on a simulated database.
//!
//! A seed makes a world of two projectors, two processes that rebuild, an operator and two processes that query, on one
//! log in memory and one database of the simulation's own. Time is simulated too. Each call takes effect at
//! a moment of chance and is answered later, or never, or is reported as failed and takes effect all the same, at
//! once or when nobody expects it any more. Processes pause, for longer than a lease too, and are killed; somebody
//! drops the database.
//!
//! The auditor knows what the documents must be from the events alone, by folds of its own, and judges every
//! change of the database and every answer.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a world counts to some thousands; going wrong here must stop the search"
)]

mod actors;
mod audit;
mod call_outcomes;
mod database;
mod effects;
mod ports;
mod process;
mod queries;
mod quiesce;
pub mod random;
mod reference_model;
mod simulated_store;
mod world;
mod writer;

/// A fault that can be planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The store takes every commit, whoever holds the checkpoint.
    NoCompareAndSet,
    /// The store takes every document of a fill, whatever it has.
    FillWithoutLast,
    /// The code has it.
    Planted(projector::Fault),
}

/// The faults that can be planted, by name.
pub const FAULTS: [(&str, Fault); 7] = [
    ("no-compare-and-set", Fault::NoCompareAndSet),
    ("fill-without-last", Fault::FillWithoutLast),
    ("no-fill-to", Fault::Planted(projector::Fault::NoFillTo)),
    ("flip-unread", Fault::Planted(projector::Fault::FlipUnread)),
    ("no-lease", Fault::Planted(projector::Fault::NoLease)),
    ("control-before-names", Fault::Planted(projector::Fault::ControlBeforeNames)),
    ("no-skips", Fault::Planted(projector::Fault::NoSkips)),
];
