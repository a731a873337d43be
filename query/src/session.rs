//! One request's view of the views.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use domain::PurchaseId;
use event_log::{LogId, Position};
use futures::future::BoxFuture;
use tokio::{
    sync::{OnceCell, Semaphore},
    time::{Instant, timeout_at},
};
use views::{
    Customer, CustomerCursor, CustomerFilter, GenerationName, MAX_SCANNED, Page, PageResult,
    Parked, Price, PriceFilter, Product, ProductCursor, ProductFilter, ProductSales, PurchaseLine,
    READ_LEASE, StoreError, ViewReader,
};

use crate::{
    Budget, EventsPage, EventsQuery, Failure, Projection, control::Live, events, projection,
    queries::Sources,
};

/// One request's view of the views: everything it reads is of one generation.
#[derive(Debug)]
pub struct ReadSession {
    sources: Arc<Sources>,
    /// Pinned by the first read, so that a request that reads no view waits for none.
    live: OnceCell<Result<Live, Failure>>,
    deadline: Instant,
    moved: AtomicBool,
    budget: Arc<Budget>,
    /// Whose turn it is to read the log; one page at a time, so that a request for a thousand does not take all threads that
    /// read.
    turn: Semaphore,
}

impl ReadSession {
    pub(crate) fn new(sources: Arc<Sources>, deadline: Instant, budget: Arc<Budget>) -> Self {
        let (moved, turn) = (AtomicBool::new(false), Semaphore::new(1));
        Self { sources, live: OnceCell::new(), deadline, moved, budget, turn }
    }

    /// What the request may still cost.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// A page of what happened, from the log.
    pub async fn events(&self, wish: &EventsQuery) -> Result<EventsPage, Failure> {
        // The semaphore is never closed; without a turn the read would only be one too many.
        let _turn = self.turn.acquire().await;
        events::page(&self.sources, wish, &self.budget).await
    }

    /// Whether what was read may be answered: the generation was there all the time.
    pub(crate) fn holds(&self) -> bool {
        let leased = |live: &Live| live.polled.elapsed() < READ_LEASE;
        let pinned = self.live.get().and_then(|live| live.as_ref().ok());
        pinned.is_none_or(leased) && !self.moved.load(Ordering::Relaxed)
    }

    /// Which log the views are of.
    pub async fn log(&self) -> Result<LogId, Failure> {
        Ok(self.live().await?.control.log)
    }

    /// Waits until the views have taken in everything that `position` has seen.
    pub async fn at_least(&self, position: &Position) -> Result<(), Failure> {
        let live = self.live().await?.fit()?;
        let partitions = self.sources.log.partitions();
        let is_known = position.iter().all(|(partition, _)| partition.0 < partitions);
        if position.log() != live.control.log || !is_known {
            return Err(Failure::BadPosition);
        }
        let Sources { progress, pointer, .. } = &*self.sources;
        match timeout_at(self.deadline, progress.reach(live, pointer, position)).await {
            Ok(reached) => reached.map_err(|failure| self.noted(failure)),
            Err(_elapsed) => Err(Failure::StaleRead { seen: progress.known(live) }),
        }
    }

    /// The customers of these ids that exist, in any order.
    pub async fn customers(&self, ids: &[String]) -> Result<Vec<Customer>, Failure> {
        self.budget.look_at(ids.len())?;
        self.ask(|views, generation| views.customers(generation, ids)).await
    }

    /// A page of the list of customers.
    pub async fn find_customers(
        &self,
        filter: &CustomerFilter,
        page: &Page<CustomerCursor>,
    ) -> Result<PageResult<Customer, CustomerCursor>, Failure> {
        self.budget.look_at(page_of(page, *filter != CustomerFilter::default()))?;
        self.ask(|views, generation| views.find_customers(generation, filter, page)).await
    }

