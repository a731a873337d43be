//! Customers.

use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};
use domain::Currency;
use query::CustomerCursor;

use super::{
    connection::Connection,
    context::reading,
    cursor::List,
    failure::of_query,
    money::Money,
    paging::Paging,
    purchase::Purchase,
    scalar::{DateTime, count},
};

#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Customer {
    id: ID,
    first_name: String,
    last_name: String,
    address: String,
    created_at: DateTime,
    purchase_count: i32,
    total_spent: Money,
}

impl Customer {
    /// A customer of a shop with this currency, which is that of nothing too.
    pub(super) fn of(found: query::Customer, currency: Currency) -> Self {
        Self {
            id: found.id.into(),
            first_name: found.first_name,
            last_name: found.last_name,
            address: found.address,
            created_at: DateTime(found.created_at),
            purchase_count: count(found.purchases),
            total_spent: Money::of(found.spent, found.currency.unwrap_or(currency)),
        }
    }

    /// The customer and its place in the list.
    pub(super) fn listed(found: query::Customer, currency: Currency) -> (CustomerCursor, Self) {
        let cursor = CustomerCursor { created_at: found.created_at, id: found.id.clone() };
        (cursor, Self::of(found, currency))
    }
}

#[ComplexObject]
impl Customer {
    /// Newest first.
    async fn purchases(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Connection<Purchase>> {
        let reading = reading(ctx)?;
        let log = reading.log().await.map_err(|failure| of_query(&failure))?;
        let of = List::of(log, &self.id);
        let page = Paging { first, after, last, before }.page(of)?;
        let found = reading.find_purchases(&self.id, &page).await;
        let found = found.map_err(|failure| of_query(&failure))?;
        Ok(Connection::of(of, &page, found, |line| {
            (line.number, Purchase::of(self.id.to_string(), line))
        }))
    }
}
