use proptest::prelude::*;

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
    let after = Position::after(LOG, Place { partition: Partition(3), offset: 17 });
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

#[test]
fn what_the_shop_did_not_give_out_is_no_position() {
    let encoded = |plain: &str| URL_SAFE_NO_PAD.encode(plain);
    let id = LOG.0.simple().to_string();
    for bad in [
        String::new(),
        "!".into(),
        "anna".into(),
        encoded(""),
        encoded("anna"),
        encoded(&format!("{id}/")),
        encoded(&format!("{id}/1")),
        encoded(&format!("{id}/1.")),
        encoded(&format!("{id}/.1")),
        encoded(&format!("{id}/-1.1")),
        encoded(&format!("{id}/1.-1")),
        encoded(&format!("{id}/65536.1")),
        encoded(&format!("{id}/1.18446744073709551616")),
        encoded(&format!("{id}/1.2.3")),
    ] {
        assert_eq!(bad.parse::<Position>(), Err(BadPosition), "{bad}");
    }
}

prop_compose! {
    fn any_position()(log: u128, seen in prop::collection::btree_map(any::<u16>(), any::<u64>(), 0..20)) -> Position {
        let mut position = Position::start(LogId(Uuid::from_u128(log)));
        for (partition, seen) in seen {
            position.see(Partition(partition), seen);
        }
        position
    }
}

proptest! {
    #[test]
    fn a_position_is_read_back_as_it_was_given_out(position in any_position()) {
        prop_assert_eq!(position.to_string().parse(), Ok(position));
    }

    #[test]
    fn its_text_needs_no_escaping_anywhere(position in any_position()) {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        prop_assert!(position.to_string().chars().all(plain));
    }

    #[test]
    fn any_text_is_a_position_or_is_refused(text in ".{0,80}") {
        drop(text.parse::<Position>());
    }
}
