//! One customer's purchases, oldest first, as the lists of customers show them.

use std::fmt;

use chrono::{DateTime, Local};
use domain::{Currency, Decimal};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::ShopClient;

/// An amount as the shop gives it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Money {
    amount: String,
    currency: String,
}

/// With all places of the currency and the sign that people write: `0.36 zł`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { amount, currency } = self;
        match (currency.parse::<Currency>(), amount.parse::<Decimal>()) {
            (Ok(currency), Ok(exact)) => match domain::Money::from_decimal(exact, currency) {
                Ok(money) => write!(f, "{} {}", money.amount(), currency.symbol()),
                Err(_too_large) => write!(f, "{amount} {}", currency.symbol()),
            },
            _unknown => write!(f, "{amount} {currency}"),
        }
    }
}

/// One purchase, as it was bought.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Purchase {
    id: String,
    purchased_at: String,
    product_id: String,
    product_name: String,
    product_type: String,
    unit_price: Money,
    quantity: String,
    total: Money,
}

impl fmt::Display for Purchase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { product_id, product_name, product_type, unit_price, total, .. } = self;
        let quantity = self.quantity.parse::<Decimal>();
        let quantity =
            quantity.map_or_else(|_odd| self.quantity.clone(), |exact| exact.to_string());
        let time = local(&self.purchased_at);
        write!(
            f,
            "\t* {product_type} (ID: {product_id}) {product_name} \
             ({quantity} za {unit_price} = {total}, kupione {time})"
        )
    }
}

/// The moment in the local zone; the text itself when it is none.
fn local(time: &str) -> String {
    DateTime::parse_from_rfc3339(time).map_or_else(
        |_odd| time.to_owned(),
        |time| time.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

/// The fields of a page of purchases. The shop lists them newest first, so that the oldest are its last ones and
/// the way to newer ones is back.
macro_rules! purchases_fields {
    () => {
        "nodes { id purchasedAt productId productName productType
           unitPrice { amount currency } quantity total { amount currency } }
         pageInfo { hasPreviousPage startCursor }"
    };
}
pub(crate) use purchases_fields;

const QUERY: &str = concat!(
    "query ($id: ID!, $before: String) { customer(id: $id) {
       purchases(last: 100, before: $before) { ",
    purchases_fields!(),
    " } } }"
);

/// A page of purchases, newest first.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page {
    nodes: Vec<Purchase>,
    page_info: PageInfo,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_previous_page: bool,
    start_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Answer {
    customer: Option<Customer>,
}

#[derive(Debug, Deserialize)]
struct Customer {
    purchases: Page,
}

impl Page {
    /// Whether the customer has bought nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Shows this page's purchases and all newer ones, oldest first, one page in memory at a time.
    pub(crate) async fn show_all(
        self,
        shop: &ShopClient,
        customer: &str,
        mut see: impl FnMut(&Purchase) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut page = self;
        loop {
            page.nodes.iter().rev().try_for_each(&mut see)?;
            if !page.page_info.has_previous_page {
                return Ok(());
            }
            let variables = json!({ "id": customer, "before": page.page_info.start_cursor });
            let answer: Answer = shop.ask(QUERY, &variables).await?;
            // Customers are never removed; one that is gone has no newer purchases either.
            let Some(customer) = answer.customer else { return Ok(()) };
            page = customer.purchases;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purchase_is_shown_to_the_byte() {
        let purchase = Purchase {
            id: "anna:1".into(),
            purchased_at: "2026-11-22T13:05:59.123Z".into(),
            product_id: "chleb_2".into(),
            product_name: "Chleb wiejski".into(),
            product_type: "chleb".into(),
            unit_price: Money { amount: "0.36".into(), currency: "PLN".into() },
            quantity: "6.000".into(),
            total: Money { amount: "2.1".into(), currency: "PLN".into() },
        };
        let time = local("2026-11-22T13:05:59.123Z");
        assert_eq!(
            purchase.to_string(),
            format!(
                "\t* chleb (ID: chleb_2) Chleb wiejski (6 za 0.36 zł = 2.10 zł, kupione {time})"
            )
        );
        assert_eq!(time.len(), "2026-11-22 13:05:59".len());
    }

    #[test]
    fn amounts_have_the_places_of_their_currency() {
        let check = |amount: &str, currency: &str, shown: &str| {
            let money = Money { amount: amount.into(), currency: currency.into() };
            assert_eq!(money.to_string(), shown);
        };
        check("2", "PLN", "2.00 zł");
        check("36", "JPY", "36 ¥");
        check("0.36", "???", "0.36 ???");
    }

    #[test]
    fn what_is_asked_is_within_the_shops_limits() {
        crate::client::is_taken(QUERY, &serde_json::json!({ "id": "anna", "before": "x" }));
    }
}
