//! How the views are read.
//!
//! A generation that was dropped reads as empty, without an error: the lease of the query role guards against that.

use std::{cmp::Reverse, collections::BTreeMap};

use domain::PurchaseId;
use event_log::Partition;
use futures::TryStreamExt;
use mongodb::{
    Cursor,
    bson::{Bson, Document, doc},
};

use super::{
    MongoViews,
    checkpoint::{self, CheckpointRow},
    options::{ANSWER, within},
    row::{BucketRow, PriceRow, ProductSalesRow, id, read},
};
use crate::{
    Checkpoint, CustomerFilter, Direction, GenerationName, Key, MAX_SCANNED, PURCHASES_IN_BUCKET,
    Page, PageResult, Price, PriceFilter, ProductFilter, ProductSales, PurchaseLine, StoreError,
    bucket_of, pagination::walk, version_bucket_of,
};

/// How many buckets of prices are fetched at a time: a page is in the first ones.
const PRICE_BUCKETS: u32 = 4;

impl MongoViews {
    pub(super) async fn read_checkpoints(
        &self,
        generation: &GenerationName,
    ) -> Result<BTreeMap<Partition, Checkpoint>, StoreError> {
        let rows = self.checkpoints_of(generation).await?;
        rows.iter().map(|row| Ok((row.partition()?, row.read()?))).collect()
    }

    pub(super) async fn read_feeders(
        &self,
        generation: &GenerationName,
    ) -> Result<BTreeMap<Partition, String>, StoreError> {
        let rows = self.checkpoints_of(generation).await?;
        let claimed = rows.into_iter().filter_map(|row| Some((row.partition(), row.by?.instance)));
        claimed.map(|(partition, instance)| Ok((partition?, instance))).collect()
    }

    async fn checkpoints_of(
        &self,
        generation: &GenerationName,
    ) -> Result<Vec<CheckpointRow>, StoreError> {
        let rows = self.checkpoint_rows();
        let all = checkpoint::all_of(generation);
        let find = async { rows.find(all).await?.try_collect::<Vec<_>>().await };
        within(ANSWER, find).await
    }

    pub(super) async fn purchases_by_id(
        &self,
        generation: &GenerationName,
        ids: &[PurchaseId],
    ) -> Result<Vec<(PurchaseId, PurchaseLine)>, StoreError> {
        let keys: BTreeMap<(&str, u64), Bson> = ids
            .iter()
            .filter_map(|id| Some((id.customer.as_str(), bucket_of(id.number)?)))
            .map(|(customer, bucket)| Ok(((customer, bucket), bucket_id(customer, bucket)?)))
            .collect::<Result<_, StoreError>>()?;
        let buckets = self.by_ids::<BucketRow>(generation, keys.into_values().collect()).await?;
        let lines: BTreeMap<(&str, u64), &PurchaseLine> = buckets
            .iter()
            .flat_map(|bucket| {
                bucket
                    .purchases
                    .iter()
                    .map(|line| ((bucket.customer_id.as_str(), line.number), line))
            })
            .collect();
        let line =
            |id: &PurchaseId| lines.get(&(id.customer.as_str(), id.number)).copied().cloned();
        Ok(ids.iter().filter_map(|id| Some((id.clone(), line(id)?))).collect())
    }

    pub(super) async fn purchases_of(
        &self,
        generation: &GenerationName,
        customer: &str,
        page: &Page<u64>,
    ) -> Result<PageResult<PurchaseLine, u64>, StoreError> {
        let oldest = page.before.map_or(1, |before| before.saturating_add(1));
        let newest = page.after.map_or(u64::MAX, |after| after.saturating_sub(1));
        let (Some(first), Some(last)) = (bucket_of(oldest), bucket_of(newest)) else {
            return Ok(PageResult { items: Vec::new(), stopped_at: None, more: false });
        };
        let (first, last) = (bucket_id(customer, first)?, bucket_id(customer, last)?);
        let way = match page.direction {
            Direction::Forward => -1,
            Direction::Backward => 1,
        };
        let rows = self.rows::<BucketRow>(generation);
        let find = rows
            .find(doc! { "_id": { "$gte": first, "$lte": last } })
            .sort(doc! { "_id": way })
            .limit(buckets_for(page.limit));
        let rows = within(ANSWER, async { find.await?.try_collect().await }).await?;
        let lines = read::<BucketRow>(rows)?.into_iter().flat_map(|bucket| bucket.purchases);
        Ok(page_of(lines.filter(|line| page.holds(&Reverse(line.number), Reverse)).collect(), page))
    }

