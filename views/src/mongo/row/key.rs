//! Keys as they stand in a filter.

use mongodb::bson::{Bson, serialize_to_document};
use serde::Serialize;

use super::{
    parked::{ParkedKey, QueueKey},
    product::PriceKey,
    purchase::BucketKey,
    sales::{DaySalesKey, ProductSalesKey},
};
use crate::{Key, StoreError, mongo::error::malformed};

/// The `_id` of the document of this name.
pub(in crate::mongo) fn id(name: &Key) -> Result<Bson, StoreError> {
    match name {
        Key::Customer(id) | Key::Product(id) => Ok(id.into()),
        Key::Bucket(customer, bucket) => bucket_key(customer, *bucket),
        Key::Price(product_id, version) => {
            key(&PriceKey { product_id: product_id.clone(), version: (*version).into() })
        }
        Key::ProductSales(product_id, version, partition) => key(&ProductSalesKey {
            product_id: product_id.clone(),
            version: (*version).into(),
            partition: partition.0.into(),
        }),
        Key::DaySales(day, product_id, partition) => key(&DaySalesKey {
            day: day.clone(),
            product_id: product_id.clone(),
            partition: partition.0.into(),
        }),
        Key::Parked(partition, parked) => {
            key(&ParkedKey { partition: partition.0.into(), key: parked.clone() })
        }
        Key::Queue(partition, parked, number) => key(&QueueKey {
            partition: partition.0.into(),
            key: parked.clone(),
            number: i64::try_from(*number).unwrap_or(i64::MAX),
        }),
    }
}

/// The key of a bucket.
pub(in crate::mongo) fn bucket_key(customer: &str, bucket: u64) -> Result<Bson, StoreError> {
    // Beyond the largest number there is no bucket.
    let bucket = i64::try_from(bucket).unwrap_or(i64::MAX);
    key(&BucketKey { customer_id: customer.to_owned(), bucket })
}

/// A composed key.
pub(in crate::mongo) fn key(key: &impl Serialize) -> Result<Bson, StoreError> {
    let document = serialize_to_document(key).map_err(|error| malformed("a key", error))?;
    Ok(Bson::Document(document))
}
