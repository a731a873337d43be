//! Products and their prices.

mod price_change;
mod sold;

use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};
use domain::Currency;
use query::{PriceFilter, ProductCursor};

use self::{price_change::PriceChange, sold::sold};
use super::{
    connection::Connection,
    context::reading,
    cursor::List,
    failure::of_query,
    money::Money,
    paging::Paging,
    scalar::{DateTime, Decimal},
};

#[derive(SimpleObject)]
#[graphql(complex)]
#[expect(clippy::struct_field_names, reason = "`type` is a keyword of Rust")]
pub(super) struct Product {
    id: ID,
    name: String,
    #[graphql(name = "type")]
    product_type: String,
    price: Money,
    priced_at: DateTime,
    version: u32,
    #[graphql(skip)]
    currency: Currency,
}

impl Product {
    pub(super) fn of(found: query::Product) -> Self {
        Self {
            id: found.id.into(),
            name: found.name,
            product_type: found.product_type,
            price: Money::of(i128::from(found.price), found.currency),
            priced_at: DateTime(found.priced_at),
            version: found.version,
            currency: found.currency,
        }
    }

    /// The product and its place in the list.
    pub(super) fn listed(found: query::Product) -> (ProductCursor, Self) {
        let cursor = ProductCursor { first_priced_at: found.first_priced_at, id: found.id.clone() };
        (cursor, Self::of(found))
    }
}

#[ComplexObject]
impl Product {
    /// Newest first.
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the contract")]
    async fn price_history(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        #[graphql(desc = "Only prices that were in force at this moment or later.")] from: Option<
            DateTime,
        >,
        #[graphql(desc = "Only prices that were in force at this moment or earlier.")] to: Option<
            DateTime,
        >,
    ) -> Result<Connection<PriceChange>> {
        let reading = reading(ctx)?;
        let log = reading.log().await.map_err(|failure| of_query(&failure))?;
        let of = List::of(log, &self.id);
        let page = Paging { first, after, last, before }.page(of)?;
        let filter = PriceFilter { from: from.map(|it| it.0), to: to.map(|it| it.0) };
        let found = reading.find_prices(&self.id, filter, &page).await;
        let found = found.map_err(|failure| of_query(&failure))?;
        Ok(Connection::of(of, &page, found, |price| {
            (price.version, PriceChange::of(&self.id, &price))
        }))
    }

    async fn units_sold(&self, ctx: &Context<'_>) -> Result<Decimal> {
        Ok(Decimal::thousandths(sold(ctx, &self.id, None).await?.units))
    }

    async fn revenue(&self, ctx: &Context<'_>) -> Result<Money> {
        Ok(Money::of(sold(ctx, &self.id, None).await?.revenue, self.currency))
    }
}
