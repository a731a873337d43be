//! What lists are narrowed by.

use async_graphql::{InputObject, Result};
use domain::{Currency, Money, composed};

use crate::schema::{failure::Code, scalar::Decimal};

/// Customers come in the order they were created, products in the order they were first priced; ties by id. A walk
/// shows everything that existed all through it exactly once. `first` is 20 when absent and 100 at most.
#[derive(Debug, Default, InputObject)]
pub(super) struct CustomerFilter {
    /// Part of the first name, a space and the last name. Case, accents and the number of spaces make no difference:
    /// `lodz` is in `Łódź`.
    name: Option<String>,
    /// Part of the address, compared as names are.
    address: Option<String>,
}

#[derive(Debug, Default, InputObject)]
pub(super) struct ProductFilter {
    /// Exactly this type, as it is written.
    #[graphql(name = "type")]
    product_type: Option<String>,
    /// Part of the name. Case, accents and the number of spaces make no difference: `zytni` is in `Żytni`.
    name: Option<String>,
    min_price: Option<Decimal>,
    max_price: Option<Decimal>,
}

impl CustomerFilter {
    /// As the views hold their search texts.
    pub(super) fn folded(self) -> query::CustomerFilter {
        query::CustomerFilter {
            name: self.name.and_then(|name| searched(&name)),
            address: self.address.and_then(|address| searched(&address)),
        }
    }
}

impl ProductFilter {
    /// As the views hold their search texts, types and prices.
    pub(super) fn folded(self, currency: Currency) -> Result<query::ProductFilter> {
        Ok(query::ProductFilter {
            product_type: self.product_type.map(|of| composed(&of).into_owned()),
            name: self.name.and_then(|name| searched(&name)),
            min_price: minor("filter.minPrice", self.min_price, currency)?,
            max_price: minor("filter.maxPrice", self.max_price, currency)?,
        })
    }
}

/// What a text is searched as; nothing but spaces is in every text.
fn searched(text: &str) -> Option<String> {
    let searched = query::searchable(text);
    (!searched.is_empty()).then_some(searched)
}

fn minor(field: &str, amount: Option<Decimal>, currency: Currency) -> Result<Option<i64>> {
    let minor = amount.map(|amount| Ok(Money::from_decimal(amount.exact()?, currency)?.minor()));
    minor
        .transpose()
        .map_err(|why: domain::InvalidInput| Code::BadUserInput.error(format!("`{field}`: {why}")))
}
