//! What may be wished for.

use crate::{Address, AggregateId, CustomerId, Event, Name, Price, ProductId, Quantity};

/// A wish, parsed and complete.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Command {
    /// Registers a customer.
    CreateCustomer(CreateCustomer),
    /// Puts a product on sale, or changes its price, name or type.
    PriceProduct(PriceProduct),
    /// Buys a product.
    PurchaseProduct(PurchaseProduct),
}

impl Command {
    /// Whose event would follow.
    pub fn aggregate(&self) -> AggregateId {
        match self {
            Self::CreateCustomer(create) => AggregateId::Customer(create.customer_id.clone()),
            Self::PriceProduct(price) => AggregateId::Product(price.product_id.clone()),
            Self::PurchaseProduct(purchase) => AggregateId::Customer(purchase.customer_id.clone()),
        }
    }

    /// Whether `event` is what this command wishes for: everything that it names is so in the event.
    ///
    /// A repeat under the same command id is the same wish when this holds, another wish when not.
    pub fn is_satisfied_by(&self, event: &Event) -> bool {
        match (self, event) {
            (Self::CreateCustomer(wish), Event::CustomerCreated(fact)) => {
                wish.customer_id == fact.customer_id
                    && wish.first_name == fact.first_name
                    && wish.last_name == fact.last_name
                    && wish.address == fact.address
            }
            (Self::PriceProduct(wish), Event::ProductPriced(fact)) => {
                wish.product_id == fact.product_id
                    && wish.price == fact.price
                    && wish.name.as_ref().is_none_or(|name| *name == fact.name)
                    && wish.product_type.as_ref().is_none_or(|of| *of == fact.product_type)
                    && wish
                        .expected_version
                        .is_none_or(|version| version.checked_add(1) == Some(fact.version))
            }
            (Self::PurchaseProduct(wish), Event::ProductPurchased(fact)) => {
                wish.customer_id == fact.purchase_id.customer
                    && wish.product_id == fact.product_id
                    && wish.quantity == fact.quantity
                    && wish.expected_unit_price.is_none_or(|price| price == fact.unit_price)
            }
            (Self::CreateCustomer(_) | Self::PriceProduct(_) | Self::PurchaseProduct(_), _) => {
                false
            }
        }
    }
}

/// Registers a customer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CreateCustomer {
    /// Who.
    pub customer_id: CustomerId,
    /// First name.
    pub first_name: Name,
    /// Last name.
    pub last_name: Name,
    /// Where the customer lives.
    pub address: Address,
}

/// Puts a product on sale, or changes its price, name or type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PriceProduct {
    /// Which product.
    pub product_id: ProductId,
    /// Its name: needed for the first price, later a new name.
    pub name: Option<Name>,
    /// Its type: needed for the first price, later a new type.
    pub product_type: Option<Name>,
    /// What a unit is to cost.
    pub price: Price,
    /// The version that the product must have now; 0 means that it must have none.
    pub expected_version: Option<u32>,
}

/// Buys a product.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PurchaseProduct {
    /// Who buys.
    pub customer_id: CustomerId,
    /// What is bought.
    pub product_id: ProductId,
    /// How much of it.
    pub quantity: Quantity,
    /// The price that the buyer has seen; the purchase is refused when it is another one now.
    pub expected_unit_price: Option<Price>,
    /// The newest price of the product that the catalogue has read; none when it has read none.
    pub offer: Option<Offer>,
}

/// A product as it is on sale: the newest `ProductPriced` of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Offer {
    /// The product's name.
    pub name: Name,
    /// The product's type.
    pub product_type: Name,
    /// What a unit costs.
    pub price: Price,
    /// The version of that price.
    pub version: u32,
}
