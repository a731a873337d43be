use super::*;

#[test]
fn what_counted_before_the_other_s_start_is_answered_and_the_rest_waits() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit(1, buys());
    stage.submit(2, buys());
    let appended = stage.appended();
    stage.put(&appended[0]);
    stage.put(&others_record(3, 0, started()));
    stage.put(&appended[1]);
    stage.read();
    assert_eq!(stage.answers(), [(1, stored(3, &appended[0]))]);
    assert_eq!(stage.others(), [Output::Pause { up_to: Duration::from_millis(50) }]);
    assert!(!stage.writer.serves());
    stage.tell(Input::Resume);
    stage.start();
    let again = stage.appended();
    assert_eq!((again[0].stamp.epoch, number(&again[0])), (4, 2));
}

#[test]
fn the_events_of_the_other_writer_are_what_it_decides_on_afterwards() {
    let mut stage = serving([]);
    stage.submit(1, create_customer("anna"));
    stage.put(&others_record(3, 0, started()));
    stage.put(&others_record(3, 1, Content::Event(customer_created("anna"))));
    stage.read();
    stage.tell(Input::Resume);
    stage.appended();
    stage.start();
    let barrier = stage.appended();
    assert_eq!(barrier[0].content, Content::Barrier);
    stage.store(&barrier);
    assert_eq!(stage.answers(), [(1, Reply::IsAlready { offset: 3 })]);
}

#[test]
fn pauses_grow_until_it_has_served_for_a_while() {
    let mut stage = serving([]);
    let mut pauses = Vec::new();
    for (epoch, minutes) in [(3, 0), (5, 0), (7, 2)] {
        stage.now = Timestamp(stage.now.0 + minutes * 60_000);
        stage.put(&others_record(epoch, 0, started()));
        stage.read();
        pauses.extend(stage.others());
        stage.tell(Input::Resume);
        stage.start();
    }
    let pause = |millis| Output::Pause { up_to: Duration::from_millis(millis) };
    assert_eq!(pauses, [pause(50), pause(100), pause(50)]);
}

#[test]
fn a_revoked_writer_serves_until_it_is_fenced_and_then_hands_over() {
    let mut stage = serving([customer_created("anna")]);
    stage.tell(Input::Revoked);
    stage.submit(1, buys());
    assert_eq!(stage.appended().len(), 1);
    stage.put(&others_record(3, 0, started()));
    stage.read();
    assert!(
        matches!(&stage.others()[..], [Output::Handover(submission)] if submission.ticket == Ticket(1))
    );
    assert_eq!(stage.writer.open(), 0);
}
