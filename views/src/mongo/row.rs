//! The documents as `MongoDB` stores them. `docs/views.md` describes each field.
//!
//! Every field is always there, null for none: a field that is added later would stand elsewhere than in a document
//! that was written whole, and the two could not be compared byte by byte.

mod customer;
mod key;
mod parked;
mod product;
mod purchase;
mod sales;

use event_log::Timestamp;
use mongodb::bson::{
    DateTime, Document, RawDocumentBuf, doc, serialize_to_document, serialize_to_raw_document_buf,
};
use serde::{Serialize, de::DeserializeOwned};

pub(super) use self::{
    customer::CustomerRow,
    key::{bucket_key, id, key},
    parked::{ParkedRow, QueueRow},
    product::{PriceKey, PriceRow, ProductRow},
    purchase::{BucketRow, LineRow},
    sales::{DaySalesRow, ProductSalesRow},
};
use super::{collections::View, error::malformed};
use crate::{Document as ViewDocument, Key, StoreError};

/// A document of one view as it is stored.
pub(super) trait Row: Serialize + DeserializeOwned + Unpin + Send + Sync + 'static {
    /// What it stands for.
    type Document: Clone + Send;
    /// Where it is stored.
    const VIEW: View;
    /// The fields that an event may change in a document that is there.
    const CHANGING: &'static [&'static str];

    /// None when a number does not fit.
    fn write(document: &Self::Document) -> Option<Self>;
    /// None when it is not as this program writes it.
    fn read(self) -> Option<Self::Document>;
    /// As one of all documents.
    fn document(document: Self::Document) -> ViewDocument;
}

impl View {
    /// Where documents of this key are stored.
    pub(super) fn of(key: &Key) -> Self {
        match key {
            Key::Customer(_) => Self::Customers,
            Key::Bucket(_, _) => Self::Purchases,
            Key::Product(_) => Self::Products,
            Key::Price(_, _) => Self::Prices,
            Key::ProductSales(_, _, _) | Key::DaySales(_, _, _) => Self::Sales,
            Key::Parked(_, _) | Key::Queue(_, _, _) => Self::Parked,
        }
    }
}

fn write<R: Row>(document: &R::Document) -> Result<R, StoreError> {
    R::write(document).ok_or_else(|| malformed(R::VIEW.name(), "a number does not fit"))
}

/// A document as it is to be stored when it is new.
pub(super) fn whole(document: &ViewDocument) -> Result<Document, StoreError> {
    match document {
        ViewDocument::Customer(it) => whole_row::<CustomerRow>(it),
        ViewDocument::Bucket(it) => whole_row::<BucketRow>(it),
        ViewDocument::Product(it) => whole_row::<ProductRow>(it),
        ViewDocument::Price(it) => whole_row::<PriceRow>(it),
        ViewDocument::ProductSales(it) => whole_row::<ProductSalesRow>(it),
        ViewDocument::DaySales(it) => whole_row::<DaySalesRow>(it),
        ViewDocument::Parked(it) => whole_row::<ParkedRow>(it),
        ViewDocument::Queue(it) => whole_row::<QueueRow>(it),
    }
}

/// The same as the bytes that are stored.
pub(super) fn raw(document: &ViewDocument) -> Result<RawDocumentBuf, StoreError> {
    match document {
        ViewDocument::Customer(it) => raw_row::<CustomerRow>(it),
        ViewDocument::Bucket(it) => raw_row::<BucketRow>(it),
        ViewDocument::Product(it) => raw_row::<ProductRow>(it),
        ViewDocument::Price(it) => raw_row::<PriceRow>(it),
        ViewDocument::ProductSales(it) => raw_row::<ProductSalesRow>(it),
        ViewDocument::DaySales(it) => raw_row::<DaySalesRow>(it),
        ViewDocument::Parked(it) => raw_row::<ParkedRow>(it),
        ViewDocument::Queue(it) => raw_row::<QueueRow>(it),
    }
}

fn raw_row<R: Row>(document: &R::Document) -> Result<RawDocumentBuf, StoreError> {
    let raw = serialize_to_raw_document_buf(&write::<R>(document)?);
    raw.map_err(|error| malformed(R::VIEW.name(), error))
}

fn whole_row<R: Row>(document: &R::Document) -> Result<Document, StoreError> {
    let whole = serialize_to_document(&write::<R>(document)?);
    whole.map_err(|error| malformed(R::VIEW.name(), error))
}

/// Rows as they are meant.
pub(super) fn read<R: Row>(rows: Vec<R>) -> Result<Vec<R::Document>, StoreError> {
    let read = rows.into_iter().map(R::read).collect::<Option<Vec<_>>>();
    read.ok_or_else(|| malformed(R::VIEW.name(), "a number or a currency is unknown"))
}

/// One statement of an `update` command, for a document that the store has with an older `last`.
pub(super) fn update(document: &ViewDocument) -> Result<Document, StoreError> {
    let changing = match document {
        ViewDocument::Customer(_) => CustomerRow::CHANGING,
        ViewDocument::Bucket(_) => BucketRow::CHANGING,
        ViewDocument::Product(_) => ProductRow::CHANGING,
        ViewDocument::Price(_) => PriceRow::CHANGING,
        ViewDocument::ProductSales(_) => ProductSalesRow::CHANGING,
        ViewDocument::DaySales(_) => DaySalesRow::CHANGING,
        ViewDocument::Parked(_) => ParkedRow::CHANGING,
        ViewDocument::Queue(_) => QueueRow::CHANGING,
    };
    let mut whole = whole(document)?;
    let id = whole.remove("_id");
    let last = whole.get("last").cloned();
    let set: Document = changing
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
