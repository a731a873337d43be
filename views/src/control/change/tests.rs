use uuid::Uuid;

use super::*;

const LOG: LogId = LogId(Uuid::from_u128(1));
const OTHER_LOG: LogId = LogId(Uuid::from_u128(2));
const VERSIONS: Versions = Versions { fold: 1, shape: 1 };

fn name(number: u64) -> GenerationName {
    GenerationName::new(number, "tag")
}

fn built() -> Control {
    Control::first(&name(1), LOG, VERSIONS, "a").with_filled_live(&name(1), "a").unwrap()
}

fn rebuilt(control: &Control, number: u64) -> Control {
    let filling = control.with_rebuild(&name(number), LOG, VERSIONS, "b").unwrap();
    filling.with_filled_live(&name(number), "b").unwrap()
}

#[test]
fn the_first_generation_is_read_only_when_it_is_filled() {
    assert!(!Control::first(&name(1), LOG, VERSIONS, "a").is_built());
    assert!(built().is_built());
    assert_eq!((built().live, built().previous), (name(1), None));
}

#[test]
fn a_filled_generation_becomes_live_and_the_one_before_is_kept() {
    let control = rebuilt(&built(), 2);
    assert_eq!((&control.live, &control.previous), (&name(2), &Some(name(1))));
    assert_eq!(control.rev, built().rev + 2);
}

#[test]
fn only_one_older_generation_is_kept() {
    let control = rebuilt(&rebuilt(&built(), 2), 3);
    assert_eq!((&control.live, &control.previous), (&name(3), &Some(name(2))));
    assert_eq!(control.generations[&name(1)].state, GenerationState::Dropping);
    assert_eq!(control.without(&name(1)).unwrap().generations.len(), 2);
}

#[test]
fn two_rebuilds_at_once_are_refused() {
    let filling = built().with_rebuild(&name(2), LOG, VERSIONS, "b").unwrap();
    let second = filling.with_rebuild(&name(3), LOG, VERSIONS, "c");
    assert_eq!(second, Err(ControlConflict::AlreadyFilling(name(2))));
}

#[test]
fn a_job_that_was_replaced_cannot_make_its_generation_live() {
    let filling = built().with_rebuild(&name(2), LOG, VERSIONS, "b").unwrap();
    let taken = filling.with_job(&name(2), "b", "c").unwrap();
    assert_eq!(taken.with_filled_live(&name(2), "b"), Err(ControlConflict::JobGone(name(2))));
    assert_eq!(taken.with_job(&name(2), "b", "d"), Err(ControlConflict::JobGone(name(2))));
    assert_eq!(taken.with_filled_live(&name(2), "c").unwrap().live, name(2));
}

#[test]
fn going_back_and_forth_exchanges_two_generations() {
    let control = rebuilt(&built(), 2).with_back_live().unwrap();
    assert_eq!((&control.live, &control.previous), (&name(1), &Some(name(2))));
    assert_eq!(control.with_back_live().unwrap().live, name(2));
    assert_eq!(built().with_back_live(), Err(ControlConflict::NoBack));
}

#[test]
fn the_live_generation_cannot_be_removed_and_a_cancelled_first_one_can() {
    assert_eq!(built().with_dropping(&name(1)), Err(ControlConflict::IsLive(name(1))));
    let first = Control::first(&name(1), LOG, VERSIONS, "a");
    assert!(first.with_dropping(&name(1)).unwrap().without(&name(1)).is_ok());
}

#[test]
fn what_was_kept_can_be_removed_and_then_there_is_no_way_back() {
    let control = rebuilt(&built(), 2).with_dropping(&name(1)).unwrap();
    assert_eq!(control.previous, None);
    assert_eq!(control.without(&name(1)).unwrap().generations.len(), 1);
    assert_eq!(control.without(&name(2)), Err(ControlConflict::IsLive(name(2))));
}

