//! Views that count how often they are asked, and can be taken away.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use domain::PurchaseId;
use event_log::Partition;
use futures::{FutureExt, future::BoxFuture};
use tokio::sync::watch;
use views::{
    Checkpoint, Control, Customer, CustomerCursor, CustomerFilter, GenerationName, MemoryViews,
    Page, PageResult, Parked, Price, PriceFilter, Product, ProductCursor, ProductFilter,
    ProductSales, PurchaseLine, StoreError, ViewReader,
};

type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

#[derive(Debug)]
pub(crate) struct CountingViews {
    views: Arc<MemoryViews>,
    asked: AtomicUsize,
    away: AtomicBool,
    gone_once: AtomicBool,
    /// How many more questions are answered before the views are away.
    left: AtomicUsize,
}

impl CountingViews {
    pub(crate) fn of(views: Arc<MemoryViews>) -> Self {
        let (away, gone_once) = (AtomicBool::new(false), AtomicBool::new(false));
        let left = AtomicUsize::new(usize::MAX);
        Self { views, asked: AtomicUsize::new(0), away, gone_once, left }
    }

    /// How often documents were asked for since the last look.
    pub(crate) fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::Relaxed)
    }

    /// From now on every question fails, with a text that nobody outside may see.
    pub(crate) fn take_away(&self) {
        self.away.store(true, Ordering::Relaxed);
    }

    /// The same, after so many questions more.
    pub(crate) fn take_away_after(&self, questions: usize) {
        self.left.store(questions, Ordering::Relaxed);
    }

    /// The next question finds its generation dropped.
    pub(crate) fn drop_generation_once(&self) {
        self.gone_once.store(true, Ordering::Relaxed);
    }

    fn counted<'a, T: Send + 'a>(&'a self, answer: Answer<'a, T>) -> Answer<'a, T> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |it| it.checked_sub(1))
            .is_err()
        {
            self.take_away();
        }
        if self.gone_once.swap(false, Ordering::Relaxed) {
            return async { Err(StoreError::GenerationGone) }.boxed();
        }
        self.unless_away(answer)
    }

    fn unless_away<'a, T: Send + 'a>(&'a self, answer: Answer<'a, T>) -> Answer<'a, T> {
        if self.away.load(Ordering::Relaxed) {
            let secret = "mongodb://root:hunter2@10.0.0.7 refused";
            return async { Err(StoreError::Unavailable(secret.into())) }.boxed();
        }
        answer
    }
}

impl ViewReader for CountingViews {
    fn control(&self) -> Answer<'_, Option<Control>> {
        self.unless_away(self.views.control())
    }

    fn checkpoints<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> Answer<'a, BTreeMap<Partition, Checkpoint>> {
        self.unless_away(self.views.checkpoints(generation))
    }

    fn commits(&self) -> watch::Receiver<u64> {
        self.views.commits()
    }

    fn customers<'a>(
        &'a self,
        generation: &'a GenerationName,
        ids: &'a [String],
    ) -> Answer<'a, Vec<Customer>> {
        self.counted(self.views.customers(generation, ids))
    }

    fn find_customers<'a>(
        &'a self,
        generation: &'a GenerationName,
        filter: &'a CustomerFilter,
        page: &'a Page<CustomerCursor>,
    ) -> Answer<'a, PageResult<Customer, CustomerCursor>> {
        self.counted(self.views.find_customers(generation, filter, page))
    }

    fn products<'a>(
        &'a self,
        generation: &'a GenerationName,
        ids: &'a [String],
    ) -> Answer<'a, Vec<Product>> {
        self.counted(self.views.products(generation, ids))
    }

    fn find_products<'a>(
        &'a self,
        generation: &'a GenerationName,
        filter: &'a ProductFilter,
        page: &'a Page<ProductCursor>,
    ) -> Answer<'a, PageResult<Product, ProductCursor>> {
        self.counted(self.views.find_products(generation, filter, page))
    }

    fn purchases<'a>(
        &'a self,
        generation: &'a GenerationName,
        ids: &'a [PurchaseId],
    ) -> Answer<'a, Vec<(PurchaseId, PurchaseLine)>> {
        self.counted(self.views.purchases(generation, ids))
    }

    fn find_purchases<'a>(
        &'a self,
        generation: &'a GenerationName,
        customer: &'a str,
        page: &'a Page<u64>,
    ) -> Answer<'a, PageResult<PurchaseLine, u64>> {
        self.counted(self.views.find_purchases(generation, customer, page))
    }

    fn find_prices<'a>(
        &'a self,
        generation: &'a GenerationName,
        product: &'a str,
        filter: PriceFilter,
        page: &'a Page<u32>,
    ) -> Answer<'a, PageResult<Price, u32>> {
        self.counted(self.views.find_prices(generation, product, filter, page))
    }

    fn product_sales<'a>(
        &'a self,
        generation: &'a GenerationName,
        products: &'a [String],
    ) -> Answer<'a, Vec<ProductSales>> {
        self.counted(self.views.product_sales(generation, products))
    }

    fn parked<'a>(&'a self, generation: &'a GenerationName) -> Answer<'a, Vec<Parked>> {
        self.counted(self.views.parked(generation))
    }

    fn parked_in<'a>(
        &'a self,
        generation: &'a GenerationName,
        partition: Partition,
    ) -> Answer<'a, Vec<Parked>> {
        self.counted(self.views.parked_in(generation, partition))
    }
}
