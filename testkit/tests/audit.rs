//! The auditor finds what is wrong with small histories made by hand, and nothing else.
#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::unreachable,
    reason = "a failure here is a failed test"
)]

#[path = "audit/history.rs"]
mod history;

use std::sync::Arc;

use domain::{
    Command, Event, ProductPurchased, Refusal,
    testing::{
        RULES, create_customer, customer_created, name, price_product, product_priced, zloty,
    },
};
use event_log::{Envelope, LogId, NewRecord, StoredRecord, Timestamp, codec};
use testkit::audit::{Answered, Attempt, Logged, Moment, Said, Tally, Violation, audit};

use uuid::Uuid;

use history::{
    Told as _, anna, anna_buys, attempt, barrier, buy, event, event_id, log, repriced, started,
    stored, trace, was,
};

#[test]
fn a_sound_history_passes() {
    let log = log([started(1, 1), event(1, 1, 1, anna()), event(1, 1, 2, anna_buys(1))]);
    let attempts = [
        attempt(0, create_customer("anna"), 0).told(2, stored(1)),
        attempt(1, buy(), 2).told(3, stored(2)),
        attempt(2, create_customer("anna"), 1).told(3, was(1)),
        attempt(3, buy(), 1).told(2, Said::Refused(Refusal::CustomerNotFound)),
        attempt(4, buy(), 2).told(3, Said::Unknown),
    ];
    let findings = audit(&log, &attempts, RULES);
    assert_eq!(findings.violations, []);
    assert_eq!(findings.tally, Tally { records: 3, counted: 3, events: 2, void: 0, foreign: 0 });
}

#[test]
fn which_records_count_is_read_from_their_order() {
    let records = [
        event(1, 1, 1, anna()), // before any start
        started(1, 1),
        event(1, 1, 2, anna_buys(1)), // 1 is missing
        event(1, 1, 1, anna()),
        event(1, 1, 1, anna()), // again
        started(1, 2),          // an equal epoch
        event(1, 2, 1, anna_buys(1)),
        event(1, 1, 2, anna_buys(1)),
        started(5, 3),
        event(1, 1, 3, anna_buys(2)), // of the writer before
        event(5, 3, 1, anna_buys(2)),
        started(4, 4), // a lower epoch
    ];
    let findings = audit(&log(records), &[], RULES);
    assert_eq!(findings.tally, Tally { records: 12, counted: 5, events: 3, void: 7, foreign: 0 });
}

#[test]
fn stored_records_are_read_as_they_were_written() {
    let written = event(1, 1, 1, anna());
    let record = codec::encode(&written, LogId(Uuid::nil()));
    let logged = Logged::read(&StoredRecord { offset: 7, record }).unwrap();
    assert_eq!(logged, Logged { offset: 7, envelope: Some(Arc::new(written)) });
}

#[test]
fn a_foreign_record_is_only_counted() {
    let stored = StoredRecord { offset: 0, record: NewRecord::default() };
    let log = [Logged::read(&stored).unwrap()];
    assert_eq!(log, [Logged { offset: 0, envelope: None }]);
    let findings = audit(&log, &[], RULES);
    assert_eq!(findings.tally, Tally { records: 1, foreign: 1, ..Tally::default() });
    assert_eq!(findings.violations, []);
}

#[test]
fn an_answer_at_a_void_record_is_found() {
    let log = log([started(1, 1), started(2, 2), event(1, 1, 1, anna())]);
    let attempts = [attempt(2, create_customer("anna"), 0).told(3, stored(2))];
    check(&log, &attempts, &[Violation::AnsweredVoid { attempt: 0, offset: 2 }]);
}

#[test]
fn an_answer_with_the_offset_of_the_second_copy_is_found() {
    let log = log([started(1, 1), event(1, 1, 1, anna()), event(1, 1, 1, anna())]);
    let attempts = [attempt(0, create_customer("anna"), 0).told(3, stored(2))];
    let found = audit(&log, &attempts, RULES).violations;
    assert!(found.contains(&Violation::AnsweredVoid { attempt: 0, offset: 2 }), "{found:?}");
}

#[test]
fn an_answer_before_its_event_is_stored_is_found() {
    let log = log([started(1, 1), event(1, 1, 1, anna())]);
    let attempts = [attempt(0, create_customer("anna"), 0).told(1, stored(1))];
    check(&log, &attempts, &[Violation::AnsweredTooEarly { attempt: 0, offset: 1 }]);
}

