use super::*;

#[test]
fn it_decides_on_its_own_unconfirmed_events() {
    let mut stage = serving([]);
    stage.submit(1, create_customer("anna"));
    stage.submit(2, buys());
    stage.submit(3, buys());
    let appended = stage.appended();
    assert_eq!(
        appended.iter().map(|envelope| envelope.stamp.sequence).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!((number(&appended[1]), number(&appended[2])), (1, 2));
    assert_eq!(stage.answers(), []);
}

#[test]
fn an_event_is_answered_where_it_is_confirmed() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit(1, buys());
    let appended = stage.appended();
    stage.store(&appended);
    assert_eq!(stage.answers(), [(1, stored(3, &appended[0]))]);
    assert_eq!(stage.writer.open(), 0);
}

#[test]
fn the_event_has_the_id_and_the_trace_of_its_call() {
    let mut stage = serving([]);
    let trace = Trace {
        command_id: Some("c1".parse().unwrap()),
        correlation_id: Some("basket".parse().unwrap()),
        causation_id: Some("click".parse().unwrap()),
    };
    stage.submit_traced(7, trace.clone(), create_customer("anna"));
    let appended = stage.appended();
    assert_eq!((appended[0].id, &appended[0].trace), (Uuid::from_u128(7), &trace));
}

#[test]
fn only_so_many_records_are_in_flight() {
    let mut stage = serving([customer_created("anna")]);
    (1..=5).for_each(|ticket| stage.submit(ticket, buys()));
    let first = stage.appended();
    assert_eq!(first.len(), 3);
    stage.store(&first[..1]);
    let fourth = stage.appended();
    assert_eq!(fourth.iter().map(|envelope| number(envelope)).collect::<Vec<_>>(), [4]);
}

#[test]
fn one_call_too_many_is_told_so_at_once() {
    let mut stage = serving([customer_created("anna")]);
    (1..=6).for_each(|ticket| stage.submit(ticket, buys()));
    assert_eq!(stage.answers(), [(6, Reply::Overloaded)]);
    let appended = stage.appended();
    stage.store(&appended[..1]);
    stage.answers();
    stage.submit(7, buys());
    assert_eq!(stage.answers(), []);
}

#[test]
fn recorded_time_never_goes_back() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit(1, buys());
    stage.now = Timestamp(NOON.0 - 5000);
    stage.submit(2, buys());
    let appended = stage.appended();
    assert_eq!((appended[0].time, appended[1].time), (NOON, NOON));
    stage.store(&appended);
    stage.submit(3, buys());
    assert_eq!(stage.appended()[0].time, NOON);
}

#[test]
fn the_aggregate_of_an_event_that_cannot_be_read_is_unavailable_and_others_are_not() {
    let mut stage = assigned([customer_created("anna")]);
    let strange = others_record(1, 2, Content::Barrier);
    let reading = unreadable(None, None);
    stage.partition.push((Some(strange.claim()), reading));
    stage.start();
    stage.submit(1, buys());
    stage.submit(2, create_customer("jan"));
    assert_eq!(stage.answers(), [(1, Reply::Unavailable)]);
    let appended = stage.appended();
    stage.store(&appended);
    assert_eq!(stage.answers(), [(2, stored(4, &appended[0]))]);
}

#[test]
fn an_event_that_cannot_be_read_keeps_its_time_and_its_command_id() {
    let mut stage = assigned([customer_created("anna")]);
    let later = Timestamp(NOON.0 + 5000);
    let strange = others_record(1, 2, Content::Barrier);
    stage.partition.push((Some(strange.claim()), unreadable(Some(later), Some("c1"))));
    stage.start();
    stage.submit_as(1, "c1", create_customer("jan"));
    assert_eq!(
        (stage.answers(), stage.appended()),
        (vec![(1, Reply::Repeats { offset: 2 })], vec![])
    );
    stage.submit(2, create_customer("jan"));
    assert_eq!(stage.appended()[0].time, later);
}

/// What a newer program wrote for anna.
fn unreadable(time: Option<Timestamp>, command_id: Option<&str>) -> ReadRecord {
    ReadRecord::Unreadable {
        key: "anna".into(),
        time,
        command_id: command_id.map(|id| id.parse().unwrap()),
    }
}
