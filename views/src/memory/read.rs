//! How the views in memory are read.

use std::{cmp::Reverse, collections::BTreeMap};

use domain::PurchaseId;
use event_log::Partition;
use futures::{
    FutureExt,
    future::{BoxFuture, ready},
};
use tokio::sync::watch;

use super::{GenerationViews, MemoryViews};
use crate::{
    Checkpoint, Control, Customer, CustomerCursor, CustomerFilter, Document, GenerationName, Key,
    Page, PageResult, Parked, Price, PriceFilter, Product, ProductCursor, ProductFilter,
    ProductSales, PurchaseLine, StoreError, ViewReader, bucket_of,
    pagination::{bounds, empty, walk},
};

impl MemoryViews {
    fn look<'a, T: Send + 'a>(
        &self,
        name: &GenerationName,
        look: impl FnOnce(&GenerationViews) -> T,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        let state = self.read();
        let seen = state.generation(name).map(look);
        drop(state);
        ready(seen).boxed()
    }
}

impl ViewReader for MemoryViews {
    fn control(&self) -> BoxFuture<'_, Result<Option<Control>, StoreError>> {
        ready(Ok(self.read().control.clone().filter(Control::is_built))).boxed()
    }

    fn checkpoints<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<BTreeMap<Partition, Checkpoint>, StoreError>> {
        self.look(generation, |generation| generation.checkpoints.clone())
    }

    fn commits(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    fn customers<'a>(
        &'a self,
        generation: &'a GenerationName,
        ids: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<Customer>, StoreError>> {
        self.look(generation, |generation| {
            ids.iter().filter_map(|id| generation.customer(id)).cloned().collect()
        })
    }

    fn find_customers<'a>(
        &'a self,
        generation: &'a GenerationName,
        filter: &'a CustomerFilter,
        page: &'a Page<CustomerCursor>,
    ) -> BoxFuture<'a, Result<PageResult<Customer, CustomerCursor>, StoreError>> {
        self.look(generation, |generation| generation.find_customers(filter, page))
    }

    fn products<'a>(
        &'a self,
        generation: &'a GenerationName,
        ids: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<Product>, StoreError>> {
        self.look(generation, |generation| {
            ids.iter().filter_map(|id| generation.product(id)).cloned().collect()
        })
    }

    fn find_products<'a>(
        &'a self,
        generation: &'a GenerationName,
        filter: &'a ProductFilter,
        page: &'a Page<ProductCursor>,
    ) -> BoxFuture<'a, Result<PageResult<Product, ProductCursor>, StoreError>> {
        self.look(generation, |generation| generation.find_products(filter, page))
    }

    fn purchases<'a>(
        &'a self,
        generation: &'a GenerationName,
        ids: &'a [PurchaseId],
    ) -> BoxFuture<'a, Result<Vec<(PurchaseId, PurchaseLine)>, StoreError>> {
        self.look(generation, |generation| {
            ids.iter()
                .filter_map(|id| Some((id.clone(), generation.purchase(id)?.clone())))
                .collect()
        })
    }

    fn find_purchases<'a>(
        &'a self,
        generation: &'a GenerationName,
        customer: &'a str,
        page: &'a Page<u64>,
    ) -> BoxFuture<'a, Result<PageResult<PurchaseLine, u64>, StoreError>> {
        self.look(generation, |generation| generation.find_purchases(customer, page))
    }

    fn find_prices<'a>(
        &'a self,
        generation: &'a GenerationName,
        product: &'a str,
        filter: PriceFilter,
        page: &'a Page<u32>,
    ) -> BoxFuture<'a, Result<PageResult<Price, u32>, StoreError>> {
        self.look(generation, |generation| generation.find_prices(product, filter, page))
    }

    fn product_sales<'a>(
        &'a self,
        generation: &'a GenerationName,
        products: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<ProductSales>, StoreError>> {
        self.look(generation, |generation| {
            products.iter().flat_map(|product| generation.sales_of(product)).cloned().collect()
        })
    }

    fn parked<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<Vec<Parked>, StoreError>> {
        self.look(generation, GenerationViews::parked)
    }

    fn parked_in<'a>(
        &'a self,
        generation: &'a GenerationName,
        partition: Partition,
    ) -> BoxFuture<'a, Result<Vec<Parked>, StoreError>> {
        self.look(generation, |generation| generation.parked_in(partition))
    }
}

impl GenerationViews {
    fn customer(&self, id: &str) -> Option<&Customer> {
        match self.documents.get(&Key::Customer(id.to_owned()))? {
            Document::Customer(customer) => Some(customer),
            Document::Bucket(_)
            | Document::Product(_)
            | Document::Prices(_)
            | Document::ProductSales(_)
            | Document::DaySales(_)
            | Document::Parked(_)
            | Document::Queue(_) => None,
        }
    }

