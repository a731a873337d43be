//! Refusals as data.

use async_graphql::{Enum, SimpleObject};
use domain::{Command, InvalidInput, Refusal};
use event_log::{Offset, codec::Shown};

/// Which rule said no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum RejectionCode {
    CustomerAlreadyExists,
    CustomerNotFound,
    ProductNotFound,
    PriceChanged,
    VersionConflict,
    CurrencyMismatch,
    TotalTooLarge,
    CommandIdReused,
    NotParked,
    InvalidInput,
}

/// A rule said no; nothing was stored.
#[derive(Debug, SimpleObject)]
pub(super) struct Rejection {
    code: RejectionCode,
    message: String,
    /// The input field at fault, such as "quantity".
    field: Option<&'static str>,
}

impl Rejection {
    /// The input field does not hold what it should.
    pub(super) fn invalid(field: &'static str, why: &InvalidInput) -> Self {
        Self { code: RejectionCode::InvalidInput, message: why.to_string(), field: Some(field) }
    }

    /// Not this event holds the key up, but that one or none.
    pub(super) fn not_parked(key: &str, offset: Offset, held_by: Option<Offset>) -> Self {
        let instead = held_by.map_or_else(
            || "nothing does".to_owned(),
            |offset| format!("the one at offset {offset} does"),
        );
        let key = Shown(key).to_string();
        let message = format!("the event at offset {offset} does not hold up {key:?}: {instead}");
        Self { code: RejectionCode::NotParked, message, field: Some("offset") }
    }

    /// The decider refused this kind of command.
    pub(super) fn of(refusal: &Refusal, asked: CommandKind) -> Self {
        use RejectionCode as Code;
        let (code, field) = match refusal {
            Refusal::CustomerAlreadyExists => (Code::CustomerAlreadyExists, Some("id")),
            Refusal::CustomerNotFound => (Code::CustomerNotFound, Some("customerId")),
            Refusal::ProductNotFound => (Code::ProductNotFound, Some("productId")),
            Refusal::NameMissing => (Code::InvalidInput, Some("name")),
            Refusal::TypeMissing => (Code::InvalidInput, Some("type")),
            Refusal::PriceChanged { .. } => (Code::PriceChanged, Some("expectedUnitPrice")),
            Refusal::VersionConflict { .. } => (Code::VersionConflict, Some("expectedVersion")),
            Refusal::CurrencyMismatch { .. } => {
                (Code::CurrencyMismatch, (asked == CommandKind::Price).then_some("currency"))
            }
            Refusal::TotalTooLarge => {
                (Code::TotalTooLarge, (asked == CommandKind::Purchase).then_some("quantity"))
            }
            Refusal::CommandIdReused => (Code::CommandIdReused, Some("commandId")),
        };
        Self { code, message: refusal.to_string(), field }
    }
}

/// What was asked for: the same rule may concern different fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CommandKind {
    Customer,
    Price,
    Purchase,
}

impl From<&Command> for CommandKind {
    fn from(command: &Command) -> Self {
        match command {
            Command::CreateCustomer(_) => Self::Customer,
            Command::PriceProduct(_) => Self::Price,
            Command::PurchaseProduct(_) => Self::Purchase,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_key_is_not_repeated_in_full() {
        let rejection = Rejection::not_parked(&"ł".repeat(800_000), Offset::default(), None);
        assert!(rejection.message.len() < 400, "{}", rejection.message);
        assert!(rejection.message.contains("ł… (1600000 bytes)"), "{}", rejection.message);
    }
}
