use domain::testing::product_priced;
use event_log::{EventSkipped, RecordId};

use super::{super::QuarantinedEvent, *};

const ONLY: Partition = Partition(0);

/// A partition in which a newer program stored something for `key` at offset 2, and these events behind it.
fn held_up(before: Event, key: &str, behind: impl IntoIterator<Item = Event>) -> Stage {
    let mut stage = assigned([before]);
    let strange = others_record(1, 2, Content::Barrier);
    let reading = ReadRecord::Unreadable { key: key.into(), time: None, command_id: None };
    stage.partition.push((Some(strange.claim()), reading));
    for (sequence, event) in (3..).zip(behind) {
        stage.put(&others_record(1, sequence, Content::Event(event)));
    }
    stage.start();
    stage
}

fn skipped(key: &str, offset: Offset) -> EventSkipped {
    let place = RecordId { partition: ONLY, offset };
    EventSkipped { place, key: key.into(), by: "ola".into(), reason: "a broken import".into() }
}

impl Stage {
    fn skip(&mut self, ticket: u64, key: &str, offset: Offset) {
        self.wish(ticket, Trace::default(), Request::Skip(skipped(key, offset)));
    }
}

fn anna_bought(number: u64) -> Event {
    let mut stage = serving([customer_created("anna")]);
    (1..=number).for_each(|ticket| {
        stage.submit(ticket, buys());
        let appended = stage.appended();
        stage.store(&appended);
    });
    match &stage.partition.last().unwrap().1 {
        ReadRecord::Readable(envelope) => match &envelope.content {
            Content::Event(event) => event.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_skip_is_a_record_in_the_log_and_lets_the_customer_go_on() {
    let mut stage = held_up(customer_created("anna"), "anna", []);
    stage.submit(1, buys());
    assert_eq!(stage.answers(), [(1, Reply::Unavailable)]);
    stage.skip(2, "anna", 2);
    let appended = stage.appended();
    assert_eq!(appended[0].content, Content::EventSkipped(skipped("anna", 2)));
    stage.submit(3, buys());
    assert_eq!(stage.answers(), [(3, Reply::Unavailable)], "the skip is not confirmed");
    stage.store(&appended);
    assert_eq!(stage.answers(), [(2, stored(4, &appended[0]))]);
    stage.submit(4, buys());
    assert_eq!(number(&stage.appended()[0]), 1);
}

#[test]
fn a_skip_that_is_asked_for_again_is_as_it_is() {
    let mut stage = held_up(customer_created("anna"), "anna", []);
    stage.skip(1, "anna", 2);
    stage.skip(2, "anna", 2);
    let appended = stage.appended();
    assert_eq!(appended.len(), 1);
    stage.store(&appended);
    assert_eq!(stage.answers(), [(1, stored(4, &appended[0])), (2, repeated(4, &appended[0]))]);
    stage.skip(3, "anna", 2);
    assert_eq!(
        (stage.answers(), stage.appended()),
        (vec![(3, Reply::IsAlready { offset: 4 })], vec![])
    );
}

#[test]
fn only_the_event_that_holds_a_key_up_can_be_skipped() {
    let mut stage = held_up(customer_created("anna"), "anna", []);
    for (key, offset, held_by) in
        [("anna", 1, Some(2)), ("anna", 9, Some(2)), ("jan", 2, None), ("", 0, None)]
    {
        stage.skip(1, key, offset);
        let barrier = stage.appended();
        assert_eq!(barrier[0].content, Content::Barrier);
        stage.store(&barrier);
        assert_eq!(stage.answers(), [(1, Reply::NotParked { held_by })]);
    }
}

#[test]
fn while_an_event_is_given_up_nobody_says_what_holds_its_customer_up() {
    let mut stage = held_up(customer_created("anna"), "anna", [anna_bought(2)]);
    stage.skip(1, "anna", 2);
    let appended = stage.appended();
    stage.skip(2, "anna", 3);
    assert_eq!(stage.answers(), [(2, Reply::Unavailable)]);
    stage.store(&appended);
    stage.answers();
    stage.skip(3, "anna", 3);
    assert_eq!(stage.appended()[0].content, Content::EventSkipped(skipped("anna", 3)));
}

#[test]
fn an_event_that_does_not_follow_holds_its_customer_up_too() {
    let mut stage = serving([customer_created("anna"), anna_bought(2)]);
    stage.submit(1, buys());
    assert_eq!(stage.answers(), [(1, Reply::Unavailable)]);
    stage.skip(2, "anna", 2);
    let appended = stage.appended();
    stage.store(&appended);
    stage.answers();
    stage.submit(3, buys());
    assert_eq!(number(&stage.appended()[0]), 1);
}

#[test]
fn what_stands_behind_a_skipped_event_holds() {
    let behind = [anna_bought(1), anna_bought(2)];
    let mut stage = held_up(customer_created("anna"), "anna", behind);
    stage.skip(1, "anna", 2);
    let appended = stage.appended();
    stage.store(&appended);
    stage.submit(2, buys());
    assert_eq!(number(&stage.appended()[0]), 3);
}

#[test]
fn of_two_that_cannot_be_taken_the_second_holds_the_key_up_once_the_first_is_skipped() {
    let mut stage = held_up(customer_created("anna"), "anna", [anna_bought(2)]);
    stage.skip(1, "anna", 3);
    let barrier = stage.appended();
    stage.store(&barrier);
    assert_eq!(stage.answers(), [(1, Reply::NotParked { held_by: Some(2) })]);
    for offset in [2, 3] {
        stage.skip(2, "anna", offset);
        let appended = stage.appended();
        stage.store(&appended);
        assert_eq!(stage.answers().len(), 1);
    }
    stage.submit(3, buys());
    assert_eq!(number(&stage.appended()[0]), 1);
}

#[test]
fn a_price_that_cannot_be_read_leaves_the_one_before_in_force_once_it_is_skipped() {
    let mut stage = held_up(product_priced("chleb_1", "0.36"), "chleb_1", []);
    stage.submit(1, price_product("chleb_1", "0.36"));
    assert_eq!(stage.answers(), [(1, Reply::Unavailable)]);
    stage.skip(2, "chleb_1", 2);
    let appended = stage.appended();
    stage.store(&appended);
    stage.answers();
    stage.submit(3, price_product("chleb_1", "0.36"));
    let barrier = stage.appended();
    stage.store(&barrier);
    assert_eq!(stage.answers(), [(3, Reply::IsAlready { offset: 1 })]);
}

#[test]
fn a_new_writer_knows_what_was_skipped() {
    let mut stage = held_up(customer_created("anna"), "anna", []);
    stage.skip(1, "anna", 2);
    let appended = stage.appended();
    stage.store(&appended);
    stage.answers();
    stage.writer = Writer::new(settings());
    stage.tell(Input::Assigned);
    stage.start();
    stage.skip(2, "anna", 2);
    assert_eq!(stage.answers(), [(2, Reply::IsAlready { offset: 4 })]);
    stage.submit(3, buys());
    assert_eq!(number(&stage.appended()[0]), 1);
}

#[test]
fn a_skip_in_doubt_is_found_and_stored_once() {
    let mut stage = held_up(customer_created("anna"), "anna", []);
    stage.skip(1, "anna", 2);
    let appended = stage.appended();
    let offset = stage.put(&appended[0]);
    stage.fail(&appended[0]);
    stage.start();
    assert_eq!(stage.answers(), [(1, stored(offset, &appended[0]))]);
    assert_eq!(stage.appended(), []);
}

#[test]
fn a_program_that_can_read_what_an_older_one_gave_up_leaves_it_out_all_the_same() {
    // Purchase 1 was skipped by an older program, after which anna bought again: the number is used once more.
    let mut stage = assigned([customer_created("anna"), anna_bought(1)]);
    stage.put(&others_record(1, 3, Content::EventSkipped(skipped("anna", 2))));
    stage.put(&others_record(1, 4, Content::Event(anna_bought(1))));
    stage.read();
    let again = Output::ReadAgain { key: "anna".into(), below: 3 };
    assert_eq!(stage.others().last(), Some(&again));
    stage.fetch_end();
    let start = stage.appended();
    stage.put(&start[0]);
    stage.read();
    stage.read_catalogue();
    stage.submit(1, buys());
    assert_eq!(stage.answers(), [(1, Reply::Unavailable)], "her events are being read again");
    let arrival = |offset, event| QuarantinedEvent { offset, event: Some(event) };
    let history = vec![arrival(1, customer_created("anna")), arrival(2, anna_bought(1))];
    stage.tell(Input::ReadAgain { key: "anna".into(), history });
    stage.submit(2, buys());
    assert_eq!(number(&stage.appended()[0]), 2);
}
