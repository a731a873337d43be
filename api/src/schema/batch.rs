//! Batching within one request: what its resolvers ask for in one round is read by one call.
//!
//! async-graphql's `DataLoader` waits 1 ms for a batch to fill, and reads it in a task of its own, which a busy
//! runtime may start before the batch is full. Here a batch is read by the request's own task once every resolver
//! waits: without delay, and always whole.

use std::{
    collections::HashMap,
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use futures::{
    StreamExt,
    channel::mpsc::{UnboundedReceiver, unbounded},
    future::{BoxFuture, poll_fn},
    stream::FuturesUnordered,
};
use query::{Customer, Failure, Product, ProductSales, ReadSession};

/// What the resolvers of one request load by key; nothing is read twice.
pub(crate) type Batches = DataLoader<Loaders, HashMapCache>;

/// Batches that are to be read. At most one for each kind of key at a time, so that it needs no bound.
pub(crate) type BatchQueue = UnboundedReceiver<BoxFuture<'static, ()>>;

/// The batches of a request that reads through this reading.
pub(crate) fn batches(reading: Arc<ReadSession>) -> (Batches, BatchQueue) {
    let (sender, pending) = unbounded();
    // When the request is gone, nobody waits for the batch either.
    let spawn = move |batch| drop(sender.unbounded_send(batch));
    let batches = DataLoader::with_cache(Loaders(reading), spawn, HashMapCache::default());
    (batches.delay(Duration::ZERO), pending)
}

/// Runs a request whose batches come from `pending`.
pub(crate) async fn run_batched<T>(request: impl Future<Output = T>, mut pending: BatchQueue) -> T {
    let mut request = pin!(request);
    let mut reading = FuturesUnordered::new();
    poll_fn(|cx| {
        loop {
            let watch =
                Arc::new(LoadWatch { outer: cx.waker().clone(), woken: AtomicBool::new(false) });
            let waker = Waker::from(Arc::clone(&watch));
            if let Poll::Ready(answer) = request.as_mut().poll(&mut Context::from_waker(&waker)) {
                return Poll::Ready(answer);
            }
            // A long list gives way in the middle and wakes itself: not every resolver has been asked then.
            if watch.woken.load(Ordering::Relaxed) {
                return Poll::Pending;
            }
            while let Ok(batch) = pending.try_recv() {
                reading.push(batch);
            }
            match reading.poll_next_unpin(cx) {
                Poll::Ready(Some(())) => {}
                Poll::Ready(None) | Poll::Pending => return Poll::Pending,
            }
        }
    })
    .await
}

/// Passes a wake on and notes that there was one.
struct LoadWatch {
    outer: Waker,
    woken: AtomicBool,
}

impl Wake for LoadWatch {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::Relaxed);
        self.outer.wake_by_ref();
    }
}

/// Reads what is asked for by key. What does not exist is remembered too.
pub(crate) struct Loaders(Arc<ReadSession>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct CustomerKey(pub(super) String);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ProductKey(pub(super) String);

/// The sales of a product.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct SalesKey(pub(super) String);

impl Loader<CustomerKey> for Loaders {
    type Value = Option<Arc<Customer>>;
    type Error = Failure;

    async fn load(
        &self,
        keys: &[CustomerKey],
    ) -> Result<HashMap<CustomerKey, Self::Value>, Failure> {
        let ids: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let found = self.0.customers(&ids).await?;
        let found = found.into_iter().map(|it| (CustomerKey(it.id.clone()), Some(Arc::new(it))));
        Ok(keys.iter().map(|key| (key.clone(), None)).chain(found).collect())
    }
}

impl Loader<ProductKey> for Loaders {
    type Value = Option<Arc<Product>>;
    type Error = Failure;

    async fn load(&self, keys: &[ProductKey]) -> Result<HashMap<ProductKey, Self::Value>, Failure> {
        let ids: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let found = self.0.products(&ids).await?;
        let found = found.into_iter().map(|it| (ProductKey(it.id.clone()), Some(Arc::new(it))));
        Ok(keys.iter().map(|key| (key.clone(), None)).chain(found).collect())
    }
}

impl Loader<SalesKey> for Loaders {
    type Value = Vec<ProductSales>;
    type Error = Failure;

    async fn load(&self, keys: &[SalesKey]) -> Result<HashMap<SalesKey, Self::Value>, Failure> {
        let ids: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let mut sales: HashMap<_, _> = keys.iter().map(|key| (key.clone(), Vec::new())).collect();
        for found in self.0.product_sales(&ids).await? {
            sales.entry(SalesKey(found.product_id.clone())).or_default().push(found);
        }
        Ok(sales)
    }
}
