use super::*;

#[test]
fn past_its_deadline_a_call_is_answered_unknown_and_never_again() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit(1, buys());
    let appended = stage.appended();
    stage.now = Timestamp(NOON.0 + 9_999);
    stage.tell(Input::Tick);
    assert_eq!(stage.answers(), []);
    stage.now = Timestamp(NOON.0 + 10_000);
    stage.tell(Input::Tick);
    assert_eq!(stage.answers(), [(1, Reply::Unknown)]);
    stage.store(&appended);
    assert_eq!((stage.answers(), stage.writer.open()), (vec![], 0));
    stage.submit(2, buys());
    assert_eq!(number(&stage.appended()[0]), 2);
}

#[test]
fn a_call_that_waited_past_its_deadline_is_not_decided() {
    let mut stage = assigned([customer_created("anna")]);
    stage.submit(1, buys());
    stage.now = Timestamp(NOON.0 + 10_000);
    stage.submit(2, buys());
    stage.start();
    assert_eq!(stage.answers(), [(1, Reply::Unknown)]);
    assert_eq!(stage.appended()[0].id, Uuid::from_u128(2));
}

#[test]
fn a_call_in_doubt_is_dropped_at_its_deadline_and_not_decided_again() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit(1, buys());
    let appended = stage.appended();
    stage.fail(&appended[0]);
    stage.now = Timestamp(NOON.0 + 10_000);
    stage.tell(Input::Tick);
    assert_eq!(stage.answers(), [(1, Reply::Unknown)]);
    stage.start();
    assert_eq!((stage.answers(), stage.appended()), (vec![], vec![]));
}

#[test]
fn a_refusal_whose_barrier_does_not_come_is_unknown_too() {
    let mut stage = serving([]);
    stage.submit(1, buys());
    stage.submit(2, buys());
    stage.now = Timestamp(NOON.0 + 10_000);
    stage.tell(Input::Tick);
    let mut tickets: Vec<_> = stage.answers().into_iter().collect();
    tickets.sort_by_key(|(ticket, _)| *ticket);
    assert_eq!(tickets, [(1, Reply::Unknown), (2, Reply::Unknown)]);
}
