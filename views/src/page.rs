//! Pages of lists, by keyset: a cursor is the sort key of a document, not a count.

use event_log::Timestamp;

use crate::{Customer, Price, Product};

/// How many documents one request looks at when its filter is served by no index. 2,000 small documents are a few
/// milliseconds of MongoDB's time, so that one search cannot hold up the others.
pub const MAX_SCANNED: usize = 2_000;

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
pub struct PageResult<Item, Cursor> {
    /// The documents of the page.
    pub items: Vec<Item>,
    /// Where a bounded search stopped before it had looked at everything: the last cursor it looked at, in the
    /// direction of the walk. The page may be short then, and the next one goes on from there.
    pub stopped_at: Option<Cursor>,
    /// Whether there is more in the direction of the walk (within the page's two cursors): documents that match, or,
    /// with `stopped_at`, documents that were not looked at.
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

/// Which customers; texts are [searchable](crate::searchable) already.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CustomerFilter {
    /// Part of "first last" name.
    pub name: Option<String>,
    /// Part of the address.
    pub address: Option<String>,
}

/// Which products; the name is [searchable](crate::searchable) already, and the type is composed.
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

impl<Cursor: Copy> Page<Cursor> {
    /// Whether the sort key lies between the two cursors; `key_of` makes a sort key of a cursor.
    pub(crate) fn holds<Key: Ord>(&self, key: &Key, key_of: impl Fn(Cursor) -> Key) -> bool {
        self.after.is_none_or(|after| *key > key_of(after))
            && self.before.is_none_or(|before| *key < key_of(before))
    }
}

impl<Item: Clone, Cursor> PageResult<&Item, Cursor> {
    /// The same with documents of its own.
    pub(crate) fn cloned(self) -> PageResult<Item, Cursor> {
        let items = self.items.into_iter().cloned().collect();
        PageResult { items, stopped_at: self.stopped_at, more: self.more }
    }
}

impl CustomerFilter {
    /// Whether the customer is wanted.
    pub(crate) fn takes(&self, customer: &Customer) -> bool {
        self.name.as_ref().is_none_or(|part| customer.search_name.contains(part))
            && self.address.as_ref().is_none_or(|part| customer.search_address.contains(part))
    }
}

impl ProductFilter {
    /// Whether the product is wanted.
    pub(crate) fn takes(&self, product: &Product) -> bool {
        self.takes_type(product)
            && self.name.as_ref().is_none_or(|part| product.search_name.contains(part))
            && self.min_price.is_none_or(|least| product.price >= least)
            && self.max_price.is_none_or(|most| product.price <= most)
    }

    /// Whether the type is wanted, which is the part that an index serves.
    pub(crate) fn takes_type(&self, product: &Product) -> bool {
        self.product_type.as_ref().is_none_or(|exactly| product.product_type == *exactly)
    }
}

impl PriceFilter {
    /// Whether the price is wanted.
    pub(crate) fn takes(self, price: &Price) -> bool {
        self.to.is_none_or(|to| price.from <= to)
            && self.from.is_none_or(|from| price.to.is_none_or(|end| end > from))
    }
}
