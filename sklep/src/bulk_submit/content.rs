//! What a wish and the event that it became have in common.

use std::{
    fmt,
    num::{NonZeroU64, ParseIntError},
    str::FromStr,
};

use domain::composed;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::mutation::{Access, Entity, Mutation};
use crate::client::{ClientError, ShopClient};

/// A wish, or the event that it became, in one form, so that the two can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content(Value);

/// A hash of a [`Content`]: enough to tell that two differ, not what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint(NonZeroU64);

impl Content {
    pub(super) fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of_bytes(self.0.to_string().as_bytes())
    }
}

impl Fingerprint {
    /// The fingerprint of a message: of what it asks for, or of its bytes when nobody knows that.
    pub(super) fn of_message(mutation: Option<&Mutation>, raw: &[u8]) -> Self {
        mutation
            .map_or_else(|| Self::of_bytes(raw), |mutation| Content::from(mutation).fingerprint())
    }

    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes);
        let first = digest.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        Self(NonZeroU64::new(first).unwrap_or(NonZeroU64::MIN))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Fingerprint {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        let number = u64::from_str_radix(text, 16)?;
        Ok(Self(NonZeroU64::new(number).unwrap_or(NonZeroU64::MIN)))
    }
}

/// As JSON on one line, in which control characters are escaped.
impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<&Mutation> for Content {
    fn from(wish: &Mutation) -> Self {
        Self(match wish {
            Mutation::CreateCustomer { id, first_name, last_name, address } => json!({
                "customer": id.as_str(), "firstName": first_name.as_str(), "lastName": last_name.as_str(),
                "address": address.as_str(),
            }),
            Mutation::PriceProduct { id, name, product_type, price } => json!({
                "product": id.as_str(), "name": name.as_str(), "type": product_type.as_str(),
                "price": price.to_string(),
            }),
            Mutation::PurchaseProduct { customer, product, quantity } => json!({
                "customer": customer.as_str(), "product": product.as_str(), "quantity": quantity.to_string(),
            }),
        })
    }
}

const QUERY: &str = "query ($after: Position) { events(first: 100, after: $after) {
  events { commandId __typename
    ... on CustomerCreated { customerId firstName lastName address }
    ... on ProductPriced { productId name type price { amount } }
    ... on ProductPurchased { customerId productId quantity } }
  position hasMore } }";

#[derive(Debug, Deserialize)]
struct Answer {
    events: Page,
}

/// A page of the shop's log.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    pub(super) events: Vec<Logged>,
    pub(super) position: String,
    pub(super) has_more: bool,
}

impl Page {
    /// The page of the log after that position; without one, the first page.
    pub(super) async fn read(shop: &ShopClient, after: Option<&str>) -> Result<Self, ClientError> {
        let answer: Answer = shop.ask(QUERY, &json!({ "after": after })).await?;
        Ok(answer.events)
    }
}

/// An event of the shop's log.
#[derive(Debug, Deserialize)]
pub(super) struct Logged {
    #[serde(rename = "commandId")]
    pub(super) command: Option<String>,
    #[serde(flatten)]
    event: Event,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "__typename", rename_all_fields = "camelCase")]
enum Event {
    CustomerCreated { customer_id: String, first_name: String, last_name: String, address: String },
    ProductPriced { product_id: String, name: String, r#type: String, price: Amount },
    ProductPurchased { customer_id: String, product_id: String, quantity: String },
}

#[derive(Debug, Deserialize)]
struct Amount {
    amount: String,
}

impl Logged {
    /// Texts are composed, as those of a wish are: an earlier shop recorded them as they came.
    pub(super) fn content(&self) -> Content {
        Content(match &self.event {
            Event::CustomerCreated { customer_id, first_name, last_name, address } => json!({
                "customer": customer_id, "firstName": composed(first_name), "lastName": composed(last_name),
                "address": composed(address),
            }),
            Event::ProductPriced { product_id, name, r#type, price } => json!({
                "product": product_id, "name": composed(name), "type": composed(r#type),
                "price": price.shortest(),
            }),
            Event::ProductPurchased { customer_id, product_id, quantity } => json!({
                "customer": customer_id, "product": product_id, "quantity": quantity,
            }),
        })
    }

