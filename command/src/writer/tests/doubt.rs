use super::*;

#[test]
fn after_a_failed_append_it_starts_again_and_finds_what_was_stored_all_the_same() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit(1, buys());
    stage.submit(2, buys());
    let appended = stage.appended();
    stage.fail(&appended[0]);
    assert_eq!((stage.others(), stage.answers()), (vec![Output::FetchEnd], vec![]));
    // The first was stored and its acknowledgement lost, the second was not stored.
    stage.put(&appended[0]);
    stage.start();
    assert_eq!(stage.answers(), [(1, stored(3, &appended[0]))]);
    let again = stage.appended();
    assert_eq!((again.len(), again[0].id, number(&again[0])), (1, appended[1].id, 2));
    stage.store(&again);
    assert_eq!(stage.answers(), [(2, stored(5, &again[0]))]);
}

#[test]
fn a_record_that_is_stored_after_the_new_start_does_not_count() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit(1, buys());
    let appended = stage.appended();
    stage.fail(&appended[0]);
    stage.start();
    stage.put(&appended[0]);
    stage.read();
    assert_eq!(stage.answers(), []);
    let again = stage.appended();
    assert_eq!(number(&again[0]), 1);
    stage.store(&again);
    assert_eq!(stage.answers(), [(1, stored(5, &again[0]))]);
}

#[test]
fn a_doubt_is_settled_by_reading_its_own_start_and_not_before() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit(1, buys());
    let appended = stage.appended();
    stage.fail(&appended[0]);
    stage.read();
    stage.fetch_end();
    let start = stage.appended();
    // Stored late, between the end that was fetched and the start.
    stage.put(&appended[0]);
    let offset = stage.put(&start[0]);
    stage.deliver(&start[0], Some(offset));
    assert_eq!(stage.answers(), []);
    stage.read();
    assert_eq!(stage.answers(), [(1, stored(3, &appended[0]))]);
}

#[test]
fn a_command_that_fails_twice_is_answered_failed_once_that_is_true() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit(1, buys());
    let first = stage.appended();
    stage.fail(&first[0]);
    stage.start();
    let second = stage.appended();
    stage.fail(&second[0]);
    assert_eq!(stage.answers(), []);
    stage.start();
    assert_eq!((stage.answers(), stage.appended()), (vec![(1, Reply::Failed)], vec![]));
    assert_eq!(stage.writer.open(), 0);
}

#[test]
fn a_copy_of_a_command_in_doubt_gets_the_same_event() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit_as(1, "c1", buys());
    stage.submit_as(2, "c1", buys());
    let appended = stage.appended();
    stage.fail(&appended[0]);
    stage.put(&appended[0]);
    stage.start();
    assert_eq!(stage.answers(), [(1, stored(3, &appended[0])), (2, Reply::Repeats { offset: 3 })]);
}

#[test]
fn a_failure_reported_after_the_record_was_read_is_none() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit(1, buys());
    let appended = stage.appended();
    stage.put(&appended[0]);
    stage.read();
    assert_eq!(stage.answers(), [(1, stored(3, &appended[0]))]);
    stage.fail(&appended[0]);
    assert_eq!(stage.others(), []);
    assert!(stage.writer.serves());
}

#[test]
fn another_writer_s_start_settles_a_doubt_too() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit(1, buys());
    let appended = stage.appended();
    stage.tell(Input::Revoked);
    stage.fail(&appended[0]);
    assert_eq!(stage.others(), [], "what is in doubt is not given away");
    stage.put(&others_record(3, 0, started()));
    stage.read();
    assert!(
        matches!(&stage.others()[..], [Output::Handover(submission)] if submission.ticket == Ticket(1))
    );
}
