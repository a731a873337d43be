//! What queries ask.

use std::{collections::BTreeMap, sync::Arc};

use domain::PurchaseId;
use event_log::Partition;
use futures::{
    FutureExt,
    future::{BoxFuture, ready},
};
use tokio::sync::watch;
use views::{
    Checkpoint, Control, Customer, CustomerCursor, CustomerFilter, Document, GenerationName, Key,
    Page, PageResult, Parked, Price, PriceFilter, Product, ProductCursor, ProductFilter,
    ProductSales, PurchaseLine, Snapshot, StoreError, ViewBuild, ViewReader, ViewScan,
};

use super::not_asked;
use crate::views_simulation::simulated_store::SimulatedStore;

impl ViewReader for SimulatedStore {
    fn control(&self) -> BoxFuture<'_, Result<Option<Control>, StoreError>> {
        async move { Ok(self.find_control().await?.filter(Control::is_built)) }.boxed()
    }

    fn checkpoints<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<BTreeMap<Partition, Checkpoint>, StoreError>> {
        let (name, process) = (generation.clone(), self.process.name.clone());
        async move {
            self.ask(
                || format!("checkpoints of {generation}"),
                move |inner| {
                    inner.looked(&process, &name);
                    inner.database.checkpoints.get(&name).cloned().unwrap_or_default()
                },
            )
            .await
        }
        .boxed()
    }

    fn commits(&self) -> watch::Receiver<u64> {
        self.process.commits.subscribe()
    }

    fn customers<'a>(
        &'a self,
        generation: &'a GenerationName,
        ids: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<Customer>, StoreError>> {
        let keys = ids.iter().cloned().map(Key::Customer).collect();
        self.find(generation, keys, |document| {
            if let Document::Customer(it) = document { Some(it) } else { None }
        })
    }

    fn products<'a>(
        &'a self,
        generation: &'a GenerationName,
        ids: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<Product>, StoreError>> {
        let keys = ids.iter().cloned().map(Key::Product).collect();
        self.find(generation, keys, |document| {
            if let Document::Product(it) = document { Some(it) } else { None }
        })
    }

    fn product_sales<'a>(
        &'a self,
        generation: &'a GenerationName,
        products: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<ProductSales>, StoreError>> {
        let keys = self.world.with(|inner| {
            let wanted = |key: &Key| {
                matches!(key, Key::ProductSales(product, _, _) if products.contains(product))
            };
            inner.truth.keys().map(|(key, _)| key).filter(|key| wanted(key)).cloned().collect()
        });
        self.find(generation, keys, |document| {
            if let Document::ProductSales(it) = document { Some(it) } else { None }
        })
    }

    fn parked<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<Vec<Parked>, StoreError>> {
        self.find_parked(generation, None)
    }

    fn parked_in<'a>(
        &'a self,
        generation: &'a GenerationName,
        partition: Partition,
    ) -> BoxFuture<'a, Result<Vec<Parked>, StoreError>> {
        self.find_parked(generation, Some(partition))
    }

    fn find_customers<'a>(
        &'a self,
        _generation: &'a GenerationName,
        _filter: &'a CustomerFilter,
        _page: &'a Page<CustomerCursor>,
    ) -> BoxFuture<'a, Result<PageResult<Customer, CustomerCursor>, StoreError>> {
        ready(Err(not_asked())).boxed()
    }

    fn find_products<'a>(
        &'a self,
        _generation: &'a GenerationName,
        _filter: &'a ProductFilter,
        _page: &'a Page<ProductCursor>,
    ) -> BoxFuture<'a, Result<PageResult<Product, ProductCursor>, StoreError>> {
        ready(Err(not_asked())).boxed()
    }

    fn purchases<'a>(
        &'a self,
        _generation: &'a GenerationName,
        _ids: &'a [PurchaseId],
    ) -> BoxFuture<'a, Result<Vec<(PurchaseId, PurchaseLine)>, StoreError>> {
        ready(Err(not_asked())).boxed()
    }

    fn find_purchases<'a>(
        &'a self,
        _generation: &'a GenerationName,
        _customer: &'a str,
        _page: &'a Page<u64>,
    ) -> BoxFuture<'a, Result<PageResult<PurchaseLine, u64>, StoreError>> {
        ready(Err(not_asked())).boxed()
    }

    fn find_prices<'a>(
        &'a self,
        _generation: &'a GenerationName,
        _product: &'a str,
        _filter: PriceFilter,
        _page: &'a Page<u32>,
    ) -> BoxFuture<'a, Result<PageResult<Price, u32>, StoreError>> {
        ready(Err(not_asked())).boxed()
    }
}

impl ViewScan for SimulatedStore {
    fn moment<'a>(
        &'a self,
        _generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<Arc<dyn Snapshot>, StoreError>> {
        ready(Err(not_asked())).boxed()
    }
}

impl SimulatedStore {
    fn find_parked<'a>(
        &'a self,
        generation: &'a GenerationName,
        within: Option<Partition>,
    ) -> BoxFuture<'a, Result<Vec<Parked>, StoreError>> {
        let name = generation.clone();
        async move {
            self.ask(
                || format!("parked of {generation}"),
                move |inner| {
                    let parked = inner.database.documents(&name).filter_map(|it| {
                        if let Document::Parked(it) = it { Some(it) } else { None }
                    });
                    let wanted = |it: &&Parked| within.is_none_or(|within| it.partition == within);
                    parked.filter(wanted).cloned().collect()
                },
            )
            .await
        }
        .boxed()
    }

    /// Documents by key, which the auditor compares with what they must be.
    fn find<'a, T: Send + 'static>(
        &'a self,
        generation: &'a GenerationName,
        keys: Vec<Key>,
        take: fn(Document) -> Option<T>,
    ) -> BoxFuture<'a, Result<Vec<T>, StoreError>> {
        let name = generation.clone();
        async move {
            let count = keys.len();
            let found = self.ask(
                || format!("find {count} of {generation}"),
                move |inner| {
                    let documents = keys.iter().filter_map(|it| inner.database.document(&name, it));
                    (inner.read(&name, &keys), documents.cloned().filter_map(take).collect())
                },
            );
            let (read, documents) = found.await?;
            // Only what is heard is answered.
            let process = self.process.name.clone();
            self.world.with(|inner| inner.audit.reads.entry(process).or_default().push(read));
            Ok(documents)
        }
        .boxed()
    }
}
