//! The documents as `MongoDB` stores them. `docs/views.md` describes each field.
//!
//! Every field is always there, null for none: a field that is added later would stand elsewhere than in a document
//! that was written whole, and the two could not be compared byte by byte.

mod customer;
mod product;
mod purchase;
mod sales;

use event_log::Timestamp;
use mongodb::bson::{Bson, DateTime, Document, doc, serialize_to_document};
use serde::{Serialize, de::DeserializeOwned};

pub(super) use self::{
    customer::CustomerRow,
    product::{PriceKey, PriceRow, ProductRow},
    purchase::{BucketKey, BucketRow, LineRow},
    sales::{DaySalesKey, DaySalesRow, ProductSalesKey, ProductSalesRow},
};
use super::{collections::View, error::malformed};
use crate::StoreError;

/// A document of one view as it is stored.
pub(super) trait Row: Serialize + DeserializeOwned + Unpin + Send + Sync {
    /// What it stands for.
    type Document: Clone;
    /// Where it is stored.
    const VIEW: View;
    /// The fields that an event may change in a document that is there.
    const CHANGING: &'static [&'static str];

    /// None when a number does not fit.
    fn write(document: &Self::Document) -> Option<Self>;
    /// None when it is not as this program writes it.
    fn read(self) -> Option<Self::Document>;
}

fn write<R: Row>(document: &R::Document) -> Result<R, StoreError> {
    R::write(document).ok_or_else(|| malformed(R::VIEW.name(), "a number does not fit"))
}

/// A new document as it is to be stored.
pub(super) fn whole<R: Row>(document: &R::Document) -> Result<Document, StoreError> {
    let whole = serialize_to_document(&write::<R>(document)?);
    whole.map_err(|error| malformed(R::VIEW.name(), error))
}

/// Rows as they are meant.
pub(super) fn read<R: Row>(rows: Vec<R>) -> Result<Vec<R::Document>, StoreError> {
    let read = rows.into_iter().map(R::read).collect::<Option<Vec<_>>>();
    read.ok_or_else(|| malformed(R::VIEW.name(), "a number or a currency is unknown"))
}

/// One statement of an `update` command, for a document that the store has with an older `last`.
pub(super) fn update<R: Row>(document: &R::Document) -> Result<Document, StoreError> {
    let mut whole = whole::<R>(document)?;
    let id = whole.remove("_id");
    let last = whole.get("last").cloned();
    let set: Document = R::CHANGING
        .iter()
        .filter_map(|field| Some(((*field).to_owned(), whole.remove(field)?)))
        .collect();
    Ok(doc! { "q": { "_id": id, "last": { "$lt": last } }, "u": { "$set": set } })
}

pub(super) fn date(time: Timestamp) -> DateTime {
    DateTime::from_millis(time.0)
}

fn timestamp(date: DateTime) -> Timestamp {
    Timestamp(date.timestamp_millis())
}

/// A key's form in a filter.
pub(super) fn key(key: &impl Serialize) -> Result<Bson, StoreError> {
    let document = serialize_to_document(key).map_err(|error| malformed("a key", error))?;
    Ok(Bson::Document(document))
}