#[test]
fn an_answer_with_another_event_is_found() {
    let log = log([started(1, 1), event(1, 1, 1, anna())]);
    let mut attempts = [attempt(0, create_customer("anna"), 0).told(2, stored(1))];
    attempts[0].answer.as_mut().unwrap().said =
        Said::Stored { offset: 1, event: Some(customer_created("jan")), repeated: false };
    check(&log, &attempts, &[Violation::AnsweredOther { attempt: 0, offset: 1 }]);
}

#[test]
fn two_owners_of_one_event_are_found() {
    let log = log([started(1, 1), event(1, 1, 1, anna())]);
    let mut attempts = [
        attempt(0, create_customer("anna"), 0).told(2, stored(1)),
        attempt(0, create_customer("anna"), 0).told(2, stored(1)),
    ];
    for attempt in &mut attempts {
        attempt.event_id = None;
    }
    check(&log, &attempts, &[Violation::AnsweredTwice { one: 0, other: 1, offset: 1 }]);
}

#[test]
fn a_denied_event_that_counts_is_found() {
    let log = log([started(1, 1), event(1, 1, 1, anna())]);
    let attempts = [attempt(0, create_customer("anna"), 0).told(2, Said::NotStored)];
    let found = audit(&log, &attempts, RULES).violations;
    assert!(found.contains(&Violation::DeniedAndStored { attempt: 0, offset: 1 }), "{found:?}");
}

#[test]
fn an_attempt_stored_twice_is_found() {
    let log = log([
        started(1, 9),
        event(1, 9, 1, anna()),
        started(2, 1),
        Envelope { id: event_id(1, 1), ..event(2, 1, 1, anna_buys(1)) },
        Envelope { id: event_id(1, 1), ..event(2, 1, 2, anna_buys(2)) },
    ]);
    let mut attempts =
        [attempt(0, create_customer("anna"), 0).told(2, stored(1)), attempt(1, buy(), 2)];
    attempts[0].event_id = Some(event_id(9, 1));
    attempts[1].event_id = Some(event_id(1, 1));
    check(&log, &attempts, &[Violation::StoredTwice { attempt: 1, first: 3, second: 4 }]);
}

#[test]
fn a_command_id_that_counts_twice_is_found() {
    let named = |record: Envelope| Envelope { trace: trace("c1"), ..record };
    let log = log([
        started(1, 1),
        event(1, 1, 1, anna()),
        named(event(1, 1, 2, anna_buys(1))),
        named(event(1, 1, 3, anna_buys(2))),
    ]);
    let id = "c1".parse().unwrap();
    let found = audit(&log, &[], RULES).violations;
    assert!(found.contains(&Violation::RepeatStored { id, first: 2, second: 3 }), "{found:?}");
}

#[test]
fn an_event_that_nobody_wished_for_is_found() {
    let log = log([started(1, 1), event(1, 1, 1, anna())]);
    check(&log, &[], &[Violation::Unwished { offset: 1 }]);
}

#[test]
fn a_refusal_is_only_true_between_call_and_answer() {
    let log = log([started(1, 1), event(1, 1, 1, anna()), barrier(1, 1, 2)]);
    let refused = || Said::Refused(Refusal::CustomerNotFound);
    let create = attempt(0, create_customer("anna"), 0).told(2, stored(1));
    for (asked, answered, is_true) in [(0, 3, true), (1, 3, true), (1, 1, true), (2, 3, false)] {
        let attempts = [create.clone(), attempt(7, buy(), asked).told(answered, refused())];
        let refusal = Refusal::CustomerNotFound;
        let wrong = Violation::FalseRefusal { attempt: 1, refusal };
        let expected = if is_true { vec![] } else { vec![wrong] };
        check(&log, &attempts, &expected);
    }
}

#[test]
fn a_refusal_that_was_not_true_yet_is_found() {
    let log = log([started(1, 1), event(1, 1, 1, anna())]);
    let mut other = create_customer("anna");
    if let Command::CreateCustomer(wish) = &mut other {
        wish.first_name = name("Ewa");
    }
    let refusal = Refusal::CustomerAlreadyExists;
    let attempts = [
        attempt(0, create_customer("anna"), 0).told(2, stored(1)),
        attempt(7, other, 0).told(1, Said::Refused(refusal.clone())),
    ];
    check(&log, &attempts, &[Violation::FalseRefusal { attempt: 1, refusal }]);
}

