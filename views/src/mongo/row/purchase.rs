use mongodb::bson::{DateTime, Decimal128};
use serde::Deserialize;

use super::{Row, bson_writer::BsonWriter, key::write_id, timestamp};
use crate::{Document, Key, PurchaseBucket, PurchaseLine, View, mongo::amount};

/// The key of a bucket: `MongoDB` compares such keys field by field, so that one customer's stand together in order.
#[derive(Debug, Deserialize)]
pub(in crate::mongo) struct BucketKey {
    pub(in crate::mongo) customer_id: String,
    pub(in crate::mongo) bucket: i64,
}

/// A document of `purchases`.
#[derive(Debug, Deserialize)]
pub(in crate::mongo) struct BucketRow {
    #[serde(rename = "_id")]
    pub(in crate::mongo) id: BucketKey,
    purchases: Vec<LineRow>,
    last: i64,
}

/// One purchase in it.
#[derive(Debug, Deserialize)]
pub(in crate::mongo) struct LineRow {
    number: i64,
    product_id: String,
    product_name: String,
    #[serde(rename = "type")]
    product_type: String,
    unit_price: Decimal128,
    quantity: Decimal128,
    total: Decimal128,
    currency: String,
    price_version: i64,
    purchased_at: DateTime,
}

impl Row for BucketRow {
    type Document = PurchaseBucket;
    const VIEW: View = View::Purchases;
    /// Purchases are pushed, see `commit`.
    const CHANGING: &'static [&'static str] = &["last"];

    fn write(bucket: &PurchaseBucket, row: &mut BsonWriter) {
        row.inners("purchases", &bucket.purchases, LineRow::write);
        row.long("last", bucket.last);
    }

    fn read(self) -> Option<PurchaseBucket> {
        Some(PurchaseBucket {
            customer_id: self.id.customer_id,
            number: u64::try_from(self.id.bucket).ok()?,
            purchases: self.purchases.into_iter().map(LineRow::read).collect::<Option<_>>()?,
            last: u64::try_from(self.last).ok()?,
        })
    }

    fn document(bucket: PurchaseBucket) -> Document {
        Document::Bucket(bucket)
    }
}

impl LineRow {
    fn write(row: &mut BsonWriter, line: &PurchaseLine) {
        row.long("number", line.number);
        row.text("product_id", &line.product_id);
        row.text("product_name", &line.product_name);
        row.text("type", &line.product_type);
        row.money("unit_price", line.unit_price, line.currency);
        row.quantity("quantity", line.quantity);
        row.money("total", line.total, line.currency);
        row.text("currency", line.currency.code());
        row.long("price_version", line.price_version);
        row.date("purchased_at", line.purchased_at);
    }

    fn read(self) -> Option<PurchaseLine> {
        let currency = self.currency.parse().ok()?;
        let minor = |amount| i64::try_from(amount::minor(amount, Some(currency))?).ok();
        Some(PurchaseLine {
            number: u64::try_from(self.number).ok()?,
            unit_price: minor(self.unit_price)?,
            quantity: i64::try_from(amount::thousandths(self.quantity)?).ok()?,
            total: minor(self.total)?,
            product_id: self.product_id,
            product_name: self.product_name,
            product_type: self.product_type,
            currency,
            price_version: u32::try_from(self.price_version).ok()?,
            purchased_at: timestamp(self.purchased_at),
        })
    }
}

/// Appends the purchases that the store does not have to a bucket that holds as many as were left in it: a statement
/// of an `update` command.
pub(in crate::mongo) fn push(bucket: &PurchaseBucket, stored: usize) -> Option<Vec<u8>> {
    let new = bucket.purchases.get(stored..).unwrap_or_default();
    let key = Key::Bucket(bucket.customer_id.clone(), bucket.number);
    let stored = i64::try_from(stored).ok()?;
    BsonWriter::document(|statement| {
        statement.inner("q", |held| {
            write_id(held, &key);
            held.inner("last", |last| last.long("$lt", bucket.last));
            held.inner("purchases", |purchases| purchases.long("$size", stored));
        });
        statement.inner("u", |change| {
            change.inner("$set", |set| set.long("last", bucket.last));
            change.inner("$push", |push| {
                push.inner("purchases", |each| each.inners("$each", new, LineRow::write));
            });
        });
    })
}
