//! The lists and their orders.

use event_log::Timestamp;
use mongodb::bson::{Bson, DateTime, Document, doc};

use crate::{
    CustomerCursor, ProductCursor,
    mongo::row::{CustomerRow, ProductRow, Row},
};

/// Where a stretch of a list ends, seen in the list's own order.
#[derive(Debug, Clone, Copy)]
pub(in crate::mongo) enum End {
    /// What stands after it.
    After,
    /// It and what stands after it.
    From,
    /// What stands before it.
    Before,
    /// It and what stands before it.
    UpTo,
}

impl End {
    /// How a larger key compares here, strictly; the same or equal; and what is asked of equal keys.
    fn operators(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::After => ("$gt", "$gte", "$gt"),
            Self::From => ("$gt", "$gte", "$gte"),
            Self::Before => ("$lt", "$lte", "$lt"),
            Self::UpTo => ("$lt", "$lte", "$lte"),
        }
    }
}

/// Documents that stand in an order.
pub(in crate::mongo) trait Listed: Row {
    /// The sort key.
    type Cursor: Send + Sync;
    /// The sort key of a row.
    fn cursor(&self) -> Self::Cursor;
    /// The order of the list, or with -1 its reverse.
    fn order(way: i32) -> Document;
    /// The documents of a stretch that ends at `cursor`.
    fn stretch(cursor: &Self::Cursor, end: End) -> Document;
}

impl Listed for CustomerRow {
    type Cursor = CustomerCursor;

    fn cursor(&self) -> CustomerCursor {
        let created_at = Timestamp(self.created_at.timestamp_millis());
        CustomerCursor { created_at, id: self.id.clone() }
    }

    fn order(way: i32) -> Document {
        doc! { "created_at": way, "_id": way }
    }

    fn stretch(cursor: &CustomerCursor, end: End) -> Document {
        by_time("created_at", cursor.created_at, &cursor.id, end)
    }
}

impl Listed for ProductRow {
    type Cursor = ProductCursor;

    fn cursor(&self) -> ProductCursor {
        let first_priced_at = Timestamp(self.first_priced_at.timestamp_millis());
        ProductCursor { first_priced_at, id: self.id.clone() }
    }

    fn order(way: i32) -> Document {
        doc! { "first_priced_at": way, "_id": way }
    }

    fn stretch(cursor: &ProductCursor, end: End) -> Document {
        by_time("first_priced_at", cursor.first_priced_at, &cursor.id, end)
    }
}

/// The first condition follows from the second; it is what gives the index its bounds.
fn by_time(field: &str, time: Timestamp, id: &str, end: End) -> Document {
    let time = Bson::DateTime(DateTime::from_millis(time.0));
    let (strictly, or_same, among_same) = end.operators();
    doc! {
        field: { or_same: time.clone() },
        "$or": [{ field: { strictly: time.clone() } }, { field: time, "_id": { among_same: id } }],
    }
}
