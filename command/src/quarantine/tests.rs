use std::collections::BTreeSet;

use domain::testing::customer_created;

use super::*;

/// One key's events as they come, some of which nobody can take; gives those that are taken in.
fn taken(
    quarantine: &mut Quarantine,
    arrivals: &[QuarantinedEvent],
    bad: &[Offset],
) -> Vec<Offset> {
    let fits = |offset: Offset| !bad.contains(&offset);
    let admitted = arrivals
        .iter()
        .filter(|it| quarantine.admit("anna", it.offset, it.event.as_ref(), |_| fits(it.offset)));
    admitted.map(|it| it.offset).collect()
}

fn arrivals(offsets: impl IntoIterator<Item = Offset>) -> Vec<QuarantinedEvent> {
    let event = || Some(customer_created("anna"));
    offsets.into_iter().map(|offset| QuarantinedEvent { offset, event: event() }).collect()
}

#[test]
fn what_cannot_be_taken_holds_up_what_comes_behind_it_until_it_is_given_up() {
    let mut quarantine = Quarantine::default();
    assert_eq!(taken(&mut quarantine, &arrivals([1, 2, 3, 4, 5]), &[2, 4]), [1]);
    assert_eq!(quarantine.held_by("anna"), Some(2));
    let Release::Next(behind) = quarantine.skip("anna", 2, 6) else { panic!("2 held it up") };
    assert_eq!(taken(&mut quarantine, &behind, &[4]), [3]);
    assert_eq!((quarantine.held_by("anna"), quarantine.skipped_at("anna", 2)), (Some(4), Some(6)));
}

#[test]
fn one_that_waits_and_is_given_up_is_left_out_when_its_turn_comes() {
    let mut quarantine = Quarantine::default();
    taken(&mut quarantine, &arrivals([1, 2, 3]), &[1]);
    assert_eq!(quarantine.skip("anna", 2, 4), Release::Nothing);
    let Release::Next(behind) = quarantine.skip("anna", 1, 5) else { panic!("1 held it up") };
    assert_eq!(taken(&mut quarantine, &behind, &[]), [3]);
    assert!(!quarantine.holds("anna"));
}

#[test]
fn giving_up_twice_something_to_come_or_another_key_s_event_changes_nothing() {
    let mut quarantine = Quarantine::default();
    taken(&mut quarantine, &arrivals([1]), &[1]);
    assert_eq!(quarantine.skip("anna", 9, 5), Release::Nothing);
    assert_eq!(quarantine.skip("jan", 1, 5), Release::Again);
    assert_eq!(quarantine.held_by("anna"), Some(1));
    assert!(matches!(quarantine.skip("anna", 1, 6), Release::Next(_)));
    assert_eq!(quarantine.skip("anna", 1, 7), Release::Nothing);
    assert_eq!(quarantine.skipped_at("anna", 1), Some(6));
}

#[test]
fn an_event_that_was_taken_in_and_given_up_by_another_program_is_left_out_on_the_second_reading() {
    let mut quarantine = Quarantine::default();
    assert_eq!(taken(&mut quarantine, &arrivals([1, 2]), &[]), [1, 2]);
    assert_eq!(quarantine.skip("anna", 2, 3), Release::Again);
    quarantine.hold("anna");
    let none: [Offset; 0] = [];
    assert_eq!(taken(&mut quarantine, &arrivals([4]), &[]), none);
    assert!(quarantine.holds("anna"));
    let since = quarantine.read_again("anna").unwrap();
    let history = [arrivals([1, 2]), since].concat();
    assert_eq!(taken(&mut quarantine, &history, &[]), [1, 4]);
    let given_up: BTreeSet<_> = quarantine.skipped.keys().map(|(_, offset)| *offset).collect();
    assert_eq!(given_up, BTreeSet::from([2]));
}
