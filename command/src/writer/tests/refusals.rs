use domain::Refusal;

use super::*;

#[test]
fn a_refusal_waits_for_a_barrier() {
    let mut stage = serving([]);
    stage.submit(1, buys());
    let appended = stage.appended();
    assert_eq!((appended[0].content.clone(), stage.answers()), (Content::Barrier, vec![]));
    stage.store(&appended);
    assert_eq!(stage.answers(), [(1, Reply::Refused(Refusal::CustomerNotFound))]);
}

#[test]
fn refusals_that_come_while_a_barrier_is_in_flight_share_the_next_one() {
    let mut stage = serving([]);
    (1..=4).for_each(|ticket| stage.submit(ticket, buys()));
    let first = stage.appended();
    assert_eq!(first.len(), 1);
    stage.store(&first);
    assert_eq!(stage.answers().len(), 1);
    let second = stage.appended();
    assert_eq!(second.len(), 1);
    stage.store(&second);
    assert_eq!(stage.answers().len(), 3);
    assert_eq!(stage.appended(), []);
}

#[test]
fn an_event_appended_after_the_decision_is_as_good_as_a_barrier() {
    let mut stage = serving([]);
    stage.submit(1, buys());
    stage.submit(2, buys());
    stage.submit(3, create_customer("anna"));
    let appended = stage.appended();
    assert_eq!(appended.len(), 2);
    stage.store(&appended);
    let refused = Reply::Refused(Refusal::CustomerNotFound);
    assert_eq!(stage.answers(), [(1, refused.clone()), (2, refused), (3, stored(3, &appended[1]))]);
}

#[test]
fn an_event_appended_before_the_decision_is_no_barrier() {
    let mut stage = serving([]);
    stage.submit(1, create_customer("anna"));
    let event = stage.appended();
    stage.submit(2, price_product("chleb_1", "0.36"));
    stage.submit(3, price_without_name("chleb_2"));
    let later = stage.appended();
    assert_eq!(later.len(), 2);
    stage.store(&event);
    stage.store(&later[..1]);
    assert_eq!(stage.answers().len(), 2);
    stage.store(&later[1..]);
    assert_eq!(stage.answers(), [(3, Reply::Refused(Refusal::NameMissing))]);
}

#[test]
fn what_is_so_already_names_the_event_that_made_it_so_when_that_was_decided() {
    let mut stage = serving([]);
    stage.submit(1, price_product("chleb_1", "0.36"));
    stage.submit(2, price_product("chleb_1", "0.36"));
    stage.submit(3, price_product("chleb_1", "0.40"));
    let appended = stage.appended();
    stage.store(&appended);
    let answers = stage.answers();
    assert_eq!(answers[0], (1, stored(2, &appended[0])));
    assert_eq!(answers[1], (2, Reply::IsAlready { offset: 2 }));
    assert_eq!(answers[2].0, 3);
}

#[test]
fn a_refusal_that_rests_on_an_event_in_doubt_is_decided_again() {
    let mut stage = serving([]);
    let other_anna = match create_customer("anna") {
        Command::CreateCustomer(wish) => Command::CreateCustomer(domain::CreateCustomer {
            first_name: "Maria".parse().unwrap(),
            ..wish
        }),
        other => other,
    };
    stage.submit(1, create_customer("anna"));
    stage.submit(2, other_anna);
    let appended = stage.appended();
    stage.fail(&appended[0]);
    stage.start();
    let again = stage.appended();
    stage.store(&again);
    let answers = stage.answers();
    assert_eq!(answers[0], (1, stored(3, &again[0])));
    assert_eq!(answers[1], (2, Reply::Refused(Refusal::CustomerAlreadyExists)));
}

fn price_without_name(id: &str) -> Command {
    match price_product(id, "0.36") {
        Command::PriceProduct(wish) => {
            Command::PriceProduct(domain::PriceProduct { name: None, ..wish })
        }
        other => other,
    }
}
