use super::*;

fn beat(meter: &ProgressCounter) -> Progress {
    meter.beat(&GenerationName::new(1, "a"), "job", "here");
    meter.told.borrow().clone()
}

fn filling() -> ProgressCounter {
    let (told, _) = watch::channel(Progress::default());
    let meter = ProgressCounter::new(told);
    let checkpoint = Checkpoint {
        rev: 1,
        at: 500,
        ledger: event_log::Ledger::default(),
        mode: Mode::Fill { to: 1_500 },
        parked: 0,
    };
    meter.spans(&BTreeMap::from([(Partition(0), checkpoint)]));
    meter
}

#[test]
fn what_was_filled_before_this_job_is_no_part_of_its_rate() {
    let meter = filling();
    meter.took(100);
    let told = beat(&meter);
    assert_eq!((told.done, told.total, told.rate), (600, 1_500, 100));
    assert_eq!(told.seconds_left, Some(9));
}

#[test]
fn the_rate_is_half_of_what_it_was() {
    let meter = filling();
    meter.took(100);
    beat(&meter);
    meter.took(200);
    assert_eq!(beat(&meter).rate, 150);
}

#[test]
fn verifying_has_its_own_way_to_go_and_its_own_rate() {
    let meter = filling();
    meter.took(1_000);
    beat(&meter);
    meter.phase(Phase::Verifying);
    let told = meter.told.borrow().clone();
    assert_eq!((told.done, told.total, told.rate, told.seconds_left), (0, 0, 0, None));
    meter.checked(50, 1_500);
    let told = beat(&meter);
    assert_eq!((told.done, told.total, told.rate), (50, 1_500, 50));
}

#[test]
fn what_was_done_since_the_last_beat_is_told_with_the_next_phase() {
    let meter = filling();
    meter.took(1_000);
    meter.phase(Phase::Indexing);
    assert_eq!(meter.told.borrow().done, 1_500);
}
