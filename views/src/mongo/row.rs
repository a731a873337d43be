//! The documents as `MongoDB` stores them. `docs/views.md` describes each field.
//!
//! Every field is always there, null for none: a field that is added later would stand elsewhere than in a document
//! that was written whole, and the two could not be compared byte by byte.

mod bson_writer;
mod customer;
mod key;
mod parked;
mod price;
mod product;
mod purchase;
mod sales;

use event_log::Timestamp;
use mongodb::bson::{
    DateTime, RawDocument, RawDocumentBuf,
    raw::{CStr, cstr},
    rawdoc,
};
use serde::de::DeserializeOwned;

pub(super) use self::bson_writer::BsonWriter;
pub(crate) use self::key::{alone, key_of};
pub(super) use self::{
    customer::CustomerRow,
    key::id,
    parked::{ParkedRow, QueueRow},
    price::PriceRow,
    product::ProductRow,
    purchase::BucketRow,
    sales::{DaySalesRow, ProductSalesRow},
};
use self::{key::write_id, purchase::push};
use super::error::malformed;
use crate::{Document as ViewDocument, StoreError, View};

/// A document of one view as it is stored.
pub(super) trait Row: DeserializeOwned + Unpin + Send + Sync + 'static {
    /// What it stands for.
    type Document: Clone + Send;
    /// Where it is stored.
    const VIEW: View;
    /// The fields that an event may change in a document that is there.
    const CHANGING: &'static [&'static str];

    /// Writes all that follows the `_id`.
    fn write(document: &Self::Document, row: &mut BsonWriter);
    /// None when it is not as this program writes it.
    fn read(self) -> Option<Self::Document>;
    /// As one of all documents.
    fn document(document: Self::Document) -> ViewDocument;
}

/// A document as it is stored.
pub(crate) fn raw(document: &ViewDocument) -> Result<RawDocumentBuf, StoreError> {
    of_bytes(View::of_document(document), BsonWriter::document(|row| write(row, document)))
}

/// Writes a document as it is stored.
pub(super) fn write(row: &mut BsonWriter, document: &ViewDocument) {
    write_id(row, &document.key());
    match document {
        ViewDocument::Customer(it) => CustomerRow::write(it, row),
        ViewDocument::Bucket(it) => BucketRow::write(it, row),
        ViewDocument::Product(it) => ProductRow::write(it, row),
        ViewDocument::Prices(it) => PriceRow::write(it, row),
        ViewDocument::ProductSales(it) => ProductSalesRow::write(it, row),
        ViewDocument::DaySales(it) => DaySalesRow::write(it, row),
        ViewDocument::Parked(it) => ParkedRow::write(it, row),
        ViewDocument::Queue(it) => QueueRow::write(it, row),
    }
}

pub(super) fn of_bytes(view: View, bytes: Option<Vec<u8>>) -> Result<RawDocumentBuf, StoreError> {
    let bytes = bytes.ok_or_else(|| malformed(view.name(), "a number does not fit"))?;
    RawDocumentBuf::from_bytes(bytes).map_err(|error| malformed(view.name(), error))
}

/// Rows as they are meant.
pub(super) fn read<R: Row>(rows: Vec<R>) -> Result<Vec<R::Document>, StoreError> {
    let read = rows.into_iter().map(R::read).collect::<Option<Vec<_>>>();
    read.ok_or_else(|| malformed(R::VIEW.name(), "a number or a currency is unknown"))
}

/// One statement of an `update` command, for a document that the store has with no newer `last`: it is the same where an
/// event comes late.
pub(super) fn update(
    document: &ViewDocument,
    stored_purchases: usize,
) -> Result<RawDocumentBuf, StoreError> {
    let changing = match document {
        ViewDocument::Bucket(it) => {
            return of_bytes(View::Purchases, push(it, stored_purchases));
        }
        ViewDocument::Customer(_) => CustomerRow::CHANGING,
        ViewDocument::Product(_) => ProductRow::CHANGING,
        ViewDocument::Prices(_) => PriceRow::CHANGING,
        ViewDocument::ProductSales(_) => ProductSalesRow::CHANGING,
        ViewDocument::DaySales(_) => DaySalesRow::CHANGING,
        ViewDocument::Parked(_) => ParkedRow::CHANGING,
        ViewDocument::Queue(_) => QueueRow::CHANGING,
    };
    let view = View::of_document(document);
    let whole = raw(document)?;
    let mut set = RawDocumentBuf::new();
    for field in &whole {
        let (name, value) = field.map_err(|error| malformed(view.name(), error))?;
        if changing.contains(&name.as_str()) {
            set.append(name, value);
        }
    }
    let held =
        held(&whole, cstr!("$lte")).ok_or_else(|| malformed(view.name(), "it has no `last`"))?;
    Ok(rawdoc! { "q": held, "u": { "$set": set } })
}

/// The filter for the document in whose place this one may be put.
pub(super) fn held_older(document: &RawDocument) -> Option<RawDocumentBuf> {
    held(document, cstr!("$lt"))
}

/// The filter for a document whose `last` stands to this one's in such a way.
fn held(document: &RawDocument, last: &CStr) -> Option<RawDocumentBuf> {
    let mut held = RawDocumentBuf::new();
    held.append(cstr!("_id"), document.get("_id").ok()??);
    let mut bound = RawDocumentBuf::new();
    bound.append(last, document.get_i64("last").ok()?);
    held.append(cstr!("last"), bound);
    Some(held)
}

fn timestamp(date: DateTime) -> Timestamp {
    Timestamp(date.timestamp_millis())
}
