use super::*;
use crate::{
    Money, Quantity,
    testing::{
        address, create_customer, customer_created, given, name, offer, price_product,
        product_priced, purchase, quantity, zloty,
    },
};

/// Anna Kowalska with something changed.
fn anna_but(change: impl FnOnce(&mut CreateCustomer)) -> Command {
    let Command::CreateCustomer(mut wish) = create_customer("anna") else { panic!("it creates") };
    change(&mut wish);
    Command::CreateCustomer(wish)
}

/// The bread `chleb_1` at this price, with something changed.
fn bread_but(price: &str, change: impl FnOnce(&mut PriceProduct)) -> Command {
    let Command::PriceProduct(mut wish) = price_product("chleb_1", price) else {
        panic!("it prices")
    };
    change(&mut wish);
    Command::PriceProduct(wish)
}

/// Two breads `chleb_1` for Anna, with something changed.
fn purchase_but(change: impl FnOnce(&mut PurchaseProduct)) -> Command {
    let Command::PurchaseProduct(mut wish) = purchase("anna", "chleb_1", "2") else {
        panic!("it buys")
    };
    change(&mut wish);
    Command::PurchaseProduct(wish)
}

fn priced_again(price: &str, previous: &str, version: u32) -> Event {
    let Event::ProductPriced(first) = product_priced("chleb_1", price) else {
        panic!("it is priced")
    };
    Event::ProductPriced(ProductPriced { previous_price: Some(zloty(previous)), version, ..first })
}

fn purchased(number: u64, units: &str, total: &str) -> Event {
    Event::ProductPurchased(ProductPurchased {
        purchase_id: PurchaseId { customer: "anna".parse().unwrap(), number },
        product_id: "chleb_1".parse().unwrap(),
        product_name: name("Chleb wiejski"),
        product_type: name("chleb"),
        unit_price: zloty("0.36"),
        quantity: quantity(units),
        total: zloty(total).money(),
        price_version: 1,
    })
}

fn anna() -> AggregateId {
    AggregateId::Customer("anna".parse().unwrap())
}

fn bread() -> AggregateId {
    AggregateId::Product("chleb_1".parse().unwrap())
}

mod customers {
    use super::*;

    #[test]
    fn a_new_customer_is_registered() {
        given([]).when(create_customer("anna")).then(customer_created("anna"));
        given([customer_created("ola")])
            .when(create_customer("anna"))
            .then(customer_created("anna"));
    }

    #[test]
    fn the_same_data_again_changes_nothing() {
        given([customer_created("anna")]).when(create_customer("anna")).then_is_already(anna());
    }

    #[test]
    fn the_same_data_again_changes_nothing_after_purchases_either() {
        let past = [
            customer_created("anna"),
            product_priced("chleb_1", "0.36"),
            purchased(1, "2", "0.72"),
        ];
        given(past).when(create_customer("anna")).then_is_already(anna());
    }

    #[test]
    fn other_data_under_a_taken_id_is_refused() {
        for other in [
            anna_but(|wish| wish.first_name = name("Ola")),
            anna_but(|wish| wish.last_name = name("Nowak")),
            anna_but(|wish| wish.address = address("ul. Długa 2, Kraków")),
        ] {
            given([customer_created("anna")])
                .when(other)
                .then_refused(Refusal::CustomerAlreadyExists);
        }
    }

    #[test]
    fn names_that_only_look_alike_when_joined_are_other_data() {
        let split = |first: &str, last: &str| {
            anna_but(|wish| {
                wish.first_name = name(first);
                wish.last_name = name(last);
            })
        };
        let created = given([]).when(split("Anna Maria", "Kowalska")).then_happens();
        given([created])
            .when(split("Anna", "Maria Kowalska"))
            .then_refused(Refusal::CustomerAlreadyExists);
    }

    #[test]
    fn a_product_of_the_same_id_is_nobodys_customer() {
        given([product_priced("anna", "0.36")])
            .when(create_customer("anna"))
            .then(customer_created("anna"));
    }
}

mod prices {
    use super::*;

    #[test]
    fn a_first_price_puts_a_product_on_sale() {
        given([]).when(price_product("chleb_1", "0.36")).then(product_priced("chleb_1", "0.36"));
    }

    #[test]
    fn a_first_price_without_name_or_type_is_refused() {
        given([])
            .when(bread_but("0.36", |wish| wish.name = None))
            .then_refused(Refusal::NameMissing);
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
            let event =
                given([product_priced("chleb_1", "0.36")]).when(renamed.clone()).then_happens();
            let Event::ProductPriced(priced) = &event else { panic!("{event:?}") };
            assert_eq!((priced.version, priced.previous_price), (2, Some(zloty("0.36"))));
            assert!(renamed.is_met_by(&event), "{event:?}");
        }
    }

    #[test]
    fn the_same_price_name_and_type_again_change_nothing() {
        let past = || given([product_priced("chleb_1", "0.36")]);
        past().when(price_product("chleb_1", "0.36")).then_is_already(bread());
        past().when(bread_but("0.36", |wish| wish.name = None)).then_is_already(bread());
        past()
            .when(bread_but("0.36", |wish| wish.expected_version = Some(1)))
            .then_is_already(bread());
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
}

mod purchases {
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
        for (units, total) in
            [("0.041", "0.01"), ("0.042", "0.02"), ("2.5", "0.90"), ("0.125", "0.05")]
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
        let Ok(Decision::Happens(Event::ProductPurchased(bought))) = accepted else {
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
        assert!(purchase("anna", "chleb_1", "2").is_met_by(&event));
        assert!(!purchase("ola", "chleb_1", "2").is_met_by(&event));
        assert!(!purchase("anna", "chleb_2", "2").is_met_by(&event));
        assert!(
            !purchase_but(|wish| wish.quantity = Quantity::from_thousandths(2_001).unwrap())
                .is_met_by(&event)
        );
        assert!(
            !purchase_but(|wish| wish.expected_unit_price = Some(zloty("0.35"))).is_met_by(&event)
        );
        assert!(
            purchase_but(|wish| wish.expected_unit_price = Some(zloty("0.36"))).is_met_by(&event)
        );
    }
}
