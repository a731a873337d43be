//! JSON of which every field is given once.
//!
//! A field that is given twice is read differently by different readers: what was checked by one is not what is done by the
//! other. `serde_json` takes the last, and bounds how deep a text may nest (128) while it reads.

mod reserved;

use std::{collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

pub use reserved::has_reserved_name;

/// Reads JSON, unless a field of it, however deep, is given twice or has a name that nobody may use.
pub(super) fn read<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, serde_json::Error> {
    if has_reserved_name(json) {
        return Err(serde_json::Error::custom("a field has a name that nobody may use"));
    }
    serde_json::from_slice::<Once>(json)?;
    serde_json::from_slice(json)
}

/// What to know of an error about an escape that is half a character, to be told behind it; empty for any other error.
pub fn surrogate_hint(error: &serde_json::Error) -> &'static str {
    // `serde_json` tells of these in words alone.
    let said = error.to_string();
    if error.is_syntax() && (said.contains("hex escape") || said.contains("surrogate")) {
        r" (the escapes \uD800 to \uDFFF are halves of characters, which come in pairs)"
    } else {
        ""
    }
}

/// So many characters of a field's name are told, which can be as long as the request.
const SHOWN: usize = 80;

/// Anything whose fields are given once.
struct Once;

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Looking)
    }
}

struct Looking;

impl<'de> Visitor<'de> for Looking {
    type Value = Once;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_str<E>(self, _: &str) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_unit<E>(self) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Once, A::Error> {
        while items.next_element::<Once>()?.is_some() {}
        Ok(Once)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Once, A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = fields.next_key::<String>()? {
            if seen.contains(&name) {
                let shown: String = name.chars().take(SHOWN).collect();
                let what = format!("the field {shown:?} is given twice");
                fields.next_value::<IgnoredAny>()?;
                return Err(A::Error::custom(what));
            }
            fields.next_value::<Once>()?;
            seen.insert(name);
        }
        Ok(Once)
    }
}

#[cfg(test)]
mod tests;
