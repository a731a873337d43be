use super::*;

fn line(number: u64) -> SourcePosition {
    SourcePosition { partition: 0, number }
}

fn some() -> Fingerprint {
    Content::from(&price("chleb")).fingerprint()
}

fn customer(id: &str) -> (Entity, Access) {
    (Entity::Customer(id.parse().unwrap()), Access::Changes)
}

fn product(id: &str, touch: Access) -> (Entity, Access) {
    (Entity::Product(id.parse().unwrap()), touch)
}

fn purchase(customer: &str, product: &str) -> Mutation {
    Mutation::PurchaseProduct {
        customer: customer.parse().unwrap(),
        product: product.parse().unwrap(),
        quantity: domain::Quantity::from_thousandths(1000).unwrap(),
    }
}

fn price(product: &str) -> Mutation {
    price_of(product, "1")
}

fn price_of(product: &str, price: &str) -> Mutation {
    Mutation::PriceProduct {
        id: product.parse().unwrap(),
        name: "Chleb".parse().unwrap(),
        product_type: "chleb".parse().unwrap(),
        price: price.parse().unwrap(),
    }
}

/// The events of a log, each with the line it came from; `None` came from elsewhere.
fn read(log: &[(Option<u64>, &Mutation)]) -> PreviousRuns {
    let mut earlier = PreviousRuns::default();
    for (number, wish) in log {
        let event = match wish {
            Mutation::CreateCustomer { id, .. } => serde_json::json!({
                "__typename": "CustomerCreated", "customerId": id.as_str(), "firstName": "Anna",
                "lastName": "Kowalska", "address": "Krótka 1",
            }),
            Mutation::PriceProduct { id, price, .. } => serde_json::json!({
                "__typename": "ProductPriced", "productId": id.as_str(), "name": "Chleb", "type": "chleb",
                "price": { "amount": price.to_string() },
            }),
            Mutation::PurchaseProduct { customer, product, quantity } => serde_json::json!({
                "__typename": "ProductPurchased", "customerId": customer.as_str(), "productId": product.as_str(),
                "quantity": quantity.to_string(),
            }),
        };
        earlier.take_in(&serde_json::from_value(event).unwrap(), number.map(line));
    }
    earlier
}

fn registration(id: &str) -> Mutation {
    Mutation::CreateCustomer {
        id: id.parse().unwrap(),
        first_name: "Anna".parse().unwrap(),
        last_name: "Kowalska".parse().unwrap(),
        address: "Krótka 1".parse().unwrap(),
    }
}

#[track_caller]
fn check(earlier: &PreviousRuns, number: u64, wish: &Mutation, known: Outcome) {
    assert_eq!(earlier.known(line(number), wish), known);
}

#[test]
fn without_an_earlier_run_everything_is_open() {
    check(&PreviousRuns::default(), 1, &purchase("anna", "chleb"), Outcome::Open);
}

#[test]
fn a_source_that_ends_before_what_is_stored_is_another_one() {
    assert!(PreviousRuns::default().compare_end(line(0)).is_ok());
    let mut earlier = PreviousRuns::default();
    earlier.stored(line(5), some(), vec![customer("anna")]);
    assert!(earlier.compare_end(line(5)).is_ok() && earlier.compare_end(line(6)).is_ok());
    assert_eq!(earlier.compare_end(line(4)).unwrap_err().mark, line(5));
}

#[test]
fn what_waited_for_an_answer_shows_that_there_was_one() {
    let mut earlier = PreviousRuns::default();
    earlier.stored(line(5), some(), vec![customer("anna")]);
    earlier.stored(line(6), some(), vec![product("chleb", Access::Changes)]);
    earlier.stored(line(7), some(), vec![customer("jan"), product("mleko", Access::LooksAt)]);
    check(&earlier, 5, &purchase("anna", "x"), Outcome::Stored);
    check(&earlier, 4, &purchase("anna", "x"), Outcome::Answered);
    check(&earlier, 8, &purchase("anna", "x"), Outcome::Open);
    check(&earlier, 4, &purchase("ewa", "chleb"), Outcome::Answered);
    check(&earlier, 4, &purchase("ewa", "mleko"), Outcome::Open);
    check(&earlier, 4, &price("mleko"), Outcome::Doubtful);
    check(&earlier, 8, &price("mleko"), Outcome::Open);
}

