//! The port: what Sklep needs of whatever keeps its views.

use std::{collections::BTreeMap, error::Error, fmt};

use domain::PurchaseId;
use event_log::Partition;
use futures::future::BoxFuture;
use tokio::sync::watch;

use crate::{
    Checkpoint, Control, Customer, CustomerCursor, CustomerFilter, Document, GenerationName, Key,
    Page, PageResult, Parked, Price, PriceFilter, Product, ProductCursor, ProductFilter,
    ProductSales, PurchaseLine, ViewBuild, ViewScan,
};

/// Why the views cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing is known to be wrong with the store; it may answer later.
    #[error("the views are unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// There is no control document: nobody may take its views as empty.
    #[error("the views have not been built yet")]
    NotBuilt,
    /// The generation was replaced and dropped while it was read: read control again.
    #[error("the generation is gone")]
    GenerationGone,
    /// The store is not one that Sklep may trust: says what is wrong and what to do.
    #[error("{0}")]
    Unfit(String),
}

/// Why a batch was not committed. After each, and after an unknown outcome: forget what is in memory, claim again.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Somebody else claimed the partition, or it is in another mode now.
    #[error("another feeder took over the partition")]
    Stale,
    /// A document is not as the fold left it, so that the generation can no longer be trusted.
    #[error("the generation is damaged: {0}")]
    Damaged(String),
    /// The store did not do it, or nobody knows whether it did.
    #[error("the views are unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

/// A partition of a generation as its newest feeder got it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedClaim {
    /// The checkpoint, under the claim's own `rev`.
    pub checkpoint: Checkpoint,
}

/// What becomes of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A document that the store does not have yet.
    Insert(Document),
    /// A document that the store has.
    Update {
        /// The document as it is to be.
        document: Document,
        /// How many purchases of a bucket the store has already; 0 for every other document.
        stored_purchases: usize,
    },
    /// A document that the store has and is to have no more: what was parked and has been taken in. Folds never
    /// remove anything.
    Remove(Key),
}

/// Documents and the checkpoint that belongs to them: all of it is stored, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Of which generation.
    pub generation: GenerationName,
    /// Which partition fed them.
    pub partition: Partition,
    /// The checkpoint as it is to be; its `rev` is the one that the feeder holds, and is raised by one.
    pub checkpoint: Checkpoint,
    /// The documents, each at most once.
    pub changes: Vec<Change>,
}

/// What the projector does with the views.
pub trait ViewFeed: Send + Sync + fmt::Debug + 'static {
    /// Becomes the newest feeder of the partition. `instance` says who, for people who read it.
    fn claim<'a>(
        &'a self,
        generation: &'a GenerationName,
        partition: Partition,
        instance: &'a str,
    ) -> BoxFuture<'a, Result<FeedClaim, StoreError>>;

    /// The documents of these keys that exist.
    fn load<'a>(
        &'a self,
        generation: &'a GenerationName,
        keys: &'a [Key],
    ) -> BoxFuture<'a, Result<Vec<Document>, StoreError>>;

    /// Stores documents and checkpoint in one transaction; answers with the checkpoint's new `rev`.
    fn commit<'a>(&'a self, commit: &'a Commit) -> BoxFuture<'a, Result<u64, CommitError>>;
}

/// What queries do with the views. Every call names the generation that the request reads.
pub trait ViewReader: Send + Sync + fmt::Debug + 'static {
    /// The control document as it is now; none when the views have not been built.
    fn control(&self) -> BoxFuture<'_, Result<Option<Control>, StoreError>>;

    /// How far the generation is in each partition.
    fn checkpoints<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<BTreeMap<Partition, Checkpoint>, StoreError>>;

    /// Changes with every commit of a feeder in this process, so that a waiting query need not poll for those.
    fn commits(&self) -> watch::Receiver<u64>;

    /// The customers of these ids that exist, in any order.
    fn customers<'a>(
        &'a self,
        generation: &'a GenerationName,
        ids: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<Customer>, StoreError>>;

    /// A page of the list of customers.
    fn find_customers<'a>(
        &'a self,
        generation: &'a GenerationName,
        filter: &'a CustomerFilter,
        page: &'a Page<CustomerCursor>,
    ) -> BoxFuture<'a, Result<PageResult<Customer, CustomerCursor>, StoreError>>;

    /// The products of these ids that exist, in any order.
    fn products<'a>(
        &'a self,
        generation: &'a GenerationName,
        ids: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<Product>, StoreError>>;

    /// A page of the list of products.
    fn find_products<'a>(
        &'a self,
        generation: &'a GenerationName,
        filter: &'a ProductFilter,
        page: &'a Page<ProductCursor>,
    ) -> BoxFuture<'a, Result<PageResult<Product, ProductCursor>, StoreError>>;

    /// The purchases of these ids that exist, in any order.
    fn purchases<'a>(
        &'a self,
        generation: &'a GenerationName,
        ids: &'a [PurchaseId],
    ) -> BoxFuture<'a, Result<Vec<(PurchaseId, PurchaseLine)>, StoreError>>;

    /// A page of one customer's purchases, newest first; the cursor is the purchase's number.
    fn find_purchases<'a>(
        &'a self,
        generation: &'a GenerationName,
        customer: &'a str,
        page: &'a Page<u64>,
    ) -> BoxFuture<'a, Result<PageResult<PurchaseLine, u64>, StoreError>>;

    /// A page of one product's prices, newest first; the cursor is the version.
    fn find_prices<'a>(
        &'a self,
        generation: &'a GenerationName,
        product: &'a str,
        filter: PriceFilter,
        page: &'a Page<u32>,
    ) -> BoxFuture<'a, Result<PageResult<Price, u32>, StoreError>>;

    /// All sales of these products at each version of their prices, in any order.
    fn product_sales<'a>(
        &'a self,
        generation: &'a GenerationName,
        products: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<ProductSales>, StoreError>>;

    /// The keys that are in quarantine now, by partition and key.
    fn parked<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<Vec<Parked>, StoreError>>;

    /// The keys of one partition that are or were in quarantine, by key: what a feeder must know that goes on there.
    fn parked_in<'a>(
        &'a self,
        generation: &'a GenerationName,
        partition: Partition,
    ) -> BoxFuture<'a, Result<Vec<Parked>, StoreError>>;
}

/// A store that can be fed, read, built anew and verified.
pub trait ViewStore: ViewFeed + ViewReader + ViewBuild + ViewScan {}

impl<Store: ViewFeed + ViewReader + ViewBuild + ViewScan> ViewStore for Store {}
