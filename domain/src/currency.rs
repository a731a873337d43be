//! Currencies of ISO 4217.

use std::{fmt, str::FromStr};

use crate::InvalidInput;

/// A currency of ISO 4217 that has minor units or none (PLN 2, JPY 0, KWD 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: iso_currency::Currency,
    exponent: u32,
}

impl Currency {
    /// The Polish złoty, the shop's currency when no other is chosen.
    pub const PLN: Self = Self { code: iso_currency::Currency::PLN, exponent: 2 };

    /// The three letters of ISO 4217.
    pub fn code(self) -> &'static str {
        self.code.code()
    }

    /// How many decimal places the currency has.
    pub fn exponent(self) -> u32 {
        self.exponent
    }

    /// The sign that people write after an amount, such as `zł`.
    pub fn symbol(self) -> String {
        self.code.symbol().to_string()
    }
}

impl FromStr for Currency {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        // Nearly always it is the shop's own, which needs no search through all of them.
        if text == Self::PLN.code() {
            return Ok(Self::PLN);
        }
        iso_currency::Currency::from_code(text)
            .and_then(|code| Some(Self { code, exponent: u32::from(code.exponent()?) }))
            .ok_or_else(|| {
                InvalidInput::new("a currency is one of ISO 4217's three-letter codes, such as PLN")
            })
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_currency_has_its_own_places() {
        for (code, exponent) in [("PLN", 2), ("JPY", 0), ("KWD", 3)] {
            assert_eq!(code.parse::<Currency>().unwrap().exponent(), exponent);
        }
        assert_eq!("PLN".parse(), Ok(Currency::PLN));
        assert_eq!(Currency::PLN.symbol(), "zł");
    }

    #[test]
    fn what_is_no_currency_of_money_is_refused() {
        for code in ["", "pln", "ZZZ", "XAU", "PLNN"] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
    }
}
