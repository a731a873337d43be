//! What was sold of a product.

use async_graphql::{Context, Result};
use query::Amounts;

use crate::schema::{
    batch::{Batches, SalesKey},
    failure::of_query,
};

/// What was sold of a product, at one version of its price or at all.
pub(super) async fn sold(
    ctx: &Context<'_>,
    product: &str,
    version: Option<u32>,
) -> Result<Amounts> {
    let batches = ctx.data_unchecked::<Batches>();
    let sales = batches.load_one(SalesKey(product.into())).await;
    let sales = sales.map_err(|failure| of_query(&failure))?.unwrap_or_default();
    let prices = sales.iter().flat_map(|it| &it.prices);
    let asked = prices.filter(|it| version.is_none_or(|version| it.version == version));
    Ok(asked.fold(Amounts::default(), |sum, it| Amounts {
        units: sum.units.saturating_add(it.sold.units),
        revenue: sum.revenue.saturating_add(it.sold.revenue),
        purchases: sum.purchases.saturating_add(it.sold.purchases),
    }))
}
