use mongodb::bson::{DateTime, Decimal128};
use serde::Deserialize;

use super::{Row, bson_writer::BsonWriter, timestamp};
use crate::{Document, Price, PriceBucket, View, mongo::amount};

/// The key of a bucket of prices.
#[derive(Debug, Deserialize)]
struct PriceKey {
    product_id: String,
    bucket: i64,
}

/// A document behind the view `prices`.
#[derive(Debug, Deserialize)]
pub(in crate::mongo) struct PriceRow {
    #[serde(rename = "_id")]
    id: PriceKey,
    versions: Vec<VersionRow>,
    last: i64,
}

/// One version in it.
#[derive(Debug, Deserialize)]
struct VersionRow {
    version: i64,
    name: String,
    #[serde(rename = "type")]
    product_type: String,
    price: Decimal128,
    previous_price: Option<Decimal128>,
    currency: String,
    from: DateTime,
    to: Option<DateTime>,
}

impl Row for PriceRow {
    type Document = PriceBucket;
    const VIEW: View = View::Prices;
    /// All versions together: one begins and another ends.
    const CHANGING: &'static [&'static str] = &["versions", "last"];

    fn write(bucket: &PriceBucket, row: &mut BsonWriter) {
        row.inners("versions", &bucket.versions, VersionRow::write);
        row.long("last", bucket.last);
    }

    fn read(self) -> Option<PriceBucket> {
        Some(PriceBucket {
            product_id: self.id.product_id,
            number: u32::try_from(self.id.bucket).ok()?,
            versions: self.versions.into_iter().map(VersionRow::read).collect::<Option<_>>()?,
            last: u64::try_from(self.last).ok()?,
        })
    }

    fn document(bucket: PriceBucket) -> Document {
        Document::Prices(bucket)
    }
}

impl VersionRow {
    fn write(row: &mut BsonWriter, price: &Price) {
        row.long("version", price.version);
        row.text("name", &price.name);
        row.text("type", &price.product_type);
        row.money("price", price.price, price.currency);
        row.money_or_null("previous_price", price.previous_price, price.currency);
        row.text("currency", price.currency.code());
        row.date("from", price.from);
        row.date_or_null("to", price.to);
    }

    fn read(self) -> Option<Price> {
        let currency = self.currency.parse().ok()?;
        let minor = |amount| i64::try_from(amount::minor(amount, Some(currency))?).ok();
        Some(Price {
            version: u32::try_from(self.version).ok()?,
            name: self.name,
            product_type: self.product_type,
            price: minor(self.price)?,
            previous_price: match self.previous_price {
                Some(previous) => Some(minor(previous)?),
                None => None,
            },
            currency,
            from: timestamp(self.from),
            to: self.to.map(timestamp),
        })
    }
}
