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
    /// `minor` units of a currency by its code. A stored code is one that was parsed; a shop's own is too.
    pub(super) fn of(minor: i128, code: &str) -> Self {
        let currency = code.parse().unwrap_or(Currency::PLN);
        Self::sum(minor, currency)
    }

    /// A sum of `minor` units.
    pub(super) fn sum(minor: i128, currency: Currency) -> Self {
        let amount = domain::Money::amount_of_sum(minor, currency);
        Self { amount: Decimal::shown(amount), currency: currency.code().into() }
    }
}

impl From<domain::Money> for Money {
    fn from(money: domain::Money) -> Self {
        Self::sum(i128::from(money.minor()), money.currency())
    }
}
