use uuid::Uuid;

use super::*;

const LOG: LogId = LogId(Uuid::from_u128(0x6f1c_9a4e));
const OTHER: LogId = LogId(Uuid::from_u128(0x0000_0001));

fn position(seen: &[(u16, Offset)]) -> Position {
    let mut position = Position::start(LOG);
    for (partition, seen) in seen {
        position.see(Partition(*partition), *seen);
    }
    position
}

#[test]
fn after_a_record_one_more_was_seen_than_its_offset() {
    let after = Position::after(LOG, RecordId { partition: Partition(3), offset: 17 });
    assert_eq!(after, position(&[(3, 18)]));
    assert_eq!((after.seen(Partition(3)), after.seen(Partition(4))), (18, 0));
}

#[test]
fn what_was_seen_is_not_unseen() {
    let mut once = position(&[(3, 18)]);
    once.see(Partition(3), 5);
    assert_eq!(once, position(&[(3, 18)]));
}

#[test]
fn nothing_of_a_partition_is_the_same_as_not_naming_it() {
    assert_eq!(position(&[(3, 0)]), Position::start(LOG));
}

#[test]
fn joined_positions_have_seen_what_either_has() {
    let mut joined = position(&[(1, 5), (2, 9)]);
    joined.join(&position(&[(2, 3), (3, 4), (1, 6)]));
    assert_eq!(joined, position(&[(1, 6), (2, 9), (3, 4)]));
}

#[test]
fn a_position_covers_what_it_has_seen_and_only_of_its_own_log() {
    let here = position(&[(1, 5), (2, 9)]);
    assert!(here.covers(&position(&[(1, 5)])));
    assert!(here.covers(&Position::start(LOG)));
    assert!(!here.covers(&position(&[(1, 6)])));
    assert!(!here.covers(&position(&[(7, 1)])));
    assert!(!here.covers(&Position::start(OTHER)));
}
