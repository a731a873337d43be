//! Sizes as people write them.

use std::{fmt, str::FromStr};

/// So many bytes, at least one, written as `512MiB`, `2GiB`, `800MB` or as a plain number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) u64);

const UNITS: [(&str, u64); 7] = [
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("b", 1),
];

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim().to_ascii_lowercase();
        let unit =
            UNITS.into_iter().find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?, bytes)));
        let (number, unit) = unit.unwrap_or((&text, 1));
        let bytes = number.trim().parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
        bytes
            .filter(|bytes| *bytes > 0)
            .map(Self)
            .ok_or_else(|| "write a size such as 512MiB or 2GiB".into())
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = |(_, bytes): &&(&str, u64)| self.0 >= *bytes && self.0.is_multiple_of(*bytes);
        let [kib, mib, gib, ..] = &UNITS;
        let name = |unit: &(&str, u64)| self.0.checked_div(unit.1).unwrap_or_default();
        match [gib, mib, kib].into_iter().find(whole) {
            Some(unit) if unit.1 == gib.1 => write!(f, "{}GiB", name(unit)),
            Some(unit) if unit.1 == mib.1 => write!(f, "{}MiB", name(unit)),
            Some(unit) => write!(f, "{}KiB", name(unit)),
            None => write!(f, "{}B", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_they_are_written() {
        let check =
            |text: &str, bytes: u64| assert_eq!(text.parse::<Bytes>().unwrap().0, bytes, "{text}");
        check("512MiB", 512 << 20);
        check("2 GiB", 2 << 30);
        check("800mb", 800_000_000);
        check("64KiB", 65_536);
        check("123", 123);
        check("123b", 123);
        for text in
            ["", "MiB", "-1MiB", "1.5GiB", "1TiB", "99999999999999999999GiB", "1 2MiB", "0", "0MiB"]
        {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
        for text in ["512MiB", "2GiB", "3KiB", "7B"] {
            assert_eq!(text.parse::<Bytes>().unwrap().to_string(), text);
        }
    }
}