#[test]
fn an_agreement_with_an_older_event_is_found() {
    let log = log([
        started(1, 1),
        event(1, 1, 1, product_priced("chleb", "0.36")),
        event(1, 1, 2, repriced("0.40", "0.36", 2)),
        event(1, 1, 3, repriced("0.36", "0.40", 3)),
    ]);
    let priced = |number, amount, asked| attempt(number, price_product("chleb", amount), asked);
    let sound = [
        priced(0, "0.36", 0).told(2, stored(1)),
        priced(1, "0.40", 2).told(3, stored(2)),
        priced(2, "0.36", 3).told(4, stored(3)),
    ];
    let with = |last: Attempt| [sound.as_slice(), &[last]].concat();
    check(&log, &with(priced(7, "0.36", 4).told(4, was(3))), &[]);
    check(&log, &with(priced(7, "0.36", 2).told(4, was(1))), &[]);
    let wrong = Violation::FalseAgreement { attempt: 3, offset: 1 };
    check(&log, &with(priced(7, "0.36", 3).told(4, was(1))), &[wrong]);
}

#[test]
fn without_known_lengths_the_order_of_calls_and_answers_bounds_them() {
    let log = log([started(1, 1), event(1, 1, 1, anna()), event(1, 1, 2, anna_buys(1))]);
    let at = |time| Moment { time, length: None };
    let call = |number, command, asked, answered, said| Attempt {
        asked: at(asked),
        answer: Some(Answered { at: at(answered), said }),
        ..attempt(number, command, 0)
    };
    let refused = || Said::Refused(Refusal::CustomerNotFound);
    let create = call(0, create_customer("anna"), 1, 5, stored(1));
    let first = call(1, buy(), 6, 8, stored(2));
    // Called before anna's creation was answered: it may be true.
    check(&log, &[create.clone(), first.clone(), call(7, buy(), 4, 9, refused())], &[]);
    // Called after.
    let wrong = Violation::FalseRefusal { attempt: 2, refusal: Refusal::CustomerNotFound };
    check(&log, &[create.clone(), first.clone(), call(7, buy(), 6, 9, refused())], &[wrong]);
    // A repeat that was answered before its event's own attempt was called.
    let wrong = Violation::FalseAgreement { attempt: 2, offset: 1 };
    let early = call(7, create_customer("anna"), 0, 0, was(1));
    check(&log, &[create, first, early], &[wrong]);
}

#[test]
fn events_that_do_not_follow_are_found() {
    not_a_fold(vec![anna_buys(1)], "the customer does not exist");
    not_a_fold(vec![anna(), anna()], "the customer exists already");
    not_a_fold(vec![anna(), anna_buys(2)], "the purchase's number is not the next one");
    not_a_fold(
        vec![anna(), anna_buys(1), anna_buys(1)],
        "the purchase's number is not the next one",
    );
    let first = || product_priced("chleb", "0.36");
    not_a_fold(vec![first(), first()], "the version is not the next one");
    not_a_fold(vec![first(), repriced("0.40", "0.36", 3)], "the version is not the next one");
    not_a_fold(
        vec![first(), repriced("0.40", "0.35", 2)],
        "the previous price is not the one before",
    );
    not_a_fold(vec![first(), repriced("0.36", "0.36", 2)], "nothing changed");
    let Event::ProductPurchased(bought) = anna_buys(1) else { unreachable!() };
    let cheap = ProductPurchased { total: zloty("0.71").money(), ..bought.clone() };
    not_a_fold(
        vec![anna(), Event::ProductPurchased(cheap)],
        "the total is not price times quantity",
    );
    let dear = product_priced("chleb", "0.40");
    not_a_fold(vec![dear, anna(), anna_buys(1)], "the price of that version is another one");
}

#[test]
fn a_time_that_goes_back_is_found_but_in_a_start() {
    let at = |time, record: Envelope| Envelope { time: Timestamp(time), ..record };
    let log = log([
        at(5, started(1, 1)),
        at(6, barrier(1, 1, 1)),
        at(3, started(2, 2)),
        at(5, barrier(2, 2, 1)),
        at(6, barrier(2, 2, 2)),
    ]);
    check(&log, &[], &[Violation::TimeWentBack { offset: 3 }]);
}

#[track_caller]
fn check(log: &[Logged], attempts: &[Attempt], expected: &[Violation]) {
    assert_eq!(audit(log, attempts, RULES).violations, expected);
}

/// The last event must be found not to follow from those before.
#[track_caller]
fn not_a_fold(events: Vec<Event>, why: &'static str) {
    let aggregate = events.last().unwrap().aggregate();
    let records = (1..).zip(events).map(|(sequence, happened)| event(1, 1, sequence, happened));
    let log = log([started(1, 1)].into_iter().chain(records));
    let offset = log.last().unwrap().offset;
    let found = audit(&log, &[], RULES).violations;
    assert!(found.contains(&Violation::NotAFold { offset, aggregate, why }), "{found:?}");
    let folds = found.iter().filter(|found| matches!(found, Violation::NotAFold { .. }));
    assert_eq!(folds.count(), 1, "{found:?}");
}
