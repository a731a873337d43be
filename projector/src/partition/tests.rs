//! The course over random histories with troubles in them: however it is cut, killed or ahead of itself, it comes to
//! the same documents.

pub(crate) mod script;
mod stored;

use std::collections::BTreeSet;

use domain::Currency;
use event_log::LogId;
use proptest::prelude::*;
use uuid::Uuid;
use views::{Document, Parked};

use self::{
    script::{Op, Script, Trouble, ops},
    stored::{Cuts, Stored},
};
use super::*;

pub(crate) const LOG: LogId = LogId(Uuid::nil());
pub(crate) const PARTITION: Partition = Partition(0);

/// What feeding all of it at once comes to.
pub(crate) fn documents(script: &Script) -> Stored {
    let mut stored = Stored::default();
    stored.feed(script, &Cuts::default()).unwrap();
    stored
}

fn parked(stored: &Stored) -> Vec<&Parked> {
    let all = stored.documents.values().filter_map(|document| {
        if let Document::Parked(parked) = document { Some(parked) } else { None }
    });
    all.collect()
}

fn purchases(stored: &Stored, customer: &str) -> u64 {
    match stored.documents.get(&Key::Customer(customer.into())) {
        Some(Document::Customer(it)) => it.purchases,
        _none => 0,
    }
}

/// Anna and Jan, one bread.
pub(crate) fn shop() -> Script {
    let mut script = Script::default();
    script.play(&[Op::Create(0), Op::Create(1), Op::Price(0)]);
    script
}

fn check_trouble(trouble: Trouble, reason: &str) {
    let mut script = shop();
    script.play(&[Op::Buy(0), Op::Buy(1)]);
    let blocked = script.trouble(0, trouble);
    script.play(&[Op::Buy(0), Op::Buy(0), Op::Buy(1)]);
    let stored = documents(&script);
    let [held] = parked(&stored)[..] else { panic!("one key is parked") };
    let episode = held.lasting().unwrap();
    assert!(episode.reason.contains(reason), "{}", episode.reason);
    let waiting = if trouble == Trouble::NoKey { 0 } else { 2 };
    assert_eq!((episode.blocked, held.waiting), (blocked, waiting));
    assert_eq!(purchases(&stored, "c1"), 2);
    assert_eq!(purchases(&stored, "c0"), 3 - waiting);
    assert_eq!(stored.checkpoint.parked, 1);

    let skip = script.skip(blocked);
    script.play(&[Op::Buy(0)]);
    let stored = documents(&script);
    assert_eq!(stored.checkpoint.parked, 0);
    assert_eq!((purchases(&stored, "c0"), purchases(&stored, "c1")), (4, 2));
    let [held] = parked(&stored)[..] else { panic!("the key was parked") };
    assert_eq!((held.episodes[0].released.unwrap().at, held.waiting), (skip, 0));
}

#[test]
fn each_trouble_holds_up_its_own_key_until_it_is_skipped() {
    check_trouble(Trouble::UnknownType, "unknown ce_type");
    check_trouble(Trouble::LaterVersion, "unknown ce_dataversion 9");
    check_trouble(Trouble::BrokenValue, "EOF");
    check_trouble(Trouble::RefusedValue, "first_name");
    check_trouble(Trouble::OtherKey, "the key is not");
    check_trouble(Trouble::Misfit, "does not follow purchase number 1");
    check_trouble(Trouble::NoKey, "unknown ce_type");
}

#[test]
fn what_waits_is_taken_in_with_the_offset_of_the_skip() {
    let mut script = shop();
    let blocked = script.trouble(0, Trouble::UnknownType);
    script.play(&[Op::Buy(0), Op::Buy(1)]);
    let skip = script.skip(blocked);
    let stored = documents(&script);
    let last = |key: &Key| stored.documents[key].last();
    assert_eq!(last(&Key::Customer("c0".into())), skip);
    assert_eq!(last(&Key::ProductSales("p0".into(), 0, PARTITION)), skip);
    assert_eq!(last(&Key::Customer("c1".into())), skip - 1);
}

