//! The rules of the shop: what may be wished for, what follows from it, and what is refused.
//!
//! Pure: no IO, no clock, no chance, no async, no GraphQL. Time and ids come in as data.
//! [`decide`] turns a [`Command`] into a [`Decision`] or a [`Refusal`]; [`Shop::evolve`] takes an
//! [`Event`] into the state that later decisions rest on, and cannot fail.

mod command;
mod currency;
mod decide;
mod decimal;
mod event;
mod id;
mod invalid;
mod money;
mod quantity;
mod refusal;
mod shop;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod text;

pub use command::{Command, CreateCustomer, Offer, PriceProduct, PurchaseProduct};
pub use currency::Currency;
pub use decide::{Decision, Rules, decide};
pub use decimal::Decimal;
pub use event::{CustomerCreated, Event, ProductPriced, ProductPurchased};
pub use id::{AggregateId, CommandId, CustomerId, ProductId, PurchaseId};
pub use invalid::InvalidInput;
pub use money::{Money, Price};
pub use quantity::Quantity;
pub use refusal::Refusal;
pub use shop::{Customer, Product, Shop, Undo};
pub use text::{Address, Name, composed};
