//! Documents by their keys.

use event_log::Partition;
use futures::{TryStreamExt, future::try_join};
use mongodb::bson::{Bson, doc};

use super::{
    MongoViews,
    options::{ANSWER, within},
    row::{
        BucketKey, BucketRow, CustomerRow, DaySalesKey, DaySalesRow, PriceKey, PriceRow,
        ProductRow, ProductSalesKey, ProductSalesRow, Row, key, read,
    },
};
use crate::{Document, GenerationName, Key, StoreError};

/// Keys sorted by collection.
#[derive(Default)]
struct Keys {
    customers: Vec<Bson>,
    buckets: Vec<Bson>,
    products: Vec<Bson>,
    prices: Vec<Bson>,
    by_price: Vec<Bson>,
    by_day: Vec<Bson>,
}

impl MongoViews {
    pub(super) async fn load_documents(
        &self,
        generation: &GenerationName,
        keys: &[Key],
    ) -> Result<Vec<Document>, StoreError> {
        let mut sorted = Keys::default();
        keys.iter().try_for_each(|key| sorted.take(key))?;
        let customers = self.by_ids::<CustomerRow>(generation, sorted.customers);
        let buckets = self.by_ids::<BucketRow>(generation, sorted.buckets);
        let products = self.by_ids::<ProductRow>(generation, sorted.products);
        let prices = self.by_ids::<PriceRow>(generation, sorted.prices);
        let by_price = self.by_ids::<ProductSalesRow>(generation, sorted.by_price);
        let by_day = self.by_ids::<DaySalesRow>(generation, sorted.by_day);
        let purchases = try_join(customers, buckets);
        let prices = try_join(products, prices);
        let sales = try_join(by_price, by_day);
        let (((customers, buckets), (products, prices)), (by_price, by_day)) =
            try_join(try_join(purchases, prices), sales).await?;
        let mut documents: Vec<Document> = Vec::with_capacity(keys.len());
        documents.extend(customers.into_iter().map(Document::Customer));
        documents.extend(buckets.into_iter().map(Document::Bucket));
        documents.extend(products.into_iter().map(Document::Product));
        documents.extend(prices.into_iter().map(Document::Price));
        documents.extend(by_price.into_iter().map(Document::ProductSales));
        documents.extend(by_day.into_iter().map(Document::DaySales));
        Ok(documents)
    }

    pub(super) async fn by_ids<R: Row>(
        &self,
        generation: &GenerationName,
        ids: Vec<Bson>,
    ) -> Result<Vec<R::Document>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.rows::<R>(generation);
        let find = async { rows.find(doc! { "_id": { "$in": ids } }).await?.try_collect().await };
        read::<R>(within(ANSWER, find).await?)
    }
}

impl Keys {
    fn take(&mut self, name: &Key) -> Result<(), StoreError> {
        match name {
            Key::Customer(id) => self.customers.push(id.into()),
            Key::Bucket(customer, bucket) => self.buckets.push(bucket_key(customer, *bucket)?),
            Key::Product(id) => self.products.push(id.into()),
            Key::Price(product_id, version) => {
                let id = PriceKey { product_id: product_id.clone(), version: (*version).into() };
                self.prices.push(key(&id)?);
            }
            Key::ProductSales(product_id, version, Partition(partition)) => {
                let id = ProductSalesKey {
                    product_id: product_id.clone(),
                    version: (*version).into(),
                    partition: (*partition).into(),
                };
                self.by_price.push(key(&id)?);
            }
            Key::DaySales(day, product_id, Partition(partition)) => {
                let id = DaySalesKey {
                    day: day.clone(),
                    product_id: product_id.clone(),
                    partition: (*partition).into(),
                };
                self.by_day.push(key(&id)?);
            }
        }
        Ok(())
    }
}

/// The key of a bucket in a filter.
pub(super) fn bucket_key(customer: &str, bucket: u64) -> Result<Bson, StoreError> {
    // Beyond the largest number there is no bucket.
    let bucket = i64::try_from(bucket).unwrap_or(i64::MAX);
    key(&BucketKey { customer_id: customer.to_owned(), bucket })
}