    /// The products of these ids that exist, in any order.
    pub async fn products(&self, ids: &[String]) -> Result<Vec<Product>, Failure> {
        self.budget.look_at(ids.len())?;
        self.ask(|views, generation| views.products(generation, ids)).await
    }

    /// A page of the list of products.
    pub async fn find_products(
        &self,
        filter: &ProductFilter,
        page: &Page<ProductCursor>,
    ) -> Result<PageResult<Product, ProductCursor>, Failure> {
        self.budget.look_at(page_of(page, *filter != ProductFilter::default()))?;
        self.ask(|views, generation| views.find_products(generation, filter, page)).await
    }

    /// The purchases of these ids that exist, in any order.
    pub async fn purchases(
        &self,
        ids: &[PurchaseId],
    ) -> Result<Vec<(PurchaseId, PurchaseLine)>, Failure> {
        self.budget.look_at(ids.len())?;
        self.ask(|views, generation| views.purchases(generation, ids)).await
    }

    /// A page of one customer's purchases, newest first; the cursor is the purchase's number.
    pub async fn find_purchases(
        &self,
        customer: &str,
        page: &Page<u64>,
    ) -> Result<PageResult<PurchaseLine, u64>, Failure> {
        self.budget.look_at(page_of(page, false))?;
        self.ask(|views, generation| views.find_purchases(generation, customer, page)).await
    }

    /// A page of one product's prices, newest first; the cursor is the version.
    pub async fn find_prices(
        &self,
        product: &str,
        filter: PriceFilter,
        page: &Page<u32>,
    ) -> Result<PageResult<Price, u32>, Failure> {
        self.budget.look_at(page_of(page, filter != PriceFilter::default()))?;
        self.ask(|views, generation| views.find_prices(generation, product, filter, page)).await
    }

    /// All sales of these products at each version of their prices, in any order.
    pub async fn product_sales(&self, products: &[String]) -> Result<Vec<ProductSales>, Failure> {
        self.budget.look_at(products.len())?;
        let found = self.ask(|views, generation| views.product_sales(generation, products)).await?;
        // How many prices a product has had is known only now.
        self.budget.look_at(found.iter().map(|sales| sales.prices.len()).sum())?;
        Ok(found)
    }

    /// The keys that are in quarantine, by partition and key.
    pub async fn parked(&self) -> Result<Vec<Parked>, Failure> {
        let found = self.ask(|views, generation| views.parked(generation)).await?;
        self.budget.look_at(found.len())?;
        Ok(found)
    }

    /// How far each view is.
    pub async fn projections(&self) -> Result<Vec<Projection>, Failure> {
        self.budget.look_at(usize::from(self.sources.log.partitions()))?;
        let all = projection::all(&self.sources, self.live().await?).await;
        all.map_err(|failure| self.noted(failure))
    }

    async fn ask<'a, T>(
        &'a self,
        question: impl FnOnce(
            &'a dyn ViewReader,
            &'a GenerationName,
        ) -> BoxFuture<'a, Result<T, StoreError>>,
    ) -> Result<T, Failure> {
        let generation = self.live().await?.fit()?.generation();
        let answer = question(&*self.sources.views, generation).await;
        answer.map_err(|error| self.noted(error.into()))
    }

    async fn live(&self) -> Result<&Live, Failure> {
        let live = self.live.get_or_init(|| self.sources.pointer.live()).await;
        live.as_ref().map_err(Clone::clone)
    }

    fn noted(&self, failure: Failure) -> Failure {
        if matches!(failure, Failure::Moved) {
            self.moved.store(true, Ordering::Relaxed);
        }
        failure
    }
}

/// How many documents a page looks at: its own and whether there is one more, and with a filter up to as many as a search may. Not
/// every store can say how many it did.
fn page_of<Cursor>(page: &Page<Cursor>, is_filtered: bool) -> usize {
    let own = page.limit.saturating_add(1);
    if is_filtered { own.saturating_add(MAX_SCANNED) } else { own }
}
