//! Money as whole minor units of one currency. Never a float.

use std::fmt;

use crate::{Currency, Decimal, InvalidInput, decimal::fixed};

/// An amount of one currency, in its minor units (grosz for PLN).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// An amount of `minor` units.
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Takes a decimal amount; refuses one that is finer than the currency or too large.
    pub fn from_decimal(amount: Decimal, currency: Currency) -> Result<Self, InvalidInput> {
        let minor =
            amount.in_units_of(currency.exponent()).and_then(|minor| i64::try_from(minor).ok());
        minor.map(|minor| Self { minor, currency }).ok_or_else(|| {
            let places = currency.exponent();
            InvalidInput::new(format!(
                "an amount of {currency} has at most {places} decimal places and 18 digits"
            ))
        })
    }

    /// The amount in minor units.
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// The amount's currency.
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// The amount with all decimal places of its currency, such as `2.10`.
    pub fn amount(self) -> String {
        fixed(i128::from(self.minor), self.currency.exponent())
    }

    /// The same for a sum over many amounts, in minor units.
    pub fn amount_of_sum(minor: i128, currency: Currency) -> String {
        fixed(minor, currency.exponent())
    }
}

/// Amount and currency code, such as `2.10 PLN`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

/// Money that is more than zero: what one unit of a product costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Price(Money);

impl Price {
    /// Refuses zero and less.
    pub fn new(money: Money) -> Result<Self, InvalidInput> {
        if money.minor > 0 {
            Ok(Self(money))
        } else {
            Err(InvalidInput::new("a price is more than zero"))
        }
    }

    /// The price as money.
    pub fn money(self) -> Money {
        self.0
    }

    /// The price's currency.
    pub fn currency(self) -> Currency {
        self.0.currency
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests;
