//! Exact amounts as Decimal128, which people and `MongoDB`'s own sums understand.
//!
//! A Decimal128 is `coefficient × 10^exponent`: a sign bit, 14 bits of exponent biased by 6176, 113 bits of coefficient
//! (IEEE 754-2008, binary integer encoding).

use domain::Currency;
use mongodb::bson::Decimal128;

/// 34 digits fit.
const MOST: u128 = 10_u128.pow(34);
const BIAS: i32 = 6176;
const COEFFICIENT_BITS: u32 = 113;
const SIGN: u128 = 1 << 127;
/// How many decimal places a quantity has in the documents.
const QUANTITY_PLACES: u32 = 3;

/// An amount of money by its minor units. Without a currency there is nothing but zero.
pub(super) fn money(minor: i128, currency: Option<Currency>) -> Option<Decimal128> {
    encode(minor, currency.map_or(0, Currency::exponent))
}

/// The minor units of such an amount.
pub(super) fn minor(amount: Decimal128, currency: Option<Currency>) -> Option<i128> {
    decode(amount, currency.map_or(0, Currency::exponent))
}

/// A quantity in thousandths of a unit.
pub(super) fn quantity(thousandths: i128) -> Option<Decimal128> {
    encode(thousandths, QUANTITY_PLACES)
}

/// The thousandths of a unit.
pub(super) fn thousandths(quantity: Decimal128) -> Option<i128> {
    decode(quantity, QUANTITY_PLACES)
}

/// `digits × 10^-places`; none when it has more digits than fit.
fn encode(digits: i128, places: u32) -> Option<Decimal128> {
    let coefficient = digits.unsigned_abs();
    if coefficient >= MOST {
        return None;
    }
    let exponent = BIAS.checked_sub(i32::try_from(places).ok()?)?;
    let biased = u128::try_from(exponent).ok()?;
    let sign = if digits < 0 { SIGN } else { 0 };
    Some(Decimal128::from_bytes((sign | (biased << COEFFICIENT_BITS) | coefficient).to_le_bytes()))
}

/// The number in units of `10^-places`; none when it is no whole number of them.
fn decode(number: Decimal128, places: u32) -> Option<i128> {
    let bits = u128::from_le_bytes(number.bytes());
    let biased = i32::try_from((bits & !SIGN) >> COEFFICIENT_BITS).ok()?;
    // The larger exponents stand for infinity, for what is no number, and for a form that nobody writes.
    let exponent = biased.checked_sub(BIAS).filter(|_| biased < 0b11 << 12)?;
    let coefficient = i128::try_from(bits & ((1 << COEFFICIENT_BITS) - 1)).ok()?;
    let shift = exponent.checked_add(i32::try_from(places).ok()?)?;
    let power = 10_i128.checked_pow(shift.unsigned_abs())?;
    let size = if shift >= 0 {
        coefficient.checked_mul(power)?
    } else {
        (coefficient.checked_rem(power)? == 0).then(|| coefficient.checked_div(power)).flatten()?
    };
    if bits & SIGN == 0 { Some(size) } else { size.checked_neg() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(minor_units: i128, currency: &str, shown: &str) {
        let currency = Some(currency.parse().unwrap());
        let amount = money(minor_units, currency).unwrap();
        assert_eq!(amount.to_string(), shown);
        assert_eq!(amount, shown.parse().unwrap());
        assert_eq!(minor(amount, currency), Some(minor_units));
    }

    #[test]
    fn amounts_are_written_as_people_read_them() {
        check(36, "PLN", "0.36");
        check(210, "PLN", "2.10");
        check(0, "PLN", "0.00");
        check(-5, "PLN", "-0.05");
        check(7, "JPY", "7");
        check(1500, "KWD", "1.500");
        check(i128::from(i64::MAX), "PLN", "92233720368547758.07");
        check(10_i128.pow(34) - 1, "PLN", "99999999999999999999999999999999.99");
    }

    #[test]
    fn amounts_that_others_wrote_are_read_exactly_or_not_at_all() {
        let read = |text: &str| minor(text.parse().unwrap(), Some(Currency::PLN));
        assert_eq!(read("3.6"), Some(360));
        assert_eq!(read("2"), Some(200));
        assert_eq!(read("1E+3"), Some(100_000));
        assert_eq!(read("1.000"), Some(100));
        assert_eq!(read("0.001"), None);
        assert_eq!(read("NaN"), None);
        assert_eq!(read("Infinity"), None);
        assert_eq!(money(10_i128.pow(34), Some(Currency::PLN)), None);
    }
}
