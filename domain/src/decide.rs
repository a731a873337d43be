//! The decider: from a state and a command to an event, to "as it is already", or to a refusal.

use crate::{
    AggregateId, Command, CreateCustomer, Currency, CustomerCreated, Event, Offer, Price,
    PriceProduct, ProductPriced, ProductPurchased, PurchaseId, PurchaseProduct, Refusal, Shop,
    shop::digest_of_requested,
};

/// What holds for the whole shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rules {
    /// The one currency that the shop sells in.
    pub currency: Currency,
}

/// What an accepted command comes to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Decision {
    /// This is to happen.
    Emit(Event),
    /// Nothing is to happen: the aggregate is already as it is wished to be.
    Unchanged(AggregateId),
}

/// Decides a command on the newest state.
pub fn decide(shop: &Shop, rules: Rules, command: &Command) -> Result<Decision, Refusal> {
    match command {
        Command::CreateCustomer(wish) => create_customer(shop, wish),
        Command::PriceProduct(wish) => price_product(shop, rules, wish),
        Command::PurchaseProduct(wish) => purchase_product(shop, rules, wish),
    }
}

fn create_customer(shop: &Shop, wish: &CreateCustomer) -> Result<Decision, Refusal> {
    match shop.customer(&wish.customer_id) {
        None => Ok(Decision::Emit(Event::CustomerCreated(CustomerCreated {
            customer_id: wish.customer_id.clone(),
            first_name: wish.first_name.clone(),
            last_name: wish.last_name.clone(),
            address: wish.address.clone(),
        }))),
        Some(customer) if customer.digest == digest_of_requested(wish) => {
            Ok(Decision::Unchanged(AggregateId::Customer(wish.customer_id.clone())))
        }
        Some(_other_data) => Err(Refusal::CustomerAlreadyExists),
    }
}

fn price_product(shop: &Shop, rules: Rules, wish: &PriceProduct) -> Result<Decision, Refusal> {
    in_currency(rules, wish.price)?;
    let now = shop.product(&wish.product_id);
    let current = now.map_or(0, |product| product.version);
    if wish.expected_version.is_some_and(|expected| expected != current) {
        return Err(Refusal::VersionConflict { current });
    }
    let name =
        wish.name.as_ref().or(now.map(|product| &product.name)).ok_or(Refusal::NameMissing)?;
    let product_type = wish
        .product_type
        .as_ref()
        .or(now.map(|product| &product.product_type))
        .ok_or(Refusal::TypeMissing)?;
    let next = Offer {
        name: name.clone(),
        product_type: product_type.clone(),
        price: wish.price,
        version: current.checked_add(1).ok_or(Refusal::TotalTooLarge)?,
    };
    if now.is_some_and(|now| Offer { version: now.version, ..next.clone() } == *now) {
        return Ok(Decision::Unchanged(AggregateId::Product(wish.product_id.clone())));
    }
    Ok(Decision::Emit(Event::ProductPriced(ProductPriced {
        product_id: wish.product_id.clone(),
        name: next.name,
        product_type: next.product_type,
        price: next.price,
        previous_price: now.map(|product| product.price),
        version: next.version,
    })))
}

fn purchase_product(
    shop: &Shop,
    rules: Rules,
    wish: &PurchaseProduct,
) -> Result<Decision, Refusal> {
    let customer = shop.customer(&wish.customer_id).ok_or(Refusal::CustomerNotFound)?;
    let offer = wish.offer.as_ref().ok_or(Refusal::ProductNotFound)?;
    in_currency(rules, offer.price)?;
    if wish.expected_unit_price.is_some_and(|expected| expected != offer.price) {
        return Err(Refusal::PriceChanged { current: offer.price });
    }
    let number = customer.purchases.checked_add(1).ok_or(Refusal::TotalTooLarge)?;
    Ok(Decision::Emit(Event::ProductPurchased(ProductPurchased {
        purchase_id: PurchaseId { customer: wish.customer_id.clone(), number },
        product_id: wish.product_id.clone(),
        product_name: offer.name.clone(),
        product_type: offer.product_type.clone(),
        unit_price: offer.price,
        quantity: wish.quantity,
        total: wish.quantity.cost(offer.price).ok_or(Refusal::TotalTooLarge)?,
        price_version: offer.version,
    })))
}

fn in_currency(rules: Rules, price: Price) -> Result<(), Refusal> {
    if price.currency() == rules.currency {
        Ok(())
    } else {
        Err(Refusal::CurrencyMismatch { shop: rules.currency })
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
