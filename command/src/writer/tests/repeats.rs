use domain::Refusal;

use super::*;

#[test]
fn a_repeat_of_a_confirmed_command_names_its_event_at_once() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit_as(1, "c1", buys());
    let appended = stage.appended();
    stage.store(&appended);
    stage.answers();
    stage.submit_as(2, "c1", buys());
    assert_eq!(
        (stage.answers(), stage.appended()),
        (vec![(2, Reply::Repeats { offset: 3 })], vec![])
    );
}

#[test]
fn a_repeat_of_a_command_in_flight_shares_its_event() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit_as(1, "c1", buys());
    stage.submit_as(2, "c1", buys());
    stage.submit_as(3, "c1", buys_units("3"));
    let appended = stage.appended();
    assert_eq!((appended.len(), stage.answers()), (1, vec![]));
    stage.store(&appended);
    assert_eq!(
        stage.answers(),
        [
            (1, stored(3, &appended[0])),
            (2, repeated(3, &appended[0])),
            (3, Reply::Refused(Refusal::CommandIdReused)),
        ]
    );
}

#[test]
fn a_refused_command_may_be_tried_again_under_its_id() {
    let mut stage = serving([]);
    stage.submit_as(1, "c1", buys());
    stage.submit(2, create_customer("anna"));
    stage.submit_as(3, "c1", buys());
    let appended = stage.appended();
    stage.store(&appended);
    let tickets: Vec<_> =
        stage.answers().into_iter().map(|(ticket, reply)| (ticket, is_stored(&reply))).collect();
    assert_eq!(tickets, [(1, false), (2, true), (3, true)]);
}

fn is_stored(reply: &Reply) -> bool {
    matches!(reply, Reply::Stored { .. })
}

#[test]
fn the_oldest_command_ids_are_forgotten() {
    let mut stage = serving([customer_created("anna")]);
    for (ticket, id) in [(1, "c1"), (2, "c2"), (3, "c3")] {
        stage.submit_as(ticket, id, buys());
        let appended = stage.appended();
        stage.store(&appended);
    }
    stage.answers();
    stage.submit_as(4, "c2", buys());
    assert_eq!(stage.answers(), [(4, Reply::Repeats { offset: 4 })]);
    stage.submit_as(5, "c1", buys());
    assert_eq!(number(&stage.appended()[0]), 4);
}

#[test]
fn command_ids_are_forgotten_after_a_day_of_the_log_s_own_time() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit_as(1, "c1", buys());
    let first = stage.appended();
    stage.store(&first);
    stage.answers();
    stage.now = Timestamp(NOON.0 + 24 * 3_600_000 + 1);
    stage.submit_as(2, "c1", buys());
    assert_eq!(stage.answers(), [(2, Reply::Repeats { offset: 3 })], "the log has not moved");
    stage.submit(3, buys());
    let second = stage.appended();
    stage.store(&second);
    stage.answers();
    stage.submit_as(4, "c1", buys());
    assert_eq!(number(&stage.appended()[0]), 3);
}

#[test]
fn a_new_writer_remembers_the_command_ids_of_the_old_one() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit_as(1, "c1", buys());
    let appended = stage.appended();
    stage.store(&appended);
    stage.writer = Writer::new(settings());
    stage.tell(Input::Assigned);
    stage.start();
    stage.answers();
    stage.submit_as(2, "c1", buys());
    assert_eq!(stage.answers(), [(2, Reply::Repeats { offset: 3 })]);
}
