use super::*;

#[test]
fn a_record_delivered_at_the_next_offset_is_not_read_again() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit(1, buys());
    let appended = stage.appended();
    stage.store(&appended);
    stage.answers();
    let (claim, reading) = stage.partition[3].clone();
    stage.tell(Input::Read { offset: 3, claim, reading });
    assert_eq!((stage.answers(), stage.writer.next()), (vec![], 4));
}

#[test]
fn across_a_gap_the_answer_waits_for_reading_and_is_where_the_ledger_counts() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit(1, buys());
    let appended = stage.appended();
    // Stored twice, the first acknowledgement was lost.
    stage.put(&appended[0]);
    let second = stage.put(&appended[0]);
    stage.deliver(&appended[0], Some(second));
    assert_eq!(stage.answers(), []);
    stage.read();
    assert_eq!(stage.answers(), [(1, stored(3, &appended[0]))]);
}

#[test]
fn a_record_delivered_nobody_knows_where_is_read() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit(1, buys());
    let appended = stage.appended();
    stage.put(&appended[0]);
    stage.deliver(&appended[0], None);
    assert_eq!(stage.answers(), []);
    stage.read();
    assert_eq!(stage.answers(), [(1, stored(3, &appended[0]))]);
}

#[test]
fn reports_that_come_in_another_order_are_answered_in_the_log_s_order() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit(1, buys());
    stage.submit(2, buys());
    let appended = stage.appended();
    stage.put(&appended[0]);
    stage.put(&appended[1]);
    stage.deliver(&appended[1], Some(4));
    assert_eq!(stage.answers(), []);
    stage.deliver(&appended[0], Some(3));
    assert_eq!(stage.answers(), [(1, stored(3, &appended[0])), (2, stored(4, &appended[1]))]);
}

#[test]
fn a_report_of_another_epoch_is_ignored() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit(1, buys());
    let appended = stage.appended();
    let mut older = Envelope::clone(&appended[0]);
    older.stamp.epoch = 1;
    stage.deliver(&older, Some(3));
    stage.fail(&older);
    assert_eq!((stage.answers(), stage.others(), stage.writer.next()), (vec![], vec![], 3));
}

#[test]
fn records_that_do_not_count_change_nothing() {
    let mut stage = serving([]);
    stage.put(&others_record(1, 1, Content::Event(customer_created("anna"))));
    stage.partition.push((None, ReadRecord::Unread));
    stage.read();
    stage.submit(1, buys());
    let appended = stage.appended();
    stage.store(&appended);
    assert_eq!(stage.answers(), [(1, Reply::Refused(domain::Refusal::CustomerNotFound))]);
}

#[test]
fn an_own_record_that_stands_before_the_one_it_should_follow_is_a_failed_append() {
    let mut stage = serving([customer_created("anna")]);
    stage.submit(1, buys());
    stage.submit(2, buys());
    let appended = stage.appended();
    stage.put(&appended[1]);
    stage.read();
    assert_eq!(stage.others(), [Output::FetchEnd]);
    stage.put(&appended[0]);
    stage.start();
    assert_eq!(stage.answers(), [(1, stored(4, &appended[0]))]);
}
