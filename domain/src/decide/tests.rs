mod customers;
mod prices;
mod purchases;

use super::*;
use crate::{
    Address, Money, Name, Quantity,
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
