//! How much of a product: by piece or by weight.

use std::fmt;

use crate::{Decimal, InvalidInput, Money, Price};

/// A positive quantity in thousandths of a unit, at most 1,000,000 units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(i64);

impl Quantity {
    /// How many decimal places a quantity may have.
    pub const PLACES: u32 = 3;
    /// 1,000,000 units, in thousandths.
    const MOST: i64 = 1_000_000_000;

    /// Takes thousandths of a unit.
    pub fn from_thousandths(thousandths: i64) -> Result<Self, InvalidInput> {
        if (1..=Self::MOST).contains(&thousandths) {
            Ok(Self(thousandths))
        } else {
            Err(InvalidInput::new(
                "a quantity is more than zero, at most 1000000, and has at most three decimal places",
            ))
        }
    }

    /// Takes a decimal number of units.
    pub fn from_decimal(units: Decimal) -> Result<Self, InvalidInput> {
        let thousandths = units.in_units_of(Self::PLACES).and_then(|t| i64::try_from(t).ok());
        Self::from_thousandths(thousandths.unwrap_or_default())
    }

    /// The quantity in thousandths of a unit.
    pub fn thousandths(self) -> i64 {
        self.0
    }

    /// What this much costs at `price`, rounded half up to minor units; none when it does not fit.
    pub fn cost(self, price: Price) -> Option<Money> {
        let exact = i128::from(price.money().minor()).checked_mul(i128::from(self.0))?;
        let rounded = exact.checked_add(500)?.checked_div(1000)?;
        Some(Money::new(i64::try_from(rounded).ok()?, price.currency()))
    }
}

/// The shortest form: `6`, `0.25`.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Decimal::from_thousandths(i128::from(self.0)).fmt(f)
    }
}

#[cfg(test)]
mod tests;
