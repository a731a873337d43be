//! Exact decimal numbers as people and JSON write them.

use std::{fmt, str::FromStr};

use crate::Invalid;

/// An exact decimal number: `digits × 10^-places`, held without trailing zeros after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    digits: i128,
    places: u32,
}

impl Decimal {
    /// `digits × 10^-places`.
    pub fn new(digits: i128, places: u32) -> Self {
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
    type Err = Invalid;

    /// Reads a JSON number or the same as text: `0.36`, `-1`, `3.6e-1`.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        short(text)
            .or_else(|| parse(text))
            .ok_or_else(|| Invalid::new("a decimal number is written such as \"0.36\""))
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
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
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
        Ok(places) => Some(Decimal::new(digits, places)),
        Err(_negative) => {
            let zeros = places.unsigned_abs();
            Some(Decimal::new(digits.checked_mul(10_i128.checked_pow(zeros)?)?, 0))
        }
    }
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
