use super::*;

fn line(number: u64) -> Mark {
    Mark { partition: 0, number }
}

fn customer(id: &str) -> (Thing, Touch) {
    (Thing::Customer(id.parse().unwrap()), Touch::Changes)
}

fn product(id: &str, touch: Touch) -> (Thing, Touch) {
    (Thing::Product(id.parse().unwrap()), touch)
}

fn purchase(customer: &str, product: &str) -> Wish {
    Wish::PurchaseProduct {
        customer: customer.parse().unwrap(),
        product: product.parse().unwrap(),
        quantity: domain::Quantity::from_thousandths(1000).unwrap(),
    }
}

fn price(product: &str) -> Wish {
    Wish::PriceProduct {
        id: product.parse().unwrap(),
        name: "Chleb".parse().unwrap(),
        product_type: "chleb".parse().unwrap(),
        price: "1".parse().unwrap(),
    }
}

#[track_caller]
fn check(earlier: &Earlier, number: u64, wish: &Wish, known: Known) {
    assert_eq!(earlier.known(line(number), wish), known);
}

#[test]
fn without_an_earlier_run_everything_is_open() {
    check(&Earlier::default(), 1, &purchase("anna", "chleb"), Known::Open);
}

#[test]
fn what_waited_for_an_answer_shows_that_there_was_one() {
    let mut earlier = Earlier::default();
    earlier.stored(line(5), [customer("anna")].into_iter());
    earlier.stored(line(6), [product("chleb", Touch::Changes)].into_iter());
    earlier.stored(line(7), [customer("jan"), product("mleko", Touch::LooksAt)].into_iter());
    check(&earlier, 5, &purchase("anna", "x"), Known::Stored);
    check(&earlier, 4, &purchase("anna", "x"), Known::Answered);
    check(&earlier, 8, &purchase("anna", "x"), Known::Open);
    check(&earlier, 4, &purchase("ewa", "chleb"), Known::Answered);
    check(&earlier, 4, &purchase("ewa", "mleko"), Known::Open);
    check(&earlier, 4, &price("mleko"), Known::Answered);
    check(&earlier, 8, &price("mleko"), Known::Open);
}

#[test]
fn what_is_a_window_back_was_answered() {
    let mut earlier = Earlier::default();
    earlier.stored(line(WINDOW + 10), [customer("anna")].into_iter());
    check(&earlier, 9, &purchase("ewa", "x"), Known::Answered);
    check(&earlier, 10, &purchase("ewa", "x"), Known::Open);
    let other = Mark { partition: 1, number: 9 };
    assert_eq!(earlier.known(other, &purchase("ewa", "x")), Known::Open);
}

#[test]
fn memory_does_not_grow_with_the_customers() {
    let mut earlier = Earlier::default();
    for number in 1..WINDOW * 20 {
        earlier.stored(line(number), [customer(&number.to_string())].into_iter());
    }
    let partition = &earlier.partitions[&0];
    assert!(partition.recent.len() <= usize::try_from(WINDOW * 4).unwrap());
    assert!((1..WINDOW * 20).all(|number| partition.stored.contains(number)));
    assert!(!partition.stored.contains(0) && !partition.stored.contains(WINDOW * 20));
}

#[test]
fn what_is_asked_is_within_the_shops_limits() {
    crate::shop::is_taken(QUERY, &serde_json::json!({ "after": null }));
}
