//! Scalars, written by hand: each has one form in answers and refuses what it would have to guess.

mod date_time;
mod decimal;
mod int;
mod position;

use async_graphql::{Pos, ScalarType, Value};

pub(super) use self::{date_time::DateTime, decimal::Decimal, int::count, position::Position};
use super::Code;

/// What is wrong with a value that is to be one of these scalars; nothing when it is fine, or of a scalar that is not the shop's.
pub(crate) fn unfit(scalar: &str, value: &Value) -> Option<(Code, String)> {
    let invalid = |hint: &str| {
        let what = format!("expected type \"{scalar}\"; write {hint}");
        Some((Code::GraphqlValidationFailed, what))
    };
    match scalar {
        "Decimal" if !Decimal::is_valid(value) => invalid("\"0.36\""),
        "DateTime" if !DateTime::is_valid(value) => invalid("\"2026-11-22T13:05:59.123Z\""),
        "Position" => {
            let error = <Position as ScalarType>::parse(value.clone()).err()?;
            Some((Code::BadPosition, error.into_server_error(Pos::default()).message))
        }
        _fine => None,
    }
}
