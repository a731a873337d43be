//! What holds for every history of the shop, whatever is wished for in whatever order.

use std::collections::BTreeMap;

use proptest::{option, prelude::*, sample::select};

use super::*;
use crate::{CustomerId, Money, Name, ProductId, Quantity, Undo, testing::RULES};

fn customer_id() -> impl Strategy<Value = CustomerId> {
    select(vec!["anna", "ola", "x"]).prop_map(|id| id.parse().unwrap())
}

/// One of them is a customer's, too.
fn product_id() -> impl Strategy<Value = ProductId> {
    select(vec!["chleb_1", "mleko_1", "x"]).prop_map(|id| id.parse().unwrap())
}

fn name() -> impl Strategy<Value = Name> {
    select(vec!["Anna", "Ola", "chleb"]).prop_map(|text| text.parse().unwrap())
}

fn price() -> impl Strategy<Value = Price> {
    let currency = select(vec!["PLN", "PLN", "PLN", "EUR"]).prop_map(|code| code.parse().unwrap());
    let minor = prop_oneof![Just(36), Just(40), 1..=i64::MAX];
    (minor, currency).prop_map(|(minor, currency)| Price::new(Money::new(minor, currency)).unwrap())
}

fn quantity() -> impl Strategy<Value = Quantity> {
    (1_i64..=1_000_000_000).prop_map(|thousandths| Quantity::from_thousandths(thousandths).unwrap())
}

prop_compose! {
    fn create()(customer_id in customer_id(), first_name in name(), last_name in name()) -> Command {
        let address = "ul. Krótka 1".parse().unwrap();
        Command::CreateCustomer(CreateCustomer { customer_id, first_name, last_name, address })
    }
}
prop_compose! {
    fn pricing()(
        product_id in product_id(), name in option::of(name()), product_type in option::of(name()),
        price in price(), expected_version in option::weighted(0.2, 0..4_u32),
    ) -> Command {
        Command::PriceProduct(PriceProduct { product_id, name, product_type, price, expected_version })
    }
}
prop_compose! {
    fn any_offer()(name in name(), product_type in name(), price in price(), version: u32) -> Offer {
        Offer { name, product_type, price, version }
    }
}
prop_compose! {
    fn buying()(
        customer_id in customer_id(), product_id in product_id(), quantity in quantity(),
        expected_unit_price in option::weighted(0.2, price()), offer in option::weighted(0.9, any_offer()),
    ) -> Command {
        Command::PurchaseProduct(PurchaseProduct { customer_id, product_id, quantity, expected_unit_price, offer })
    }
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![1 => create(), 2 => pricing(), 4 => buying()]
}

fn commands() -> impl Strategy<Value = Vec<Command>> {
    prop::collection::vec(command(), 0..60)
}

/// Events that no decider need ever have decided: a state may be anything that a log could bring.
fn any_event() -> impl Strategy<Value = Event> {
    let created =
        (customer_id(), name(), name()).prop_map(|(customer_id, first_name, last_name)| {
            let address = "ul. Długa 2".parse().unwrap();
            Event::CustomerCreated(CustomerCreated { customer_id, first_name, last_name, address })
        });
    let version = prop_oneof![any::<u32>(), Just(u32::MAX)];
    let priced = (product_id(), name(), name(), price(), option::of(price()), version).prop_map(
        |(product_id, name, product_type, price, previous_price, version)| {
            Event::ProductPriced(ProductPriced {
                product_id,
                name,
                product_type,
                price,
                previous_price,
                version,
            })
        },
    );
    let number = prop_oneof![any::<u64>(), Just(u64::MAX)];
    let bought = (customer_id(), number, product_id(), name(), price(), quantity(), any::<i64>())
        .prop_map(|(customer, number, product_id, name, unit_price, quantity, total)| {
            Event::ProductPurchased(ProductPurchased {
                purchase_id: PurchaseId { customer, number },
                product_id,
                product_name: name.clone(),
                product_type: name,
                unit_price,
                quantity,
                total: Money::new(total, unit_price.currency()),
                price_version: 1,
            })
        });
    prop_oneof![2 => created, 2 => priced, 3 => bought]
}

/// Decides each command on the state that the earlier ones left, and takes in what happens.
fn history(commands: &[Command]) -> (Shop, Vec<Event>) {
    let (mut shop, mut events) = (Shop::default(), Vec::new());
    for command in commands {
        if let Ok(Decision::Emit(event)) = decide(&shop, RULES, command) {
            shop.evolve(&event);
            events.push(event);
        }
    }
    (shop, events)
}

