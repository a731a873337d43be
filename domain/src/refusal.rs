//! Rules that say no.

use crate::{Currency, Price};

/// The rule that was broken; nothing is stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// The id belongs to a customer with other data.
    #[error("a customer with this id exists with other data")]
    CustomerAlreadyExists,
    /// Nobody was registered under this id.
    #[error("there is no customer with this id")]
    CustomerNotFound,
    /// The product was never priced.
    #[error("there is no product with this id")]
    ProductNotFound,
    /// A product's first price comes without its name.
    #[error("the first price of a product needs the product's name")]
    NameMissing,
    /// A product's first price comes without its type.
    #[error("the first price of a product needs the product's type")]
    TypeMissing,
    /// The buyer has seen another price.
    #[error("the price is {current} now")]
    PriceChanged {
        /// What a unit costs now.
        current: Price,
    },
    /// The product's last price has another version than expected.
    #[error("the product has version {current} now")]
    VersionConflict {
        /// The version now; 0 for a product without a price.
        current: u32,
    },
    /// The shop sells in another currency.
    #[error("the shop's currency is {shop}")]
    CurrencyMismatch {
        /// The shop's currency.
        shop: Currency,
    },
    /// The total, or a counter that the event would raise, does not fit.
    #[error("the total is too large")]
    TotalTooLarge,
    /// The command id stands for another wish already.
    #[error("this command id was used for another command")]
    CommandIdReused,
}
