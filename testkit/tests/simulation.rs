//! The searches over the writer: the sound one passes, and each planted fault is found.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a failure here is a failed test, and what was found is shown with --nocapture"
)]

use std::thread;

use command::writer::Fault;
use testkit::simulation::{
    FAULTS, Replies, Trace,
    breadth::{Explored, Limits, search},
    random::{self, Outcome},
    small,
};

/// How many random worlds are tried on every change; `simulate --seeds` tries more.
const SEEDS: u64 = 2000;
/// To this depth every state of every small world is tried on every change.
const DEPTH: usize = 9;

#[test]
fn two_thousand_random_worlds_keep_every_promise() {
    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        let half =
            |from| move || (from..SEEDS).step_by(2).map(|seed| run(seed, None)).collect::<Vec<_>>();
        let halves = [scope.spawn(half(0)), scope.spawn(half(1))];
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    let mut replies = Replies::default();
    for outcome in &outcomes {
        let Outcome { seed, violations, .. } = outcome;
        assert!(
            violations.is_empty(),
            "see it with: simulate --seed {seed} --trace\n{violations:#?}"
        );
        replies.add(outcome.replies);
    }
    println!("{SEEDS} seeds: {replies:?}");
    // Worlds in which nothing much happens would prove nothing.
    let Replies { stored, repeated, as_it_is, refused, failed, unknown, overloaded, .. } = replies;
    let Replies { skipped, not_parked, unavailable, handed_over, .. } = replies;
    let least = [stored, repeated, as_it_is, refused, failed, unknown, overloaded, handed_over];
    assert!([skipped, not_parked, unavailable].iter().all(|count| *count >= 20), "{replies:?}");
    assert!(least.iter().all(|count| *count >= 20), "{replies:?}");
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
fn every_state_of_the_small_worlds_keeps_every_promise() {
    for small in small::SMALL {
        let limits = Limits { depth: DEPTH, states: usize::MAX, heal_every: 50 };
        let explored = search(&small.start(None), limits);
        let Explored { states, histories, healed, .. } = explored;
        println!("{}: {states} states, {histories} histories, {healed} healed", small.name);
        assert_eq!(explored.violation, None, "in the world \"{}\"", small.name);
        assert_eq!(explored.depth, DEPTH);
    }
}

#[test]
fn a_missing_contiguity_check_is_found() {
    check(Fault::NoContiguityCheck, "takeover");
}

#[test]
fn answering_across_a_gap_is_found() {
    check(Fault::AnswerAcrossGap, "repeat");
}

#[test]
fn serving_on_the_acknowledgement_is_found() {
    check(Fault::ServeOnAcknowledgement, "doubt");
}

#[test]
fn accepting_an_equal_epoch_is_found() {
    check(Fault::AcceptEqualEpoch, "beginning");
}

#[test]
fn refusing_on_unconfirmed_state_is_found() {
    check(Fault::RefuseOnUnconfirmed, "refusal");
}

#[test]
fn settling_from_a_lagging_read_is_found() {
    check(Fault::SettleFromLaggingRead, "doubt");
}

/// Both searches must find the fault, each by itself: the breadth-first one in this small world.
#[track_caller]
fn check(fault: Fault, small: &str) {
    let name = FAULTS.iter().find(|(_, known)| *known == fault).unwrap().0;
    let found =
        (0..SEEDS).map(|seed| run(seed, Some(fault))).find(|run| !run.violations.is_empty());
    let found = found.unwrap_or_else(|| panic!("{name} is not found by {SEEDS} seeds"));
    println!("{name}: {} seeds; {}", found.seed + 1, found.violations[0]);

    let small = small::SMALL.iter().find(|known| known.name == small).unwrap();
    // States are only judged, not healed: the fault shows in what was done, not in what is still to come.
    let limits = Limits { depth: 10, states: 500_000, heal_every: 0 };
    let Explored { states, violation, .. } = search(&small.start(Some(fault)), limits);
    let trace = violation.unwrap_or_else(|| panic!("{name} is not found in \"{}\"", small.name));
    println!("{name}: {states} states of \"{}\"\n{trace}", small.name);
}

fn run(seed: u64, fault: Option<Fault>) -> Outcome {
    random::run(seed, fault, &mut Trace::default())
}