#[test]
fn an_event_among_those_that_waited_may_block_the_key_again() {
    let mut script = shop();
    let first = script.trouble(0, Trouble::UnknownType);
    script.play(&[Op::Buy(0)]);
    let second = script.trouble(0, Trouble::BrokenValue);
    script.play(&[Op::Buy(0), Op::Buy(0)]);
    let skip = script.skip(first);
    let stored = documents(&script);
    let [held] = parked(&stored)[..] else { panic!("one key is parked") };
    assert_eq!(held.episodes.iter().map(|it| it.blocked).collect::<Vec<_>>(), [first, second]);
    assert_eq!(held.episodes[0].released.unwrap().at, skip);
    assert_eq!((held.waiting, purchases(&stored, "c0")), (2, 1));
    script.skip(second);
    let stored = documents(&script);
    assert_eq!((stored.checkpoint.parked, purchases(&stored, "c0")), (0, 3));
}

#[test]
fn events_may_be_skipped_in_any_order_and_twice() {
    let mut script = shop();
    let first = script.trouble(0, Trouble::UnknownType);
    script.play(&[Op::Buy(0)]);
    let second = script.trouble(0, Trouble::BrokenValue);
    script.play(&[Op::Buy(0)]);
    script.skip(second);
    script.skip(second);
    script.play(&[Op::Buy(0)]);
    assert_eq!(purchases(&documents(&script), "c0"), 0);
    script.skip(first);
    script.skip(first);
    let stored = documents(&script);
    assert_eq!((stored.checkpoint.parked, purchases(&stored, "c0")), (0, 3));
}

#[test]
fn a_long_queue_keeps_its_order() {
    let mut script = shop();
    let blocked = script.trouble(0, Trouble::UnknownType);
    script.play(&vec![Op::Buy(0); 2_100]);
    let stored = documents(&script);
    assert_eq!(parked(&stored)[0].waiting, 2_100);
    assert!(stored.documents.contains_key(&Key::Queue(PARTITION, "c0".into(), 2)));
    script.skip(blocked);
    assert_eq!(purchases(&documents(&script), "c0"), 2_100);
}

#[test]
fn a_skip_of_what_was_taken_in_stops_unless_it_was_known() {
    let mut script = shop();
    let event = script.end();
    script.play(&[Op::Buy(0), Op::Buy(0)]);
    let at = script.skip(event);
    let stop = Stored::default().feed(&script, &Cuts::default()).unwrap_err();
    assert_eq!(stop, Stop::SkippedAfterwards { event, at });
    let known = Cuts { skips: BTreeSet::from([event]), ..Cuts::default() };
    let mut stored = Stored::default();
    stored.feed(&script, &known).unwrap();
    // The second does not follow the first, which is skipped.
    assert_eq!((purchases(&stored, "c0"), stored.checkpoint.parked), (0, 1));
}

/// Nobody can have looked at it, and it may become any event.
#[test]
fn a_skip_of_what_is_not_there_yet_changes_nothing() {
    for by in [0, 1, 2, 1_000] {
        let mut script = shop();
        script.skip_ahead(0, by);
        script.play(&[Op::Buy(0), Op::Buy(0)]);
        assert_eq!(
            (purchases(&documents(&script), "c0"), parked(&documents(&script)).len()),
            (2, 0)
        );
    }
    // Also where it would wait with the events of a key that is held up.
    let mut script = shop();
    let blocked = script.trouble(0, Trouble::UnknownType);
    script.skip_ahead(0, 1);
    script.play(&[Op::Buy(0), Op::Buy(0)]);
    script.skip(blocked);
    assert_eq!((purchases(&documents(&script), "c0"), parked(&documents(&script)).len()), (2, 1));
    assert!(parked(&documents(&script))[0].lasting().is_none());
}

#[test]
fn a_missing_record_is_told() {
    let script = shop();
    let checkpoint = Stored::default().checkpoint;
    let mut course = PartitionProjection::from(
        PARTITION,
        Currency::PLN,
        &checkpoint,
        DocumentCache::default(),
        Vec::new(),
    );
    assert_eq!(course.read(&script.records[1..]), Err(Stop::Gap { expected: 0, found: 1 }));
}

proptest! {
    #[test]
    fn cuts_and_kills_make_no_difference(ops in ops(), cuts in stored::cuts()) {
        let mut script = shop();
        script.play(&ops);
        let mut stored = Stored::default();
        stored.feed(&script, &cuts).unwrap();
        prop_assert_eq!(stored, documents(&script));
    }

    #[test]
    fn a_fill_whose_documents_are_ahead_of_it_comes_to_the_same(
        ops in ops(),
        cuts in stored::cuts(),
        chance in any::<u64>(),
    ) {
        let mut script = shop();
        script.play(&ops);
        let mut stored = Stored::default();
        stored.fill(&script, &cuts, chance).unwrap();
        prop_assert_eq!(stored.documents, documents(&script).documents);
    }
}