    fn product(&self, id: &str) -> Option<&Product> {
        match self.documents.get(&Key::Product(id.to_owned()))? {
            Document::Product(product) => Some(product),
            Document::Customer(_)
            | Document::Bucket(_)
            | Document::Prices(_)
            | Document::ProductSales(_)
            | Document::DaySales(_)
            | Document::Parked(_)
            | Document::Queue(_) => None,
        }
    }

    fn purchase(&self, id: &PurchaseId) -> Option<&PurchaseLine> {
        let key = Key::Bucket(id.customer.to_string(), bucket_of(id.number)?);
        lines(self.documents.get(&key)?).iter().find(|line| line.number == id.number)
    }

    fn find_customers(
        &self,
        filter: &CustomerFilter,
        page: &Page<CustomerCursor>,
    ) -> PageResult<Customer, CustomerCursor> {
        let range = (!empty(page)).then(|| self.customers.range(bounds(page)));
        let candidates = range.into_iter().flatten();
        let found = walk(
            candidates.filter_map(|cursor| Some((cursor.clone(), self.customer(&cursor.id)?))),
            page,
            |customer| filter.takes(customer),
        );
        found.cloned()
    }

    fn find_products(
        &self,
        filter: &ProductFilter,
        page: &Page<ProductCursor>,
    ) -> PageResult<Product, ProductCursor> {
        let range = (!empty(page)).then(|| self.products.range(bounds(page)));
        let candidates = range.into_iter().flatten();
        let found = walk(
            candidates
                .filter_map(|cursor| Some((cursor.clone(), self.product(&cursor.id)?)))
                .filter(|(_, product)| filter.takes_type(product)),
            page,
            |product| filter.takes(product),
        );
        found.cloned()
    }

    fn find_purchases(&self, customer: &str, page: &Page<u64>) -> PageResult<PurchaseLine, u64> {
        let bucket = |number| Key::Bucket(customer.to_owned(), number);
        let newest = page.after.and_then(bucket_of).unwrap_or(u64::MAX);
        let newest_first = self
            .documents
            .in_bundle(bucket(0), bucket(newest))
            .rev()
            .flat_map(|document| lines(document).iter().rev())
            .filter(|line| page.holds(&Reverse(line.number), Reverse))
            .map(|line| (line.number, line));
        walk(newest_first, page, |_| true).cloned()
    }

    fn find_prices(
        &self,
        product: &str,
        filter: PriceFilter,
        page: &Page<u32>,
    ) -> PageResult<Price, u32> {
        let key = |bucket| Key::Prices(product.to_owned(), bucket);
        let newest_first = self
            .documents
            .in_bundle(key(0), key(u32::MAX))
            .rev()
            .flat_map(|bucket| versions(bucket).iter().rev())
            .filter(|price| page.holds(&Reverse(price.version), Reverse))
            .map(|price| (price.version, price));
        walk(newest_first, page, |price| filter.takes(price)).cloned()
    }

    fn sales_of(&self, product: &str) -> impl Iterator<Item = &ProductSales> {
        let key = |bucket, partition| Key::ProductSales(product.to_owned(), bucket, partition);
        self.documents
            .in_bundle(key(0, Partition(0)), key(u32::MAX, Partition(u16::MAX)))
            .filter_map(product_sales)
    }
}

fn lines(document: &Document) -> &[PurchaseLine] {
    match document {
        Document::Bucket(bucket) => &bucket.purchases,
        Document::Customer(_)
        | Document::Product(_)
        | Document::Prices(_)
        | Document::ProductSales(_)
        | Document::DaySales(_)
        | Document::Parked(_)
        | Document::Queue(_) => &[],
    }
}

fn versions(document: &Document) -> &[Price] {
    match document {
        Document::Prices(bucket) => &bucket.versions,
        Document::Customer(_)
        | Document::Bucket(_)
        | Document::Product(_)
        | Document::ProductSales(_)
        | Document::DaySales(_)
        | Document::Parked(_)
        | Document::Queue(_) => &[],
    }
}

fn product_sales(document: &Document) -> Option<&ProductSales> {
    match document {
        Document::ProductSales(sales) => Some(sales),
        Document::Customer(_)
        | Document::Bucket(_)
        | Document::Product(_)
        | Document::Prices(_)
        | Document::DaySales(_)
        | Document::Parked(_)
        | Document::Queue(_) => None,
    }
}
