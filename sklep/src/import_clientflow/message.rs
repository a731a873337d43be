//! The messages of the older shop.

use std::{
    fmt::{self, Display},
    str::FromStr,
};

use api::has_reserved_name;
use domain::{Decimal, InvalidInput, Price, Quantity};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value};

use crate::{
    bulk_submit::{Mutation, Reason},
    escape_control::clipped,
};

/// So many characters of what should be a short word are told.
const SHOWN: usize = 80;

/// What a message wishes for; or why nobody can know. `None` is a record without a body.
pub(super) fn wish(raw: Option<&[u8]>) -> Result<Mutation, Reason> {
    let raw = raw.filter(|raw| !raw.trim_ascii().is_empty());
    let raw = raw.ok_or_else(|| reason("NULL_BODY", "it is empty"))?;
    if has_reserved_name(raw) {
        return Err(reason("NOT_JSON", "one of its fields has a name that nobody may use"));
    }
    if raw.trim_ascii_start().starts_with(b"{") {
        let Entries(entries) = serde_json::from_slice(raw).map_err(|error| not_json(&error))?;
        return of_fields(&unique(entries)?);
    }
    match serde_json::from_slice(raw).map_err(|error| not_json(&error))? {
        Value::Null => Err(reason("NULL_BODY", "it is null")),
        Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => Err(reason("NOT_AN_OBJECT", "it is JSON, but no object")),
    }
}

/// The entries of a JSON object, repeated names too.
struct Entries(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

/// Of two values under one name nobody knows which is meant.
fn unique(entries: Vec<(String, Value)>) -> Result<Map<String, Value>, Reason> {
    let mut fields = Map::new();
    for (name, value) in entries {
        if fields.insert(name.clone(), value).is_some() {
            return Err(reason(
                "FIELD_REPEATED",
                format!("it has {} more than once", clipped(&name, SHOWN)),
            ));
        }
    }
    Ok(fields)
}

fn of_fields(fields: &Map<String, Value>) -> Result<Mutation, Reason> {
    match text(fields, "event_type")?.as_str() {
        "new_customer" => Ok(Mutation::CreateCustomer {
            id: parsed(fields, "id")?,
            first_name: parsed(fields, "first_name")?,
            last_name: parsed(fields, "last_name")?,
            address: parsed(fields, "address")?,
        }),
        "new_product" => Ok(Mutation::PriceProduct {
            id: parsed(fields, "id")?,
            name: parsed(fields, "name")?,
            product_type: parsed(fields, "type")?,
            price: price(fields)?,
        }),
        "customer_buys_product" => Ok(Mutation::PurchaseProduct {
            customer: parsed(fields, "customer_id")?,
            product: parsed(fields, "product_id")?,
            quantity: number(fields, "quantity", Quantity::from_decimal)?,
        }),
        other => {
            let known = "new_customer, new_product or customer_buys_product";
            let other = clipped(other, SHOWN);
            Err(reason("UNKNOWN_EVENT_TYPE", format!("its event_type is \"{other}\", not {known}")))
        }
    }
}

/// A price in the shop's currency, which only the shop knows: it says whether the places fit.
fn price(fields: &Map<String, Value>) -> Result<Decimal, Reason> {
    number(fields, "price", |price| if price.is_positive() { Ok(price) } else { Err(no_price()) })
}

fn no_price() -> InvalidInput {
    // The domain says what a price is.
    let nothing = domain::Money::new(0, domain::Currency::PLN);
    Price::new(nothing).err().unwrap_or_else(|| InvalidInput::new("a price is more than zero"))
}

/// An exact decimal, as a number or as text.
fn number<T>(
    fields: &Map<String, Value>,
    name: &str,
    check: impl FnOnce(Decimal) -> Result<T, InvalidInput>,
) -> Result<T, Reason> {
    let text = match field(fields, name)? {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            return Err(invalid(name, "it is neither a number nor text"));
        }
    };
    text.parse().and_then(check).map_err(|why| invalid(name, why))
}

fn parsed<T: FromStr<Err = InvalidInput>>(
    fields: &Map<String, Value>,
    name: &str,
) -> Result<T, Reason> {
    text(fields, name)?.parse().map_err(|why| invalid(name, why))
}

/// Text, or a whole number, which some ids are.
fn text(fields: &Map<String, Value>, name: &str) -> Result<String, Reason> {
    match field(fields, name)? {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Ok(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(invalid(name, "it is neither text nor a whole number"))
        }
    }
}

fn field<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a Value, Reason> {
    let field = fields.get(name).filter(|value| !value.is_null());
    field.ok_or_else(|| reason("FIELD_MISSING", format!("it has no {name}")))
}

/// Why a line that is longer than so many bytes is no good.
pub(super) fn too_long(longest: u64) -> Reason {
    reason(
        "LINE_TOO_LONG",
        format!("it is longer than {longest} bytes; only its beginning is kept"),
    )
}

fn not_json(error: &serde_json::Error) -> Reason {
    let hint = api::surrogate_hint(error);
    reason("NOT_JSON", format!("it is not JSON: {error}{hint}"))
}

fn invalid(name: &str, why: impl Display) -> Reason {
    reason("FIELD_INVALID", format!("{name}: {why}"))
}

fn reason(code: &str, message: impl Into<String>) -> Reason {
    Reason { code: code.into(), message: message.into() }
}

#[cfg(test)]
mod tests;
