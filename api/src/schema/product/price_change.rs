//! Prices with their time and their change.

use async_graphql::{ComplexObject, Context, Result, SimpleObject};
use domain::Currency;
use query::Price;

use super::sold::sold;
use crate::schema::{
    money::Money,
    scalar::{DateTime, Decimal, count},
};

#[derive(SimpleObject)]
#[graphql(complex)]
pub(in crate::schema) struct PriceChange {
    version: u32,
    price: Money,
    previous_price: Option<Money>,
    from: DateTime,
    /// Null while in force.
    to: Option<DateTime>,
    /// Against the previous price, in percent, two places.
    change_percent: Option<Decimal>,
    #[graphql(skip)]
    product_id: String,
    #[graphql(skip)]
    currency: Currency,
}

impl PriceChange {
    pub(super) fn of(product_id: &str, price: &Price) -> Self {
        let money = |minor: i64| Money::of(i128::from(minor), price.currency);
        let change = price.previous_price.and_then(|before| percent(before, price.price));
        Self {
            version: price.version,
            price: money(price.price),
            previous_price: price.previous_price.map(money),
            from: DateTime(price.from),
            to: price.to.map(DateTime),
            change_percent: change.map(Decimal::shown),
            product_id: product_id.to_owned(),
            currency: price.currency,
        }
    }
}

#[ComplexObject]
impl PriceChange {
    async fn units_sold(&self, ctx: &Context<'_>) -> Result<Decimal> {
        let sold = sold(ctx, &self.product_id, Some(self.version)).await?;
        Ok(Decimal::thousandths(sold.units))
    }

    async fn purchases(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(count(sold(ctx, &self.product_id, Some(self.version)).await?.purchases))
    }

    async fn revenue(&self, ctx: &Context<'_>) -> Result<Money> {
        let sold = sold(ctx, &self.product_id, Some(self.version)).await?;
        Ok(Money::of(sold.revenue, self.currency))
    }
}

/// The change in percent with two places, rounded half away from zero; none against a price of zero.
fn percent(before: i64, now: i64) -> Option<String> {
    let (before, now) = (i128::from(before), i128::from(now));
    let change = now.checked_sub(before)?.checked_mul(10_000)?;
    let half = before.checked_div(2)?.checked_mul(change.signum())?;
    let hundredths = change.checked_add(half)?.checked_div(before)?;
    let size = hundredths.unsigned_abs();
    let sign = if hundredths < 0 { "-" } else { "" };
    Some(format!("{sign}{}.{:02}", size.checked_div(100)?, size.checked_rem(100)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_rounded_half_away_from_zero() {
        let percents = [(100, 150), (300, 200), (36, 36), (3, 4), (800, 801), (800, 799), (1, 3)]
            .map(|(before, now)| percent(before, now).unwrap());
        assert_eq!(percents, ["50.00", "-33.33", "0.00", "33.33", "0.13", "-0.13", "200.00"]);
        assert_eq!(percent(0, 1), None);
    }
}