#[test]
fn control_names_the_log_of_the_live_generation() {
    let filling = built().with_rebuild(&name(2), OTHER_LOG, VERSIONS, "b").unwrap();
    assert_eq!(filling.log, LOG);
    let flipped = filling.with_filled_live(&name(2), "b").unwrap();
    assert_eq!(flipped.log, OTHER_LOG);
    assert_eq!(flipped.with_back_live().unwrap().log, LOG);
}

#[test]
fn wishes_reach_the_job_that_fills() {
    assert_eq!(built().with_wish(DesiredState::Pause), Err(ControlConflict::NoRebuild));
    let filling = built().with_rebuild(&name(2), LOG, VERSIONS, "b").unwrap();
    let wished = filling.with_wish(DesiredState::Cancel).unwrap().with_throttle(Some(5)).unwrap();
    let generation = &wished.generations[&name(2)];
    assert_eq!((generation.wish, generation.throttle), (DesiredState::Cancel, Some(5)));
}

#[test]
fn projectors_are_paused_until_they_are_resumed_whatever_happens_to_generations() {
    let paused = built().with_projectors_paused();
    assert!(paused.paused && paused.rev == built().rev + 1);
    let filling = paused.with_rebuild(&name(2), LOG, VERSIONS, "job").unwrap();
    assert!(filling.paused);
    let resumed = filling.with_projectors_resumed();
    assert!(!resumed.paused);
    assert_eq!(resumed.generations, filling.generations);
}

#[test]
fn each_first_control_counts_from_elsewhere() {
    let first =
        |tag: &str, job: &str| Control::first(&GenerationName::new(1, tag), LOG, VERSIONS, job).rev;
    assert!(first("a", "x").abs_diff(first("a", "y")) > 1_000);
    assert!(first("a", "x").abs_diff(first("b", "x")) > 1_000);
    assert!(i64::try_from(first("a", "x")).unwrap() < i64::MAX / 2);
}

#[test]
fn a_first_generation_that_was_given_up_is_nothing_to_go_back_to() {
    let given_up = Control::first(&name(1), LOG, VERSIONS, "a").with_dropping(&name(1)).unwrap();
    for given_up in [given_up.without(&name(1)).unwrap(), given_up] {
        let control = rebuilt(&given_up, 2);
        assert_eq!((control.live, control.previous), (name(2), None));
    }
}

#[test]
fn a_job_begins_anew_knowing_what_to_leave_out_and_what_was_wished_of_it() {
    let place = |offset| RecordId { partition: event_log::Partition(1), offset };
    let filling = built().with_rebuild(&name(2), LOG, VERSIONS, "b").unwrap();
    let filling = filling.with_throttle(Some(5)).unwrap();
    let anew = |control: &Control, number: u64, skips: &[u64]| {
        let skips = skips.iter().copied().map(place).collect();
        control.with_rebuild_anew(&name(number), &name(number + 1), "b", &skips).unwrap()
    };
    let second = anew(&anew(&filling, 2, &[7]), 3, &[8, 9]);
    assert_eq!(second.generations[&name(3)].state, GenerationState::Dropping);
    let (filled, generation) = second.filling().unwrap();
    assert_eq!((filled, generation.number, generation.throttle), (&name(4), 4, Some(5)));
    assert_eq!(generation.skips, BTreeSet::from([7, 8, 9].map(place)));
    let taken = second.with_job(&name(4), "b", "c").unwrap();
    assert_eq!(taken.generations[&name(4)].skips, generation.skips);
    let again = taken.with_rebuild_anew(&name(4), &name(5), "b", &BTreeSet::new());
    assert_eq!(again, Err(ControlConflict::JobGone(name(4))));
    // The documents say it now.
    let live = taken.with_filled_live(&name(4), "c").unwrap();
    assert_eq!((live.previous, live.generations[&name(4)].skips.len()), (Some(name(1)), 0));
}
