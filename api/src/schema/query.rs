//! What can be asked.

mod filter;

use async_graphql::{Context, ID, Object, Result};
use domain::PurchaseId;
use query::EventsQuery;

use self::filter::{CustomerFilter, ProductFilter};
use super::{
    Batches,
    batch::{CustomerKey, ProductKey},
    connection::Connection,
    context::{operator, reading, reading_at, shop},
    cursor::List,
    customer::Customer,
    event_page::{EventPage, EventType},
    failure::of_query,
    operator::{System, ViewsJob},
    paging::{Paging, limit},
    product::Product,
    projection::Projection,
    purchase::Purchase,
    quarantine::Parked,
    scalar::Position,
};
use crate::clock;

/// What `system` asks of log and views is worth reading so many documents.
const SYSTEM: usize = 2_000;

/// The root of questions. Each field waits for `atLeast` before it reads.
pub(crate) struct Query;

#[Object]
impl Query {
    async fn customer(
        &self,
        ctx: &Context<'_>,
        id: ID,
        at_least: Option<Position>,
    ) -> Result<Option<Customer>> {
        reading_at(ctx, at_least).await?;
        let found = ctx.data_unchecked::<Batches>().load_one(CustomerKey(id.0)).await;
        let found = found.map_err(|failure| of_query(&failure))?.flatten();
        Ok(found.map(|customer| Customer::of((*customer).clone(), shop(ctx).currency)))
    }

    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the contract")]
    async fn customers(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<CustomerFilter>,
        at_least: Option<Position>,
    ) -> Result<Connection<Customer>> {
        let reading = reading_at(ctx, at_least).await?;
        let log = reading.log().await.map_err(|failure| of_query(&failure))?;
        let of = List::of_shop(log);
        let page = Paging { first, after, last, before }.page(of)?;
        let filter = filter.unwrap_or_default().folded();
        let found = reading.find_customers(&filter, &page).await;
        let found = found.map_err(|failure| of_query(&failure))?;
        let currency = shop(ctx).currency;
        Ok(Connection::of(of, &page, found, |customer| Customer::listed(customer, currency)))
    }

    async fn product(
        &self,
        ctx: &Context<'_>,
        id: ID,
        at_least: Option<Position>,
    ) -> Result<Option<Product>> {
        reading_at(ctx, at_least).await?;
        let found = ctx.data_unchecked::<Batches>().load_one(ProductKey(id.0)).await;
        let found = found.map_err(|failure| of_query(&failure))?.flatten();
        Ok(found.map(|product| Product::of((*product).clone())))
    }

    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the contract")]
    async fn products(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<ProductFilter>,
        at_least: Option<Position>,
    ) -> Result<Connection<Product>> {
        let reading = reading_at(ctx, at_least).await?;
        let log = reading.log().await.map_err(|failure| of_query(&failure))?;
        let of = List::of_shop(log);
        let page = Paging { first, after, last, before }.page(of)?;
        let filter = filter.unwrap_or_default().folded(shop(ctx).currency)?;
        let found = reading.find_products(&filter, &page).await;
        let found = found.map_err(|failure| of_query(&failure))?;
        Ok(Connection::of(of, &page, found, Product::listed))
    }

    async fn purchase(
        &self,
        ctx: &Context<'_>,
        id: ID,
        at_least: Option<Position>,
    ) -> Result<Option<Purchase>> {
        let reading = reading_at(ctx, at_least).await?;
        let Ok(id) = id.parse::<PurchaseId>() else { return Ok(None) };
        let found = reading.purchases(&[id]).await.map_err(|failure| of_query(&failure))?;
        let found = found.into_iter().next();
        Ok(found.map(|(id, line)| Purchase::of(id.customer.to_string(), line)))
    }

    /// Everything that happened, in order for each partition: the log as a list.
    async fn events(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<Position>,
        types: Option<Vec<EventType>>,
        customer_id: Option<ID>,
        product_id: Option<ID>,
    ) -> Result<EventPage> {
        let wish = EventsQuery {
            after: after.map(|position| position.0.read().clone()),
            first: limit("first", first)?,
            kinds: types.map(|types| types.into_iter().map(Into::into).collect()),
            customer: customer_id.map(|id| id.0),
            product: product_id.map(|id| id.0),
        };
        let page = reading(ctx)?.events(&wish).await;
        EventPage::of(page.map_err(|failure| of_query(&failure))?)
    }

    /// The keys of the log that an event holds up which cannot be taken in, by partition and key.
    async fn quarantine(
        &self,
        ctx: &Context<'_>,
        at_least: Option<Position>,
    ) -> Result<Vec<Parked>> {
        let found = reading_at(ctx, at_least).await?.parked().await;
        let found = found.map_err(|failure| of_query(&failure))?;
        Ok(found.into_iter().filter_map(Parked::of).collect())
    }

    /// How far each part of the read model is.
    async fn projections(&self, ctx: &Context<'_>) -> Result<Vec<Projection>> {
        let found = reading(ctx)?.projections().await.map_err(|failure| of_query(&failure))?;
        let now = clock::now();
        Ok(found.into_iter().map(|found| Projection::of(found, now)).collect())
    }

    /// How the shop is, for the people who run it.
    async fn system(&self, ctx: &Context<'_>) -> Result<System> {
        let operator = operator(ctx)?;
        if let Ok(reading) = reading(ctx) {
            reading.budget().look_at(SYSTEM).map_err(|failure| of_query(&failure))?;
        }
        Ok(operator.system().await)
    }

    /// The job on the views in this process that has this id; null when the process has been started anew since, or has
    /// had many other jobs. Without `id`: the one that runs, or began last; null when there was none.
    #[expect(clippy::unused_async, reason = "every field of the schema is asked so")]
    async fn views_job(&self, ctx: &Context<'_>, id: Option<ID>) -> Result<Option<ViewsJob>> {
        Ok(operator(ctx)?.job(id.as_deref().map(String::as_str)))
    }
}
