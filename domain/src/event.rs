//! What happened. Events are self-contained: no fold needs a second event of another aggregate.

use crate::{
    Address, AggregateId, Currency, CustomerId, Money, Name, Price, ProductId, PurchaseId, Quantity,
};

/// A fact of the shop.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Event {
    /// A customer was registered.
    CustomerCreated(CustomerCreated),
    /// A product got its first price, or another price, name or type.
    ProductPriced(ProductPriced),
    /// A customer bought a product.
    ProductPurchased(ProductPurchased),
}

impl Event {
    /// Whose event it is: events of one aggregate stand in one order.
    pub fn aggregate(&self) -> AggregateId {
        match self {
            Self::CustomerCreated(created) => AggregateId::Customer(created.customer_id.clone()),
            Self::ProductPriced(priced) => AggregateId::Product(priced.product_id.clone()),
            Self::ProductPurchased(bought) => {
                AggregateId::Customer(bought.purchase_id.customer.clone())
            }
        }
    }

    /// The text of that id, which is the key of the event's record.
    pub fn key(&self) -> &str {
        match self {
            Self::CustomerCreated(created) => created.customer_id.as_str(),
            Self::ProductPriced(priced) => priced.product_id.as_str(),
            Self::ProductPurchased(bought) => bought.purchase_id.customer.as_str(),
        }
    }

    /// The currency in the event that is not the shop's, if there is one. No price of such an event may be added to
    /// anything, or compared with anything.
    pub fn foreign_currency(&self, own: Currency) -> Option<Currency> {
        let currencies = match self {
            Self::CustomerCreated(_) => [None, None],
            Self::ProductPriced(priced) => {
                [Some(priced.price.currency()), priced.previous_price.map(Price::currency)]
            }
            Self::ProductPurchased(bought) => {
                [Some(bought.unit_price.currency()), Some(bought.total.currency())]
            }
        };
        currencies.into_iter().flatten().find(|currency| *currency != own)
    }
}

/// A customer was registered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CustomerCreated {
    /// Who.
    pub customer_id: CustomerId,
    /// First name.
    pub first_name: Name,
    /// Last name.
    pub last_name: Name,
    /// Where the customer lives.
    pub address: Address,
}

/// A product got a price, or another name or type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProductPriced {
    /// Which product.
    pub product_id: ProductId,
    /// Its name from now on.
    pub name: Name,
    /// Its type from now on, such as `chleb`.
    pub product_type: Name,
    /// What a unit costs from now on.
    pub price: Price,
    /// What a unit cost before; none for the first price.
    pub previous_price: Option<Price>,
    /// Counts the product's events from 1, without holes.
    pub version: u32,
}

/// A customer bought a product.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProductPurchased {
    /// Who bought, and the number of the purchase among that customer's, from 1 without holes.
    pub purchase_id: PurchaseId,
    /// What was bought.
    pub product_id: ProductId,
    /// The product's name when it was bought.
    pub product_name: Name,
    /// The product's type when it was bought.
    pub product_type: Name,
    /// What a unit cost.
    pub unit_price: Price,
    /// How much was bought.
    pub quantity: Quantity,
    /// `unit_price × quantity`, rounded half up.
    pub total: Money,
    /// The version of the price that was charged.
    pub price_version: u32,
}