proptest! {
    #[test]
    fn deciding_never_panics_on_any_state_and_command(
        past in prop::collection::vec(any_event(), 0..30), command in command(),
    ) {
        let mut shop = Shop::default();
        for event in &past {
            shop.evolve(event);
        }
        if let Ok(Decision::Emit(event)) = decide(&shop, RULES, &command) {
            prop_assert_eq!(event.aggregate(), command.aggregate());
            shop.evolve(&event);
        }
    }

    #[test]
    fn what_happens_is_what_was_wished_for(commands in commands()) {
        let mut shop = Shop::default();
        for command in &commands {
            match decide(&shop, RULES, command) {
                Ok(Decision::Emit(event)) => {
                    prop_assert!(command.is_satisfied_by(&event), "{:?} is not met by {:?}", command, event);
                    prop_assert_eq!(command.aggregate(), event.aggregate());
                    prop_assert!(shop.can_apply(&event));
                    shop.evolve(&event);
                    prop_assert!(!shop.can_apply(&event), "it happens once");
                }
                Ok(Decision::Unchanged(aggregate)) => prop_assert_eq!(aggregate, command.aggregate()),
                Err(_refused) => {}
            }
        }
    }

    #[test]
    fn purchases_of_a_customer_are_numbered_without_holes_and_only_after_registering(commands in commands()) {
        let mut last: BTreeMap<CustomerId, u64> = BTreeMap::new();
        for event in history(&commands).1 {
            match event {
                Event::CustomerCreated(created) => {
                    prop_assert_eq!(last.insert(created.customer_id, 0), None, "nobody is registered twice");
                }
                Event::ProductPurchased(bought) => {
                    let number = last.get_mut(&bought.purchase_id.customer).unwrap();
                    *number = number.saturating_add(1);
                    prop_assert_eq!(bought.purchase_id.number, *number);
                }
                Event::ProductPriced(_) => {}
            }
        }
    }

    #[test]
    fn versions_of_a_product_have_no_holes_and_each_tells_the_one_before(commands in commands()) {
        let mut last: BTreeMap<ProductId, ProductPriced> = BTreeMap::new();
        for event in history(&commands).1 {
            let Event::ProductPriced(priced) = event else { continue };
            let before = last.insert(priced.product_id.clone(), priced.clone());
            prop_assert_eq!(priced.version, before.as_ref().map_or(1, |before| before.version.saturating_add(1)));
            prop_assert_eq!(priced.previous_price, before.as_ref().map(|before| before.price));
            let unchanged = |before: &ProductPriced| {
                (before.price, &before.name, &before.product_type) == (priced.price, &priced.name, &priced.product_type)
            };
            prop_assert!(!before.as_ref().is_some_and(unchanged), "an event without a change");
        }
    }

    #[test]
    fn the_state_adds_up_to_its_events(commands in commands()) {
        let (shop, events) = history(&commands);
        let (mut purchases, mut offers) = (BTreeMap::new(), BTreeMap::new());
        for event in events {
            match event {
                Event::CustomerCreated(created) => _ = purchases.insert(created.customer_id, 0_u64),
                Event::ProductPriced(priced) => _ = offers.insert(priced.product_id.clone(), Offer::from(&priced)),
                Event::ProductPurchased(bought) => {
                    let exact = i128::from(bought.unit_price.money().minor())
                        .checked_mul(i128::from(bought.quantity.thousandths())).unwrap();
                    let over = i128::from(bought.total.minor()).checked_mul(1_000).unwrap().checked_sub(exact).unwrap();
                    prop_assert!((-499..=500).contains(&over), "{:?} is not rounded half up", bought);
                    prop_assert_eq!(bought.total.currency(), RULES.currency);
                    let count = purchases.get_mut(&bought.purchase_id.customer).unwrap();
                    *count = count.saturating_add(1);
                }
            }
        }
        for (id, count) in purchases {
            prop_assert_eq!(shop.customer(&id).unwrap().purchases, count);
        }
        for (id, offer) in offers {
            prop_assert_eq!(shop.product(&id), Some(&offer));
        }
    }

    #[test]
    fn a_price_in_another_currency_never_gets_into_the_shop(commands in commands()) {
        for event in history(&commands).1 {
            match event {
                Event::ProductPriced(priced) => prop_assert_eq!(priced.price.currency(), RULES.currency),
                Event::ProductPurchased(bought) => prop_assert_eq!(bought.unit_price.currency(), RULES.currency),
                Event::CustomerCreated(_) => {}
            }
        }
    }

    #[test]
    fn what_is_taken_back_newest_first_was_never_there(
        past in prop::collection::vec(any_event(), 0..20), later in prop::collection::vec(any_event(), 0..20),
    ) {
        let mut shop = Shop::default();
        for event in &past {
            shop.evolve(event);
        }
        let mut steps: Vec<(Shop, Undo)> = Vec::new();
        for event in &later {
            steps.push((shop.clone(), shop.undo(event)));
            shop.evolve(event);
        }
        for (expected, before) in steps.into_iter().rev() {
            shop.revert(before);
            prop_assert_eq!(&shop, &expected);
        }
    }

    #[test]
    fn the_same_command_again_is_as_it_is_already_unless_it_buys(commands in commands(), last in command()) {
        let (mut shop, _) = history(&commands);
        if let Ok(Decision::Emit(event)) = decide(&shop, RULES, &last) {
            shop.evolve(&event);
            let again = decide(&shop, RULES, &last);
            match last {
                Command::CreateCustomer(_) => prop_assert_eq!(again, Ok(Decision::Unchanged(event.aggregate()))),
                Command::PriceProduct(wish) if wish.expected_version.is_none() => {
                    prop_assert_eq!(again, Ok(Decision::Unchanged(event.aggregate())));
                }
                Command::PriceProduct(_) => {
                    prop_assert!(matches!(again, Err(Refusal::VersionConflict { .. })), "{:?}", again);
                }
                Command::PurchaseProduct(_) => prop_assert!(matches!(again, Ok(Decision::Emit(_))), "{:?}", again),
            }
        }
    }
}
