//! Keys as they are stored, and as they stand in a filter.

use event_log::Partition;
use mongodb::bson::{Bson, Document, RawBsonRef, RawDocument, RawDocumentBuf};

use super::bson_writer::BsonWriter;
use crate::{Key, StoreError, View, mongo::error::malformed};

/// Writes the `_id` of the document of this name. `MongoDB` compares composed ones field by field, so that the
/// documents of one customer or product stand together in order.
pub(in crate::mongo) fn write_id(row: &mut BsonWriter, name: &Key) {
    match name {
        Key::Customer(id) | Key::Product(id) => row.text("_id", id),
        Key::Bucket(customer, bucket) => row.inner("_id", |id| {
            id.text("customer_id", customer);
            // Beyond the largest number there is no bucket.
            id.long("bucket", i64::try_from(*bucket).unwrap_or(i64::MAX));
        }),
        Key::Prices(product, bucket) => row.inner("_id", |id| {
            id.text("product_id", product);
            id.long("bucket", *bucket);
        }),
        Key::ProductSales(product, bucket, partition) => row.inner("_id", |id| {
            id.text("product_id", product);
            id.long("bucket", *bucket);
            id.long("partition", partition.0);
        }),
        Key::DaySales(day, product, partition) => row.inner("_id", |id| {
            id.text("day", day);
            id.text("product_id", product);
            id.long("partition", partition.0);
        }),
        Key::Parked(partition, key) => row.inner("_id", |id| {
            id.long("partition", partition.0);
            id.text("key", key);
        }),
        Key::Queue(partition, key, number) => row.inner("_id", |id| {
            id.long("partition", partition.0);
            id.text("key", key);
            id.long("number", *number);
        }),
    }
}

/// A key as it stands in a filter.
pub(in crate::mongo) fn id(name: &Key) -> Result<Bson, StoreError> {
    let written = BsonWriter::document(|row| write_id(row, name));
    let document = written.and_then(|bytes| {
        let raw: RawDocumentBuf = RawDocumentBuf::from_bytes(bytes).ok()?;
        let raw: &RawDocument = &raw;
        Document::try_from(raw).ok()?.remove("_id")
    });
    document.ok_or_else(|| malformed("a key", "a number does not fit"))
}

/// The name of a stored document; none when Sklep writes no document of the view under this `_id`.
pub(crate) fn key_of(view: View, document: &[u8]) -> Option<Key> {
    let document = RawDocument::from_bytes(document).ok()?;
    let id = document.get("_id").ok()??;
    let key = read_id(view, id)?;
    let written = BsonWriter::document(|row| write_id(row, &key))?;
    // `MongoDB` takes numbers of another type as equal, and so do the reads above.
    let is_the_same = RawDocument::from_bytes(&written).ok()?.get("_id").ok()?? == id;
    is_the_same.then_some(key)
}

/// A document of nothing but this `_id`, which is given with its kind and name as it stands in a document.
pub(crate) fn alone(id: &[u8]) -> Option<Vec<u8>> {
    let length = i32::try_from(id.len().checked_add(5)?).ok()?;
    Some([&length.to_le_bytes(), id, &[0]].concat())
}

fn read_id(view: View, id: RawBsonRef<'_>) -> Option<Key> {
    let fields = id.as_document();
    let text = |name: &str| Some(fields?.get_str(name).ok()?.to_owned());
    let long = |name: &str| fields?.get_i64(name).ok();
    let count = |name: &str| u64::try_from(long(name)?).ok();
    let short = |name: &str| u32::try_from(long(name)?).ok();
    let partition = || u16::try_from(long("partition")?).ok().map(Partition);
    Some(match view {
        View::Customers => Key::Customer(id.as_str()?.to_owned()),
        View::Products => Key::Product(id.as_str()?.to_owned()),
        View::Purchases => Key::Bucket(text("customer_id")?, count("bucket")?),
        View::Prices => Key::Prices(text("product_id")?, short("bucket")?),
        View::Sales => match text("day") {
            Some(day) => Key::DaySales(day, text("product_id")?, partition()?),
            None => Key::ProductSales(text("product_id")?, short("bucket")?, partition()?),
        },
        View::Parked => match count("number") {
            Some(number) => Key::Queue(partition()?, text("key")?, number),
            None => Key::Parked(partition()?, text("key")?),
        },
    })
}
