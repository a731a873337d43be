//! Exact decimal numbers as people and JSON write them.

use std::{fmt, str::FromStr};

use crate::InvalidInput;

/// How many decimal places a number may have, and how far an exponent may move its point.
///
/// Every number that means something to the shop is far smaller; the bound keeps the work on a number in proportion
/// to the length of its text, not to its value.
const MAX_PLACES: u32 = 64;

/// How long the text of a number may be, in bytes: a sign, 39 digits, a point, 64 places and an exponent fit.
const MAX_TEXT: usize = 128;

/// An exact decimal number: `digits × 10^-places`, held without trailing zeros after the point.
///
/// It has at most 64 places, and `digits` is never `i128::MIN`, so that every number can be negated, written and read
/// back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    digits: i128,
    places: u32,
}

impl Decimal {
    /// A number given in thousandths, the unit in which quantities are counted.
    pub fn from_thousandths(thousandths: i128) -> Self {
        Self::normalized(thousandths.max(-i128::MAX), 3)
    }

    /// Whether it is more than zero.
    pub fn is_positive(self) -> bool {
        self.digits > 0
    }

    /// `digits × 10^-places` without trailing zeros; `places` is at most [`MAX_PLACES`].
    fn normalized(digits: i128, places: u32) -> Self {
        let (mut digits, mut places) = (digits, places);
        while places > 0 && digits.checked_rem(10) == Some(0) {
            digits = digits.checked_div(10).unwrap_or(digits);
            places = places.saturating_sub(1);
        }
        Self { digits, places }
    }

    /// The number in units of `10^-places`, when it is a whole number of them and fits.
    pub fn in_units_of(self, places: u32) -> Option<i128> {
        let missing = places.checked_sub(self.places)?;
        // Nearly every number fits into 64 bits, which is several times as fast.
        let short = || i64::try_from(self.digits).ok()?.checked_mul(10_i64.checked_pow(missing)?);
        let long = || self.digits.checked_mul(10_i128.checked_pow(missing)?);
        short().map(i128::from).or_else(long)
    }
}

impl FromStr for Decimal {
    type Err = InvalidInput;

    /// Reads a JSON number or the same as text: `0.36`, `-1`, `3.6e-1`.
    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        short(text)
            .or_else(|| parse(text))
            .ok_or_else(|| {
                InvalidInput::new("write a decimal number such as \"0.36\", with at most 38 digits and 64 decimal places")
            })
    }
}

/// Reads digits with or without a point, so few that they fit into 64 bits; none for every other text.
fn short(text: &str) -> Option<Decimal> {
    // One with 19 digits may be larger.
    if text.len() > 18 {
        return None;
    }
    let (mut digits, mut places, mut has_point) = (0_i64, 0_u32, false);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => {
                digits = digits.checked_mul(10)?.checked_add(i64::from(byte & 0x0F))?;
                places = places.saturating_add(has_point.into());
            }
            b'.' if !has_point => has_point = true,
            _other => return None,
        }
    }
    while places > 0 && digits.checked_rem(10) == Some(0) {
        (digits, places) = (digits.checked_div(10)?, places.saturating_sub(1));
    }
    let has_digits = !text.is_empty() && !text.starts_with('.') && !text.ends_with('.');
    has_digits.then_some(Decimal { digits: digits.into(), places })
}

fn parse(text: &str) -> Option<Decimal> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let (negative, whole) = whole.strip_prefix('-').map_or((false, whole), |rest| (true, rest));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let size = whole.bytes().chain(fraction.bytes()).try_fold(0_i128, |size, digit| {
        size.checked_mul(10)?.checked_add(i128::from(digit.checked_sub(b'0')?))
    })?;
    let digits = if negative { size.checked_neg()? } else { size };
    let places = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    match u32::try_from(places) {
        Ok(places) => (places <= MAX_PLACES).then(|| Decimal::normalized(digits, places)),
        Err(_negative) => {
            let power = 10_i128.checked_pow(places.unsigned_abs())?;
            Some(Decimal::normalized(digits.checked_mul(power)?, 0))
        }
    }
}

/// Reads an exponent as JSON writes it, such as `-3` or `+06`; none when it would move the point too far.
fn parse_exponent(text: &str) -> Option<i32> {
    let exponent = text.parse::<i32>().ok()?;
    (exponent.unsigned_abs() <= MAX_PLACES).then_some(exponent)
}

/// The shortest form: `0.36`, `6`, `-1.5`.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&fixed(self.digits, self.places))
    }
}

/// Writes `digits × 10^-places` with all its places.
pub(crate) fn fixed(digits: i128, places: u32) -> String {
    let sign = if digits < 0 { "-" } else { "" };
    let size = digits.unsigned_abs().to_string();
    let places = usize::try_from(places).unwrap_or(usize::MAX);
    if places == 0 {
        return format!("{sign}{size}");
    }
    let padded = format!("{size:0>width$}", width = places.saturating_add(1));
    let (whole, fraction) = padded.split_at(padded.len().saturating_sub(places));
    format!("{sign}{whole}.{fraction}")
}

#[cfg(test)]
mod tests;
