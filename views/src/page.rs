//! Pages of lists, by keyset: a cursor is the sort key of a document, not a count.

use event_log::Timestamp;

/// Which way a list is walked. Lists stand in their own order; a page is always given in that order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the list's begin: the first ones after `after`.
    Forward,
    /// From the list's end: the last ones before `before`.
    Backward,
}

/// A stretch of a list between two cursors, both exclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<Cursor> {
    /// Only what stands after this one.
    pub after: Option<Cursor>,
    /// Only what stands before this one.
    pub before: Option<Cursor>,
    /// From which end.
    pub direction: Direction,
    /// At most so many.
    pub limit: usize,
}

/// What a search found, in the list's own order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<Item, Cursor> {
    /// The documents of the page.
    pub items: Vec<Item>,
    /// Where a bounded search stopped before it had looked at everything: the last cursor it looked at, in the
    /// direction of the walk. The page may be short then, and the next one goes on from there.
    pub stopped_at: Option<Cursor>,
    /// Whether the store knows of more in the direction of the walk (within the page's two cursors).
    pub more: bool,
}

/// Customers stand in the order they were created, ties by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomerCursor {
    /// When the customer was registered.
    pub created_at: Timestamp,
    /// The customer's id.
    pub id: String,
}

/// Products stand in the order they were first priced, ties by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProductCursor {
    /// When the product got its first price.
    pub first_priced_at: Timestamp,
    /// The product's id.
    pub id: String,
}

/// Which customers; texts are lower case already.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CustomerFilter {
    /// Part of "first last" name.
    pub name: Option<String>,
    /// Part of the address.
    pub address: Option<String>,
}

/// Which products; the name is lower case already.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductFilter {
    /// Exactly this type.
    pub product_type: Option<String>,
    /// Part of the name.
    pub name: Option<String>,
    /// At least this price, in minor units.
    pub min_price: Option<i64>,
    /// At most this price, in minor units.
    pub max_price: Option<i64>,
}

/// Which prices: those in force at some moment between the two, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PriceFilter {
    /// The earlier moment.
    pub from: Option<Timestamp>,
    /// The later moment.
    pub to: Option<Timestamp>,
}
