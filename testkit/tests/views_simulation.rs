//! The search over the protocol of the views: the sound one passes, and each planted fault is found.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a failure here is a failed test, and what was found is shown with --nocapture"
)]

use std::thread;

use testkit::{
    simulation::Trace,
    views_simulation::{
        FAULTS, Fault,
        random::{self, Outcome, Tally},
    },
};

/// How many random worlds are tried on every change; `simulate --views --seeds` tries more.
const SEEDS: u64 = 2000;

#[test]
fn two_thousand_random_worlds_keep_every_promise() {
    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        let half =
            |from| move || (from..SEEDS).step_by(2).map(|seed| run(seed, None)).collect::<Vec<_>>();
        let halves = [scope.spawn(half(0)), scope.spawn(half(1))];
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    let mut tally = Tally::default();
    for outcome in &outcomes {
        let Outcome { seed, violations, .. } = outcome;
        assert!(
            violations.is_empty(),
            "see it with: simulate --views --seed {seed} --trace\n{violations:#?}"
        );
        tally.add(&outcome.tally);
    }
    println!("{SEEDS} seeds: {tally:?}");
    // Worlds in which nothing much happens would prove nothing.
    let Tally { commits, filled, flips, rollbacks, removed, dropped, .. } = tally;
    let Tally { taken_over, begun_anew, .. } = tally;
    let least = [commits, filled, flips, rollbacks, removed, dropped, taken_over, begun_anew];
    assert!(least.iter().all(|count| *count >= 100), "{tally:?}");
    assert!(tally.answers >= 10 * tally.unanswered.min(1_000), "{tally:?}");
}

#[test]
fn worlds_in_which_a_fault_was_found_keep_every_promise() {
    // The database is dropped while a rebuild removes what it has begun anew from: the rebuild never ended.
    let Outcome { violations, .. } = run(6188, None);
    assert!(violations.is_empty(), "{violations:#?}");
}

#[test]
fn a_seed_means_the_same_world_every_time() {
    let told = |seed| {
        let mut notes = Trace::taken();
        random::run(seed, None, &mut notes);
        notes.text()
    };
    assert_eq!(told(7), told(7));
    assert_ne!(told(7), told(8));
}

#[test]
fn a_missing_compare_and_set_is_found() {
    check("no-compare-and-set");
}

#[test]
fn a_fill_without_the_guard_by_last_is_found() {
    check("fill-without-last");
}

#[test]
fn a_fill_without_an_end_is_found() {
    check("no-fill-to");
}

#[test]
fn a_flip_without_reading_the_live_checkpoints_is_found() {
    check("flip-unread");
}

#[test]
fn a_removal_without_waiting_for_the_lease_is_found() {
    check("no-lease");
}

#[test]
fn a_search_for_orphans_that_reads_control_first_is_found() {
    check("control-before-names");
}

#[test]
fn a_rebuild_that_takes_in_what_is_skipped_is_found() {
    check("no-skips");
}

#[track_caller]
fn check(name: &str) {
    let fault = FAULTS.iter().find(|(known, _)| *known == name).unwrap().1;
    let found =
        (0..SEEDS).map(|seed| run(seed, Some(fault))).find(|run| !run.violations.is_empty());
    let found = found.unwrap_or_else(|| panic!("{name} is not found by {SEEDS} seeds"));
    println!("{name}: {} seeds; {}", found.seed + 1, found.violations[0]);
}

fn run(seed: u64, fault: Option<Fault>) -> Outcome {
    random::run(seed, fault, &mut Trace::default())
}
