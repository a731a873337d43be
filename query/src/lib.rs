//! The role that answers from the views, and from the log where the log itself is asked for.
//!
//! A request reads through one [`ReadSession`], which keeps to one generation of the views from start to end;
//! [`Queries::read`] begins again when that generation cannot be trusted to the end.

mod budget;
mod control;
mod events;
mod failure;
mod progress;
mod projection;
mod queries;
mod session;

pub use budget::Budget;
pub use events::{EventEntry, EventsPage, EventsQuery};
pub use failure::Failure;
pub use projection::{Projection, ProjectionState, Rebuild};
pub use queries::{Beats, Queries, Settings, Stopped};
pub use session::ReadSession;
pub use views::{
    Amounts, Customer, CustomerCursor, CustomerFilter, Direction, Heartbeat, Page, PageResult,
    Parked, Phase, Price, PriceFilter, Product, ProductCursor, ProductFilter, ProductSales,
    PurchaseLine, searchable,
};
