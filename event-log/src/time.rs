//! Moments, cut to milliseconds.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

/// A moment in UTC, in milliseconds since 1970. Databases and JSON keep no finer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment as a calendar knows it; none beyond the years that it knows.
    pub fn to_utc(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.0)
    }

    /// Reads RFC 3339, cut to milliseconds.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let parsed = || DateTime::parse_from_rfc3339(text).ok();
        usual(text.as_bytes()).or_else(|| parsed().map(|time| Self(time.timestamp_millis())))
    }
}

/// Reads the form that Sklep writes, ten times as fast as a calendar does; none for every other form, and for the days
/// that not every month has.
fn usual(text: &[u8]) -> Option<Timestamp> {
    let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', ref time @ ..] = text else {
        return None;
    };
    let &[h0, h1, b':', n0, n1, b':', s0, s1, b'.', f0, f1, f2, b'Z'] = time else {
        return None;
    };
    let (year, month) = (number(&[y0, y1, y2, y3])?, number(&[m0, m1])?);
    let (day, hour) = (number(&[d0, d1])?, number(&[h0, h1])?);
    let (minute, second) = (number(&[n0, n1])?, number(&[s0, s1])?);
    let is_usual = (1..=12).contains(&month)
        && (1..=28).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    let seconds = [(hour, 3_600), (minute, 60), (second, 1)]
        .into_iter()
        .map(|(n, each)| n.saturating_mul(each));
    let seconds =
        days(year, month, day).saturating_mul(86_400).saturating_add(seconds.sum::<i64>());
    let millis = seconds.saturating_mul(1_000).saturating_add(number(&[f0, f1, f2])?);
    is_usual.then_some(Timestamp(millis))
}

/// The days from 1970 to a day of the Gregorian calendar (Fliegel and Van Flandern 1968, with years that begin in March).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let is_early = month <= 2;
    let year = if is_early { year.saturating_sub(1) } else { year };
    let month = month.saturating_add(if is_early { 9 } else { -3 });
    let leap = year
        .div_euclid(4)
        .saturating_sub(year.div_euclid(100))
        .saturating_add(year.div_euclid(400));
    let in_year = month.saturating_mul(153).saturating_add(2).div_euclid(5).saturating_add(day);
    // From 1 March of the year 0 to 1 January 1970 there are 719,468 days; days of a month count from 1.
    year.saturating_mul(365).saturating_add(leap).saturating_add(in_year).saturating_sub(719_469)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |number, digit| {
        let value = digit.checked_sub(b'0').filter(|value| *value <= 9)?;
        number.checked_mul(10)?.checked_add(i64::from(value))
    })
}

/// RFC 3339 in UTC with milliseconds: `2026-11-22T13:05:59.123Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.to_utc().unwrap_or_default();
        f.write_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_form_is_read_as_a_calendar_reads_it() {
        let mut millis = -62_167_219_200_000_i64;
        while millis < 253_402_300_800_000 {
            let text = Timestamp(millis).to_string();
            assert_eq!(Timestamp::from_rfc3339(&text), Some(Timestamp(millis)), "{text}");
            let usual = usual(text.as_bytes());
            assert!(usual.is_none_or(|usual| usual == Timestamp(millis)), "{text}");
            millis = millis.checked_add(86_399_999 * 7).unwrap();
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "2026-02-29T12:00:00.000Z",
            "2026-13-01T12:00:00.000Z",
            "2026-00-01T12:00:00.000Z",
            "2026-01-00T12:00:00.000Z",
            "2026-01-01T24:00:00.000Z",
            "2026-01-01T12:60:00.000Z",
            "2026-01-01T12:00:0x.000Z",
            "2026-01-01 12:00",
        ] {
            assert_eq!(Timestamp::from_rfc3339(text), None, "{text}");
        }
        let other = Timestamp::from_rfc3339("2026-11-22T14:05:59.1234+01:00");
        assert_eq!(other, Timestamp::from_rfc3339("2026-11-22T13:05:59.123Z"));
    }
}