    pub(super) async fn prices_of(
        &self,
        generation: &GenerationName,
        product: &str,
        filter: PriceFilter,
        page: &Page<u32>,
    ) -> Result<PageResult<Price, u32>, StoreError> {
        let mut buckets = self.price_buckets(generation, product, page).await?;
        let (mut looked_at, mut matching) = (Vec::new(), 0_usize);
        while looked_at.len() <= MAX_SCANNED && matching <= page.limit {
            let Some(row) = within(ANSWER, buckets.try_next()).await? else { break };
            let versions = read(vec![row])?.into_iter().flat_map(|bucket| bucket.versions);
            let own = versions.filter(|price| page.holds(&Reverse(price.version), Reverse));
            let mut own: Vec<Price> = own.collect();
            if page.direction == Direction::Forward {
                own.reverse();
            }
            matching = own.iter().filter(|it| filter.takes(it)).count().saturating_add(matching);
            looked_at.extend(own);
        }
        if page.direction == Direction::Backward {
            looked_at.reverse();
        }
        let newest_first = looked_at.into_iter().map(|price| (price.version, price));
        Ok(walk(newest_first, page, |price| filter.takes(price)))
    }

    /// The buckets that a page may need, in the order in which it is looked for.
    async fn price_buckets(
        &self,
        generation: &GenerationName,
        product: &str,
        page: &Page<u32>,
    ) -> Result<Cursor<PriceRow>, StoreError> {
        let newest = page.after.map_or(u32::MAX, |after| after.saturating_sub(1));
        let oldest = page.before.map_or(1, |before| before.saturating_add(1));
        let bucket = |version| id(&Key::Prices(product.to_owned(), version_bucket_of(version)));
        let range = doc! { "_id": { "$gte": bucket(oldest)?, "$lte": bucket(newest)? } };
        let way = match page.direction {
            Direction::Forward => -1,
            Direction::Backward => 1,
        };
        let rows = self.rows::<PriceRow>(generation);
        within(ANSWER, rows.find(range).sort(doc! { "_id": way }).batch_size(PRICE_BUCKETS)).await
    }

    pub(super) async fn sales_of(
        &self,
        generation: &GenerationName,
        products: &[String],
    ) -> Result<Vec<ProductSales>, StoreError> {
        if products.is_empty() {
            return Ok(Vec::new());
        }
        // `MongoDB` compares such keys field by field: each range holds all keys of one product.
        let ranges: Vec<Document> = products
            .iter()
            .map(|product| {
                let least = doc! { "product_id": product };
                let most = doc! { "product_id": product, "bucket": Bson::MaxKey };
                doc! { "_id": { "$gte": least, "$lt": most } }
            })
            .collect();
        let rows = self.rows::<ProductSalesRow>(generation);
        let find = async { rows.find(doc! { "$or": ranges }).await?.try_collect().await };
        read::<ProductSalesRow>(within(ANSWER, find).await?)
    }
}

fn bucket_id(customer: &str, bucket: u64) -> Result<Bson, StoreError> {
    id(&Key::Bucket(customer.to_owned(), bucket))
}

/// Ids as they stand in a filter.
pub(super) fn ids(ids: &[String]) -> Vec<Bson> {
    ids.iter().map(Bson::from).collect()
}

/// What each customer has to be looked at for.
pub(super) fn customers_matching(filter: &CustomerFilter) -> Vec<Document> {
    let name = filter.name.as_ref().map(|part| contains("$search_name", part));
    let address = filter.address.as_ref().map(|part| contains("$search_address", part));
    name.into_iter().chain(address).collect()
}

/// What each product has to be looked at for; its type is served by an index.
pub(super) fn products_matching(filter: &ProductFilter) -> Vec<Document> {
    let name = filter.name.as_ref().map(|part| contains("$search_name", part));
    let least = filter.min_price.map(|least| doc! { "search_price": { "$gte": least } });
    let most = filter.max_price.map(|most| doc! { "search_price": { "$lte": most } });
    name.into_iter().chain(least).chain(most).collect()
}

/// Exactly this part, whatever characters are in it: an expression needs no escapes, as a pattern would.
fn contains(field: &str, part: &str) -> Document {
    doc! { "$expr": { "$gte": [{ "$indexOfBytes": [field, { "$literal": part }] }, 0] } }
}

/// So many hold a page and the one after it, wherever in a bucket it begins.
fn buckets_for(limit: usize) -> i64 {
    let purchases = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let buckets = purchases.checked_div(PURCHASES_IN_BUCKET).unwrap_or_default();
    i64::try_from(buckets.saturating_add(2)).unwrap_or(i64::MAX)
}

fn page_of(mut lines: Vec<PurchaseLine>, page: &Page<u64>) -> PageResult<PurchaseLine, u64> {
    lines.sort_unstable_by_key(|line| Reverse(line.number));
    let more = lines.len() > page.limit;
    match page.direction {
        Direction::Forward => lines.truncate(page.limit),
        Direction::Backward => _ = lines.drain(..lines.len().saturating_sub(page.limit)),
    }
    PageResult { items: lines, stopped_at: None, more }
}
