use Verdict::{Counts, Foreign, Void};
use proptest::prelude::*;

use super::*;

fn writer(n: u128) -> WriterId {
    WriterId(Uuid::from_u128(n))
}

#[expect(clippy::unnecessary_wraps, reason = "what a record claims, which may be nothing")]
fn starts(epoch: u64, of: u128) -> Option<WriterClaim> {
    Some(WriterClaim::Starts { epoch, writer: writer(of) })
}

#[expect(clippy::unnecessary_wraps, reason = "what a record claims, which may be nothing")]
fn follows(epoch: u64, of: u128, sequence: u64) -> Option<WriterClaim> {
    Some(WriterClaim::Follows(Stamp { epoch, writer: writer(of), sequence }))
}

const FOREIGN: Option<WriterClaim> = None;

/// Each claim in its order, with what it must come to.
#[track_caller]
fn check(records: impl IntoIterator<Item = (Option<WriterClaim>, Verdict)>) -> Ledger {
    let mut ledger = Ledger::default();
    for (offset, (claim, expected)) in records.into_iter().enumerate() {
        let before = ledger;
        assert_eq!(ledger.judge(claim), expected, "at offset {offset}: {claim:?}");
        assert_eq!(
            expected != Counts,
            ledger == before,
            "only what counts moves the ledger, at offset {offset}"
        );
    }
    ledger
}

#[test]
fn at_first_there_is_no_writer() {
    assert_eq!(Ledger::default(), Ledger { epoch: 0, writer: None, sequence: 0 });
    check([(follows(0, 1, 1), Void), (follows(1, 1, 1), Void), (starts(0, 1), Void)]);
}

#[test]
fn a_writer_starts_with_a_higher_epoch() {
    let ledger = check([(starts(1, 1), Counts), (starts(7, 2), Counts)]);
    assert_eq!(ledger, Ledger { epoch: 7, writer: Some(writer(2)), sequence: 0 });
}

#[test]
fn an_equal_or_lower_epoch_does_not_start() {
    check([
        (starts(5, 1), Counts),
        (starts(5, 2), Void),
        (starts(5, 1), Void),
        (starts(4, 3), Void),
        (follows(5, 1, 1), Counts),
    ]);
}

#[test]
fn records_count_in_the_order_of_their_sequence() {
    check([
        (starts(1, 1), Counts),
        (follows(1, 1, 1), Counts),
        (follows(1, 1, 2), Counts),
        (follows(1, 1, 4), Void),
        (follows(1, 1, 3), Counts),
        (follows(1, 1, 4), Counts),
    ]);
}

#[test]
fn of_a_record_that_is_stored_twice_the_first_counts() {
    check([
        (starts(1, 1), Counts),
        (starts(1, 1), Void),
        (follows(1, 1, 1), Counts),
        (follows(1, 1, 1), Void),
    ]);
}

#[test]
fn the_sequence_begins_at_one_in_each_epoch() {
    check([
        (starts(1, 1), Counts),
        (follows(1, 1, 0), Void),
        (follows(1, 1, 1), Counts),
        (starts(2, 1), Counts),
        (follows(2, 1, 2), Void),
        (follows(2, 1, 1), Counts),
    ]);
}

#[test]
fn a_writer_that_was_replaced_no_longer_counts() {
    check([
        (starts(1, 1), Counts),
        (follows(1, 1, 1), Counts),
        (starts(2, 2), Counts),
        (follows(1, 1, 2), Void),
        (follows(2, 2, 1), Counts),
        (follows(1, 1, 2), Void),
    ]);
}

#[test]
fn a_writer_is_known_by_its_nonce_and_not_by_its_epoch_alone() {
    check([
        (starts(1, 1), Counts),
        (starts(1, 2), Void),
        (follows(1, 2, 1), Void),
        (follows(1, 1, 1), Counts),
    ]);
}

#[test]
fn the_nonce_alone_is_not_enough_either() {
    check([
        (starts(1, 1), Counts),
        (starts(2, 1), Counts),
        (follows(1, 1, 1), Void),
        (follows(3, 1, 1), Void),
    ]);
}

#[test]
fn a_record_that_claims_nothing_is_foreign_and_changes_nothing() {
    check([
        (FOREIGN, Foreign),
        (starts(1, 1), Counts),
        (FOREIGN, Foreign),
        (follows(1, 1, 1), Counts),
        (FOREIGN, Foreign),
        (follows(1, 1, 2), Counts),
    ]);
}

#[test]
fn the_largest_numbers_are_no_way_round() {
    let last = Ledger { epoch: u64::MAX, writer: Some(writer(1)), sequence: u64::MAX };
    for claim in [starts(u64::MAX, 2), follows(u64::MAX, 1, 0), follows(u64::MAX, 1, u64::MAX)] {
        let mut ledger = last;
        assert_eq!((ledger.judge(claim), ledger), (Void, last));
    }
}

fn claim() -> impl Strategy<Value = Option<WriterClaim>> {
    prop_oneof![
        1 => Just(FOREIGN),
        3 => (0..5_u64, 0..3_u128).prop_map(|(epoch, of)| starts(epoch, of)),
        9 => (0..5_u64, 0..3_u128, 0..5_u64).prop_map(|(epoch, of, sequence)| follows(epoch, of, sequence)),
    ]
}

proptest! {
    /// A reader that goes on from a stored state comes to the same verdicts as one that has read everything.
    #[test]
    fn a_stored_state_stands_for_everything_before_it(
        claims in prop::collection::vec(claim(), 0..60), cut in 0..60_usize,
    ) {
        let mut ledger = Ledger::default();
        let all: Vec<_> = claims.iter().map(|claim| (ledger.judge(*claim), ledger)).collect();
        let cut = cut.min(claims.len());
        let mut resumed = all[..cut].last().map_or_else(Ledger::default, |(_, state)| *state);
        let rest: Vec<_> = claims[cut..].iter().map(|claim| (resumed.judge(*claim), resumed)).collect();
        prop_assert_eq!(&all[cut..], &rest[..]);
    }

    /// Whatever stands in the log: epochs of counted records never fall, each epoch has one writer, and its
    /// sequences are 0, 1, 2 … without holes.
    #[test]
    fn counted_records_form_one_unbroken_line_for_each_epoch(claims in prop::collection::vec(claim(), 0..80)) {
        let mut ledger = Ledger::default();
        let mut last: Option<(u64, WriterId, u64)> = None;
        for claim in claims {
            if ledger.judge(claim) != Counts {
                continue;
            }
            let this = match claim.unwrap() {
                WriterClaim::Starts { epoch, writer } => (epoch, writer, 0),
                WriterClaim::Follows(stamp) => (stamp.epoch, stamp.writer, stamp.sequence),
            };
            match (this, last) {
                ((epoch, _, 0), before) => prop_assert!(before.is_none_or(|(earlier, ..)| epoch > earlier)),
                ((epoch, writer, sequence), before) => {
                    prop_assert_eq!(before, Some((epoch, writer, sequence.saturating_sub(1))));
                },
            }
            last = Some(this);
        }
    }
}
