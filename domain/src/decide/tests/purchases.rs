use super::*;

fn past() -> [Event; 2] {
    [customer_created("anna"), product_priced("chleb_1", "0.36")]
}

#[test]
fn a_purchase_is_charged_the_offered_price() {
    given(past()).when(purchase("anna", "chleb_1", "2")).then(purchased(1, "2", "0.72"));
}

#[test]
fn purchases_of_a_customer_are_numbered() {
    given(past().into_iter().chain([purchased(1, "2", "0.72")]))
        .when(purchase("anna", "chleb_1", "3"))
        .then(purchased(2, "3", "1.08"));
}

#[test]
fn the_same_purchase_again_is_another_purchase() {
    given(past().into_iter().chain([purchased(1, "2", "0.72")]))
        .when(purchase("anna", "chleb_1", "2"))
        .then(purchased(2, "2", "0.72"));
}

#[test]
fn totals_are_rounded_half_up() {
    for (units, total) in [("0.041", "0.01"), ("0.042", "0.02"), ("2.5", "0.90"), ("0.125", "0.05")]
    {
        given(past()).when(purchase("anna", "chleb_1", units)).then(purchased(1, units, total));
    }
}

#[test]
fn the_event_names_the_price_by_its_version() {
    let later = priced_again("0.40", "0.36", 2);
    let event = given(past().into_iter().chain([later]))
        .when(purchase("anna", "chleb_1", "1"))
        .then_happens();
    let Event::ProductPurchased(bought) = event else { panic!("{event:?}") };
    assert_eq!((bought.unit_price, bought.price_version), (zloty("0.40"), 2));
}

#[test]
fn a_stranger_cannot_buy() {
    given([product_priced("chleb_1", "0.36")])
        .when(purchase("anna", "chleb_1", "2"))
        .then_refused(Refusal::CustomerNotFound);
}

#[test]
fn a_purchase_of_an_unpriced_product_is_refused() {
    given([customer_created("anna")])
        .when(purchase("anna", "chleb_1", "2"))
        .then_refused(Refusal::ProductNotFound);
}

#[test]
fn a_price_that_the_buyer_has_not_seen_is_refused() {
    let expecting = |price| purchase_but(|wish| wish.expected_unit_price = Some(zloty(price)));
    given(past()).when(expecting("0.36")).then(purchased(1, "2", "0.72"));
    let refusal = Refusal::PriceChanged { current: zloty("0.36") };
    given(past()).when(expecting("0.30")).then_refused(refusal);
}

#[test]
fn an_offer_in_another_currency_is_refused() {
    let yen: Currency = "JPY".parse().unwrap();
    let foreign = Offer { price: Price::new(Money::new(36, yen)).unwrap(), ..offer("0.36") };
    let wish = purchase_but(|wish| wish.offer = Some(foreign));
    let shop = shop([customer_created("anna")]);
    let refused = decide(&shop, crate::testing::RULES, &wish);
    assert_eq!(refused, Err(Refusal::CurrencyMismatch { shop: Currency::PLN }));
}

#[test]
fn a_total_that_does_not_fit_is_refused() {
    let dear = Price::new(Money::new(i64::MAX, Currency::PLN)).unwrap();
    let wish = |units| {
        purchase_but(|wish| {
            wish.quantity = units;
            wish.offer = Some(Offer { price: dear, ..offer("0.36") });
        })
    };
    let shop = shop([customer_created("anna")]);
    let refused = decide(&shop, crate::testing::RULES, &wish(quantity("1.001")));
    assert_eq!(refused, Err(Refusal::TotalTooLarge));
    let accepted = decide(&shop, crate::testing::RULES, &wish(quantity("1")));
    let Ok(Decision::Emit(Event::ProductPurchased(bought))) = accepted else {
        panic!("{accepted:?}")
    };
    assert_eq!(bought.total, dear.money());
}

#[test]
fn numbers_that_no_longer_fit_are_refused() {
    given(past().into_iter().chain([purchased(u64::MAX, "2", "0.72")]))
        .when(purchase("anna", "chleb_1", "2"))
        .then_refused(Refusal::TotalTooLarge);
}

fn shop(events: impl IntoIterator<Item = Event>) -> Shop {
    let mut shop = Shop::default();
    for event in events {
        shop.evolve(&event);
    }
    shop
}

/// Not only the total decides what a purchase is; a quantity is part of the wish.
#[test]
fn a_purchase_meets_the_wish_that_names_it_and_no_other() {
    let event = purchased(1, "2", "0.72");
    assert!(purchase("anna", "chleb_1", "2").is_satisfied_by(&event));
    assert!(!purchase("ola", "chleb_1", "2").is_satisfied_by(&event));
    assert!(!purchase("anna", "chleb_2", "2").is_satisfied_by(&event));
    assert!(
        !purchase_but(|wish| wish.quantity = Quantity::from_thousandths(2_001).unwrap())
            .is_satisfied_by(&event)
    );
    assert!(
        !purchase_but(|wish| wish.expected_unit_price = Some(zloty("0.35")))
            .is_satisfied_by(&event)
    );
    assert!(
        purchase_but(|wish| wish.expected_unit_price = Some(zloty("0.36"))).is_satisfied_by(&event)
    );
}
