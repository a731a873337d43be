//! The ports on this store.

use std::collections::BTreeMap;

use domain::PurchaseId;
use event_log::Partition;
use futures::{FutureExt, future::BoxFuture};
use mongodb::bson::doc;
use tokio::sync::watch;

use super::{
    MongoViews,
    read::{customers_matching, ids, products_matching},
    row::{CustomerRow, ProductRow},
    search::Search,
};
use crate::{
    Checkpoint, Commit, CommitError, Control, Customer, CustomerCursor, CustomerFilter, Document,
    FeedClaim, GenerationName, Key, Page, PageResult, Parked, Price, PriceFilter, Product,
    ProductCursor, ProductFilter, ProductSales, PurchaseLine, StoreError, ViewFeed, ViewReader,
};

impl ViewFeed for MongoViews {
    fn claim<'a>(
        &'a self,
        generation: &'a GenerationName,
        partition: Partition,
        instance: &'a str,
    ) -> BoxFuture<'a, Result<FeedClaim, StoreError>> {
        self.claim_partition(generation, partition, instance).boxed()
    }

    fn load<'a>(
        &'a self,
        generation: &'a GenerationName,
        keys: &'a [Key],
    ) -> BoxFuture<'a, Result<Vec<Document>, StoreError>> {
        self.load_documents(generation, keys).boxed()
    }

    fn commit<'a>(&'a self, commit: &'a Commit) -> BoxFuture<'a, Result<u64, CommitError>> {
        async move {
            let rev = self.commit_batch(commit).await?;
            self.commits.send_modify(|count| *count = count.wrapping_add(1));
            Ok(rev)
        }
        .boxed()
    }
}

impl ViewReader for MongoViews {
    fn control(&self) -> BoxFuture<'_, Result<Option<Control>, StoreError>> {
        async { Ok(self.stored_control().await?.filter(Control::is_built)) }.boxed()
    }

    fn checkpoints<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<BTreeMap<Partition, Checkpoint>, StoreError>> {
        self.read_checkpoints(generation).boxed()
    }

    fn commits(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    fn customers<'a>(
        &'a self,
        generation: &'a GenerationName,
        keys: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<Customer>, StoreError>> {
        self.by_ids::<CustomerRow>(generation, ids(keys)).boxed()
    }

    fn find_customers<'a>(
        &'a self,
        generation: &'a GenerationName,
        filter: &'a CustomerFilter,
        page: &'a Page<CustomerCursor>,
    ) -> BoxFuture<'a, Result<PageResult<Customer, CustomerCursor>, StoreError>> {
        let matching = customers_matching(filter);
        self.search(Search::<CustomerRow> { generation, within: None, matching, page }).boxed()
    }

    fn products<'a>(
        &'a self,
        generation: &'a GenerationName,
        keys: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<Product>, StoreError>> {
        self.by_ids::<ProductRow>(generation, ids(keys)).boxed()
    }

    fn find_products<'a>(
        &'a self,
        generation: &'a GenerationName,
        filter: &'a ProductFilter,
        page: &'a Page<ProductCursor>,
    ) -> BoxFuture<'a, Result<PageResult<Product, ProductCursor>, StoreError>> {
        let within = filter.product_type.as_ref().map(|exactly| doc! { "type": exactly });
        let matching = products_matching(filter);
        self.search(Search::<ProductRow> { generation, within, matching, page }).boxed()
    }

    fn purchases<'a>(
        &'a self,
        generation: &'a GenerationName,
        ids: &'a [PurchaseId],
    ) -> BoxFuture<'a, Result<Vec<(PurchaseId, PurchaseLine)>, StoreError>> {
        self.purchases_by_id(generation, ids).boxed()
    }

    fn find_purchases<'a>(
        &'a self,
        generation: &'a GenerationName,
        customer: &'a str,
        page: &'a Page<u64>,
    ) -> BoxFuture<'a, Result<PageResult<PurchaseLine, u64>, StoreError>> {
        self.purchases_of(generation, customer, page).boxed()
    }

    fn find_prices<'a>(
        &'a self,
        generation: &'a GenerationName,
        product: &'a str,
        filter: PriceFilter,
        page: &'a Page<u32>,
    ) -> BoxFuture<'a, Result<PageResult<Price, u32>, StoreError>> {
        self.prices_of(generation, product, filter, page).boxed()
    }

    fn product_sales<'a>(
        &'a self,
        generation: &'a GenerationName,
        products: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<ProductSales>, StoreError>> {
        self.sales_of(generation, products).boxed()
    }

    fn parked<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<Vec<Parked>, StoreError>> {
        self.parked_now(generation).boxed()
    }

    fn parked_in<'a>(
        &'a self,
        generation: &'a GenerationName,
        partition: Partition,
    ) -> BoxFuture<'a, Result<Vec<Parked>, StoreError>> {
        self.ever_parked_in(generation, partition).boxed()
    }
}
