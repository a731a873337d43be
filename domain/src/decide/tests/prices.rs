use super::*;

#[test]
fn a_first_price_puts_a_product_on_sale() {
    given([]).when(price_product("chleb_1", "0.36")).then(product_priced("chleb_1", "0.36"));
}

#[test]
fn a_first_price_without_name_or_type_is_refused() {
    given([]).when(bread_but("0.36", |wish| wish.name = None)).then_refused(Refusal::NameMissing);
    given([])
        .when(bread_but("0.36", |wish| wish.product_type = None))
        .then_refused(Refusal::TypeMissing);
}

#[test]
fn another_price_keeps_name_and_type_and_tells_the_previous_price() {
    let only_price = bread_but("0.40", |wish| {
        wish.name = None;
        wish.product_type = None;
    });
    given([product_priced("chleb_1", "0.36")])
        .when(only_price)
        .then(priced_again("0.40", "0.36", 2));
}

#[test]
fn the_previous_price_is_the_last_one() {
    given([product_priced("chleb_1", "0.36"), priced_again("0.40", "0.36", 2)])
        .when(price_product("chleb_1", "0.38"))
        .then(priced_again("0.38", "0.40", 3));
}

#[test]
fn another_name_or_type_at_the_same_price_is_a_new_version() {
    for renamed in [
        bread_but("0.36", |wish| wish.name = Some(name("Chleb żytni"))),
        bread_but("0.36", |wish| wish.product_type = Some(name("pieczywo"))),
    ] {
        let event = given([product_priced("chleb_1", "0.36")]).when(renamed.clone()).then_happens();
        let Event::ProductPriced(priced) = &event else { panic!("{event:?}") };
        assert_eq!((priced.version, priced.previous_price), (2, Some(zloty("0.36"))));
        assert!(renamed.is_satisfied_by(&event), "{event:?}");
    }
}

#[test]
fn the_same_price_name_and_type_again_change_nothing() {
    let past = || given([product_priced("chleb_1", "0.36")]);
    past().when(price_product("chleb_1", "0.36")).then_is_already(bread());
    past().when(bread_but("0.36", |wish| wish.name = None)).then_is_already(bread());
    past().when(bread_but("0.36", |wish| wish.expected_version = Some(1))).then_is_already(bread());
}

#[test]
fn an_expected_version_must_be_the_one_in_force() {
    let expecting = |version| bread_but("0.40", |wish| wish.expected_version = Some(version));
    let past = || given([product_priced("chleb_1", "0.36")]);
    past().when(expecting(1)).then(priced_again("0.40", "0.36", 2));
    past().when(expecting(0)).then_refused(Refusal::VersionConflict { current: 1 });
    past().when(expecting(2)).then_refused(Refusal::VersionConflict { current: 1 });
}

#[test]
fn expecting_version_zero_means_expecting_no_product() {
    let expecting = |version| bread_but("0.36", |wish| wish.expected_version = Some(version));
    given([]).when(expecting(0)).then(product_priced("chleb_1", "0.36"));
    given([]).when(expecting(1)).then_refused(Refusal::VersionConflict { current: 0 });
}

#[test]
fn a_price_in_another_currency_is_refused() {
    let euro: Currency = "EUR".parse().unwrap();
    let price = Price::new(Money::new(36, euro)).unwrap();
    let refusal = Refusal::CurrencyMismatch { shop: Currency::PLN };
    given([]).when(bread_but("0.36", |wish| wish.price = price)).then_refused(refusal);
}

#[test]
fn versions_that_no_longer_fit_are_refused() {
    given([priced_again("0.36", "0.40", u32::MAX)])
        .when(price_product("chleb_1", "0.38"))
        .then_refused(Refusal::TotalTooLarge);
}

#[test]
fn a_name_or_type_that_was_recorded_in_another_form_of_unicode_is_no_new_version() {
    let Event::ProductPriced(first) = product_priced("chleb_1", "0.36") else {
        panic!("it is priced")
    };
    let recorded = Event::ProductPriced(ProductPriced {
        name: Name::recorded("Chleb z\u{307}ytni").unwrap(),
        product_type: Name::recorded("z\u{307}ytni").unwrap(),
        ..first
    });
    let again = bread_but("0.36", |wish| {
        wish.name = Some(name("Chleb żytni"));
        wish.product_type = Some(name("żytni"));
    });
    given([recorded]).when(again).then_is_already(bread());
}
