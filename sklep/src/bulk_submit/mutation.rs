//! What is wished for, and whom it concerns.

use domain::{Address, CustomerId, Decimal, Name, ProductId, Quantity};
use serde_json::{Value, json};

/// One mutation, its parts checked as far as this can be done outside the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mutation {
    /// Registers a customer.
    CreateCustomer { id: CustomerId, first_name: Name, last_name: Name, address: Address },
    /// Puts a product on sale, or changes its price; in the shop's own currency.
    PriceProduct { id: ProductId, name: Name, product_type: Name, price: Decimal },
    /// Buys a product.
    PurchaseProduct { customer: CustomerId, product: ProductId, quantity: Quantity },
}

/// A customer or a product.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Entity {
    Customer(CustomerId),
    Product(ProductId),
}

/// What a wish has to do with a thing. Two wishes must keep their order unless both only look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// It may change it.
    Changes,
    /// Its answer depends on it.
    LooksAt,
}

impl Mutation {
    /// Everything that it has to do with.
    pub(crate) fn touches(&self) -> Vec<(Entity, Access)> {
        match self {
            Self::CreateCustomer { id, .. } => {
                vec![(Entity::Customer(id.clone()), Access::Changes)]
            }
            Self::PriceProduct { id, .. } => vec![(Entity::Product(id.clone()), Access::Changes)],
            Self::PurchaseProduct { customer, product, .. } => vec![
                (Entity::Customer(customer.clone()), Access::Changes),
                (Entity::Product(product.clone()), Access::LooksAt),
            ],
        }
    }

    /// The name of the mutation in the schema.
    pub(super) fn mutation(&self) -> &'static str {
        match self {
            Self::CreateCustomer { .. } => "createCustomer",
            Self::PriceProduct { .. } => "priceProduct",
            Self::PurchaseProduct { .. } => "purchaseProduct",
        }
    }

    /// The name of the type of its input in the schema.
    pub(super) fn input_type(&self) -> &'static str {
        match self {
            Self::CreateCustomer { .. } => "CreateCustomerInput",
            Self::PriceProduct { .. } => "PriceProductInput",
            Self::PurchaseProduct { .. } => "PurchaseProductInput",
        }
    }

    /// Its input. `at_least` is what a purchase's price rests on. With `only_first` a price is refused for a product
    /// that has one.
    pub(super) fn input(
        &self,
        command_id: &str,
        at_least: Option<&str>,
        only_first: bool,
    ) -> Value {
        match self {
            Self::CreateCustomer { id, first_name, last_name, address } => json!({
                "id": id.as_str(), "firstName": first_name.as_str(), "lastName": last_name.as_str(),
                "address": address.as_str(), "commandId": command_id,
            }),
            Self::PriceProduct { id, name, product_type, price } => json!({
                "productId": id.as_str(), "name": name.as_str(), "type": product_type.as_str(),
                "price": price.to_string(), "expectedVersion": only_first.then_some(0), "commandId": command_id,
            }),
            Self::PurchaseProduct { customer, product, quantity } => json!({
                "customerId": customer.as_str(), "productId": product.as_str(),
                "quantity": quantity.to_string(), "atLeast": at_least, "commandId": command_id,
            }),
        }
    }
}
