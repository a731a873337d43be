use mongodb::bson::{DateTime, Decimal128};
use serde::{Deserialize, Serialize};

use super::{Row, date, timestamp};
use crate::{
    Document, PurchaseBucket, PurchaseLine,
    mongo::{amount, collections::View},
};

/// The key of a bucket: `MongoDB` compares such keys field by field, so that one customer's stand together in order.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::mongo) struct BucketKey {
    pub(in crate::mongo) customer_id: String,
    pub(in crate::mongo) bucket: i64,
}

/// A document of `purchases`.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::mongo) struct BucketRow {
    #[serde(rename = "_id")]
    pub(in crate::mongo) id: BucketKey,
    purchases: Vec<LineRow>,
    last: i64,
}

/// One purchase in it.
#[derive(Debug, Serialize, Deserialize)]
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

    fn write(bucket: &PurchaseBucket) -> Option<Self> {
        Some(Self {
            id: BucketKey {
                customer_id: bucket.customer_id.clone(),
                bucket: i64::try_from(bucket.number).ok()?,
            },
            purchases: bucket.purchases.iter().map(LineRow::write).collect::<Option<_>>()?,
            last: i64::try_from(bucket.last).ok()?,
        })
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
    pub(in crate::mongo) fn write(line: &PurchaseLine) -> Option<Self> {
        let money = |minor: i64| amount::money(minor.into(), Some(&line.currency));
        Some(Self {
            number: i64::try_from(line.number).ok()?,
            product_id: line.product_id.clone(),
            product_name: line.product_name.clone(),
            product_type: line.product_type.clone(),
            unit_price: money(line.unit_price)?,
            quantity: amount::quantity(line.quantity.into())?,
            total: money(line.total)?,
            currency: line.currency.clone(),
            price_version: line.price_version.into(),
            purchased_at: date(line.purchased_at),
        })
    }

    fn read(self) -> Option<PurchaseLine> {
        let minor = |amount| i64::try_from(amount::minor(amount, Some(&self.currency))?).ok();
        Some(PurchaseLine {
            number: u64::try_from(self.number).ok()?,
            unit_price: minor(self.unit_price)?,
            quantity: i64::try_from(amount::thousandths(self.quantity)?).ok()?,
            total: minor(self.total)?,
            product_id: self.product_id,
            product_name: self.product_name,
            product_type: self.product_type,
            currency: self.currency,
            price_version: u32::try_from(self.price_version).ok()?,
            purchased_at: timestamp(self.purchased_at),
        })
    }
}