    /// The customer or the product that it is a state of.
    pub(super) fn state_of(&self) -> Option<Entity> {
        match &self.event {
            Event::CustomerCreated { customer_id, .. } => {
                customer_id.parse().ok().map(Entity::Customer)
            }
            Event::ProductPriced { product_id, .. } => product_id.parse().ok().map(Entity::Product),
            Event::ProductPurchased { .. } => None,
        }
    }

    /// The customer and the product that it has to do with.
    pub(super) fn touches(&self) -> Vec<(Entity, Access)> {
        let customer = |id: &str| id.parse().ok().map(Entity::Customer);
        let product = |id: &str| id.parse().ok().map(Entity::Product);
        let touches = match &self.event {
            Event::CustomerCreated { customer_id, .. } => {
                [customer(customer_id).map(|it| (it, Access::Changes)), None]
            }
            Event::ProductPriced { product_id, .. } => {
                [product(product_id).map(|it| (it, Access::Changes)), None]
            }
            Event::ProductPurchased { customer_id, product_id, .. } => [
                customer(customer_id).map(|it| (it, Access::Changes)),
                product(product_id).map(|it| (it, Access::LooksAt)),
            ],
        };
        touches.into_iter().flatten().collect()
    }
}

impl Amount {
    /// Without the places that only the currency asks for: `2.1` for `2.10`.
    fn shortest(&self) -> String {
        let amount = self.amount.parse::<domain::Decimal>();
        amount.map_or_else(|_no_number| self.amount.clone(), |amount| amount.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(event: Value) -> Logged {
        serde_json::from_value(event).unwrap()
    }

    #[test]
    fn a_wish_and_its_event_have_the_same_content() {
        let customer = Mutation::CreateCustomer {
            id: "anna".parse().unwrap(),
            first_name: " Anna ".parse().unwrap(),
            last_name: "Kowalska".parse().unwrap(),
            address: "ul. Krótka 1".parse().unwrap(),
        };
        for address in ["ul. Krótka 1", "ul. Kro\u{301}tka 1"] {
            let created = logged(json!({
                "__typename": "CustomerCreated", "commandId": "a", "customerId": "anna", "firstName": "Anna",
                "lastName": "Kowalska", "address": address,
            }));
            assert_eq!(Content::from(&customer), created.content());
        }

        let price = Mutation::PriceProduct {
            id: "chleb".parse().unwrap(),
            name: "Chleb".parse().unwrap(),
            product_type: "chleb".parse().unwrap(),
            price: "2.1".parse().unwrap(),
        };
        let priced = logged(json!({
            "__typename": "ProductPriced", "commandId": null, "productId": "chleb", "name": "Chleb",
            "type": "chleb", "price": { "amount": "2.10" },
        }));
        assert_eq!(Content::from(&price), priced.content());

        let purchase = Mutation::PurchaseProduct {
            customer: "anna".parse().unwrap(),
            product: "chleb".parse().unwrap(),
            quantity: domain::Quantity::from_thousandths(1500).unwrap(),
        };
        let purchased = logged(json!({
            "__typename": "ProductPurchased", "commandId": "c", "customerId": "anna", "productId": "chleb",
            "quantity": "1.5",
        }));
        assert_eq!(Content::from(&purchase), purchased.content());
        assert_eq!(purchased.content().fingerprint(), Content::from(&purchase).fingerprint());
        assert_ne!(purchased.content().fingerprint(), priced.content().fingerprint());
    }

    #[test]
    fn what_is_asked_is_within_the_shops_limits() {
        crate::client::is_taken(QUERY, &serde_json::json!({ "after": null }));
    }
}
