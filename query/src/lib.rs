//! The role that answers from the views, and from the log where the log itself is asked for.
//!
//! A request reads through one [`Reading`], which keeps to one generation of the views from start to end;
//! [`Queries::read`] begins again when that generation cannot be trusted to the end.

mod budget;
mod control;
mod events;
mod failure;
mod progress;
mod projection;
mod queries;
mod reading;

pub use budget::Budget;
pub use events::{EventsPage, EventsWish, Happened};
pub use failure::Failure;
pub use projection::{Projection, Rebuild, State};
pub use queries::{Beats, Queries, Settings, Stopped};
pub use reading::Reading;
pub use views::{
    Amounts, Customer, CustomerCursor, CustomerFilter, Direction, Heartbeat, Page, PageResult,
    Parked, Phase, Price, PriceFilter, Product, ProductCursor, ProductFilter, ProductSales,
    PurchaseLine, searchable,
};
