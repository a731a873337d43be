//! The given/when/then kit: sentences about the shop.
//!
//! ```
//! use domain::{Refusal, testing::{customer_created, given, purchase}};
//!
//! given([customer_created("anna")])
//!     .when(purchase("anna", "chleb_1", "2"))
//!     .then_refused(Refusal::ProductNotFound);
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the kit's failures are the failures of the tests that use it"
)]

use crate::{
    Address, AggregateId, Command, CreateCustomer, Currency, CustomerCreated, Decision, Event,
    Money, Name, Offer, Price, PriceProduct, ProductPriced, PurchaseProduct, Quantity, Refusal,
    Rules, Shop, decide,
};

/// The rules of the tests' shop, which sells in złoty.
pub const RULES: Rules = Rules { currency: Currency::PLN };

/// What has happened so far.
#[derive(Debug)]
pub struct Given(Shop);

/// What a command came to.
#[derive(Debug)]
pub struct Outcome(Result<Decision, Refusal>);

/// A shop in which these events have happened.
pub fn given(events: impl IntoIterator<Item = Event>) -> Given {
    let mut shop = Shop::default();
    events.into_iter().for_each(|event| shop.evolve(&event));
    Given(shop)
}

impl Given {
    /// Decides a command; a purchase is offered the product of this same shop.
    pub fn when(self, command: Command) -> Outcome {
        Outcome(decide(&self.0, RULES, &offered(&self.0, command)))
    }
}

impl Outcome {
    /// The command must have been accepted with this event.
    #[track_caller]
    pub fn then(self, event: Event) {
        assert_eq!(self.0, Ok(Decision::Emit(event)));
    }

    /// The command must have been accepted with an event that is given back.
    #[track_caller]
    pub fn then_happens(self) -> Event {
        match self.0 {
            Ok(Decision::Emit(event)) => event,
            other => panic!("expected an event, got {other:?}"),
        }
    }

    /// The command must have been accepted as "as it is already".
    #[track_caller]
    pub fn then_is_already(self, aggregate: AggregateId) {
        assert_eq!(self.0, Ok(Decision::Unchanged(aggregate)));
    }

    /// The command must have been refused by this rule.
    #[track_caller]
    pub fn then_refused(self, refusal: Refusal) {
        assert_eq!(self.0, Err(refusal));
    }
}

/// Fills in the offer of a purchase from a shop that holds its product, as a catalogue does.
pub fn offered(shop: &Shop, command: Command) -> Command {
    match command {
        Command::PurchaseProduct(wish) => {
            let offer = shop.product(&wish.product_id).cloned();
            Command::PurchaseProduct(PurchaseProduct { offer, ..wish })
        }
        other @ (Command::CreateCustomer(_) | Command::PriceProduct(_)) => other,
    }
}

/// A price in złoty, such as `"0.36"`.
pub fn zloty(amount: &str) -> Price {
    Price::new(Money::from_decimal(amount.parse().unwrap(), Currency::PLN).unwrap()).unwrap()
}

/// A quantity, such as `"0.25"`.
pub fn quantity(units: &str) -> Quantity {
    Quantity::from_decimal(units.parse().unwrap()).unwrap()
}

/// A name.
pub fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// An address.
pub fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// Anna Kowalska under any id.
pub fn customer_created(id: &str) -> Event {
    Event::CustomerCreated(CustomerCreated {
        customer_id: id.parse().unwrap(),
        first_name: name("Anna"),
        last_name: name("Kowalska"),
        address: address("ul. Krótka 1, Warszawa"),
    })
}

/// The wish that [`customer_created`] fulfils.
pub fn create_customer(id: &str) -> Command {
    Command::CreateCustomer(CreateCustomer {
        customer_id: id.parse().unwrap(),
        first_name: name("Anna"),
        last_name: name("Kowalska"),
        address: address("ul. Krótka 1, Warszawa"),
    })
}

/// The first price of a bread.
pub fn product_priced(id: &str, price: &str) -> Event {
    Event::ProductPriced(ProductPriced {
        product_id: id.parse().unwrap(),
        name: name("Chleb wiejski"),
        product_type: name("chleb"),
        price: zloty(price),
        previous_price: None,
        version: 1,
    })
}

/// The wish for a price of a bread.
pub fn price_product(id: &str, price: &str) -> Command {
    Command::PriceProduct(PriceProduct {
        product_id: id.parse().unwrap(),
        name: Some(name("Chleb wiejski")),
        product_type: Some(name("chleb")),
        price: zloty(price),
        expected_version: None,
    })
}

/// The wish to buy; [`offered`] fills in the offer.
pub fn purchase(customer: &str, product: &str, units: &str) -> Command {
    Command::PurchaseProduct(PurchaseProduct {
        customer_id: customer.parse().unwrap(),
        product_id: product.parse().unwrap(),
        quantity: quantity(units),
        expected_unit_price: None,
        offer: None,
    })
}

/// The offer of a bread at its first price.
pub fn offer(price: &str) -> Offer {
    Offer {
        name: name("Chleb wiejski"),
        product_type: name("chleb"),
        price: zloty(price),
        version: 1,
    }
}