#[test]
fn what_is_a_window_back_was_answered() {
    let mut earlier = PreviousRuns::default();
    earlier.stored(line(WINDOW + 10), some(), vec![customer("anna")]);
    check(&earlier, 9, &purchase("ewa", "x"), Outcome::Answered);
    check(&earlier, 10, &purchase("ewa", "x"), Outcome::Open);
    let other = SourcePosition { partition: 1, number: 9 };
    assert_eq!(earlier.known(other, &purchase("ewa", "x")), Outcome::Open);
}

#[test]
fn a_purchase_that_could_have_been_made_was_another_message() {
    let (anna, chleb) = (registration("anna"), price("chleb"));
    let bought = purchase("anna", "chleb");
    let known =
        |log: &[(Option<u64>, &Mutation)], expected| check(&read(log), 5, &bought, expected);
    known(&[(Some(1), &anna), (Some(2), &chleb), (Some(6), &bought)], Outcome::Doubtful);
    known(&[(None, &anna), (None, &chleb), (Some(6), &bought)], Outcome::Doubtful);
    // The customer, or the product, came later.
    known(&[(Some(2), &chleb), (Some(6), &anna), (Some(7), &bought)], Outcome::Answered);
    known(&[(Some(1), &anna), (Some(6), &chleb), (Some(7), &bought)], Outcome::Answered);
    known(
        &[(Some(1), &anna), (Some(6), &chleb), (None, &price_of("chleb", "2"))],
        Outcome::Answered,
    );
    // Or never.
    let other = purchase("anna", "mleko");
    known(&[(Some(1), &anna), (Some(6), &other)], Outcome::Answered);
}

#[test]
fn a_price_that_was_not_in_force_was_another_message() {
    let prices = ["1", "2", "3", "4"].map(|amount| price_of("chleb", amount));
    let [one, two, three, four] = &prices;
    let log = [(Some(1), one), (Some(4), two), (None, three), (Some(8), four), (Some(12), one)];
    let earlier = read(&log);
    check(&earlier, 3, one, Outcome::Answered);
    check(&earlier, 3, two, Outcome::Doubtful);
    for price in [two, three] {
        check(&earlier, 6, price, Outcome::Answered);
    }
    for price in [one, four, &price_of("chleb", "9")] {
        check(&earlier, 6, price, Outcome::Doubtful);
    }
    check(&earlier, 10, four, Outcome::Answered);
    // What stood there in another shop's time is asked for again.
    check(&read(&[(None, one), (Some(8), two)]), 6, one, Outcome::Answered);
    check(&earlier, 13, two, Outcome::Open);
    check(&earlier, 6, &registration("chleb"), Outcome::Open);
}

#[test]
fn memory_does_not_grow_with_the_customers() {
    let mut earlier = PreviousRuns::default();
    for number in 1..WINDOW * 20 {
        earlier.stored(line(number), some(), vec![customer(&number.to_string())]);
    }
    let partition = &earlier.partitions[&0];
    assert!(partition.recent.len() <= usize::try_from(WINDOW * 4).unwrap());
    assert!((1..WINDOW * 20).all(|number| partition.stored.get(number) == Some(some())));
    assert_eq!((partition.stored.get(0), partition.stored.get(WINDOW * 20)), (None, None));
}

#[test]
fn a_message_that_is_not_the_one_that_was_stored_is_found() {
    let mut earlier = PreviousRuns::default();
    earlier.stored(line(5), Content::from(&price("chleb")).fingerprint(), vec![]);
    assert!(earlier.compare(line(5), Some(&price("chleb")), b"").is_ok());
    assert!(
        earlier.compare(line(4), Some(&price("mleko")), b"").is_ok(),
        "nothing is stored from there"
    );
    assert!(earlier.compare(line(5), Some(&price("mleko")), b"").is_err());
    assert!(earlier.compare(line(5), Some(&purchase("anna", "chleb")), b"").is_err());
    assert!(earlier.compare(line(5), None, b"").is_err(), "it cannot be read any more");
}
