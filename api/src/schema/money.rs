//! Amounts.

use async_graphql::SimpleObject;
use domain::Currency;

use super::scalar::Decimal;

#[derive(Debug, SimpleObject)]
pub(super) struct Money {
    amount: Decimal,
    currency: String,
}

impl Money {
    /// `minor` units, of which a sum may have more than a price.
    pub(super) fn of(minor: i128, currency: Currency) -> Self {
        let amount = domain::Money::amount_of_sum(minor, currency);
        Self { amount: Decimal::shown(amount), currency: currency.code().into() }
    }
}

impl From<domain::Money> for Money {
    fn from(money: domain::Money) -> Self {
        Self::of(i128::from(money.minor()), money.currency())
    }
}
