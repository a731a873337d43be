//! What lists are narrowed by.

use async_graphql::{InputObject, Result};
use domain::{Currency, Money};

use crate::schema::{failure::Code, scalar::Decimal};

/// Customers come in the order they were created, products in the order they were first priced; ties by id. A walk
/// shows everything that existed all through it exactly once. `first` is 20 when absent and 100 at most.
#[derive(Debug, Default, InputObject)]
pub(super) struct CustomerFilter {
    /// Part of first or last name, any case.
    name: Option<String>,
    /// Part of the address, any case.
    address: Option<String>,
}

#[derive(Debug, Default, InputObject)]
pub(super) struct ProductFilter {
    #[graphql(name = "type")]
    product_type: Option<String>,
    /// Part of the name, any case.
    name: Option<String>,
    min_price: Option<Decimal>,
    max_price: Option<Decimal>,
}

impl CustomerFilter {
    /// As the views hold their search texts: in lower case.
    pub(super) fn folded(self) -> query::CustomerFilter {
        query::CustomerFilter {
            name: self.name.map(|name| query::searchable(&name)),
            address: self.address.map(|address| query::searchable(&address)),
        }
    }
}

impl ProductFilter {
    /// As the views hold it: in lower case and in minor units.
    pub(super) fn folded(self, currency: Currency) -> Result<query::ProductFilter> {
        Ok(query::ProductFilter {
            product_type: self.product_type,
            name: self.name.map(|name| query::searchable(&name)),
            min_price: minor("filter.minPrice", self.min_price, currency)?,
            max_price: minor("filter.maxPrice", self.max_price, currency)?,
        })
    }
}

fn minor(field: &str, amount: Option<Decimal>, currency: Currency) -> Result<Option<i64>> {
    let minor = amount.map(|amount| Ok(Money::from_decimal(amount.exact()?, currency)?.minor()));
    minor
        .transpose()
        .map_err(|why: domain::Invalid| Code::BadUserInput.error(format!("`{field}`: {why}")))
}
