//! The catalogue: each product's newest counted price, from all partitions.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, PoisonError, RwLock},
};

use domain::{AggregateId, Event, Offer, ProductId};
use event_log::{
    Content, EventLog, Feed, LogError, LogIdentity, Offset, Partition, Place, Position,
    StoredRecord,
    codec::{self, Kind},
    partition_of,
};
use futures::future::try_join_all;
use tokio::sync::watch;

/// What is on sale, as far as this instance has read.
#[derive(Debug)]
pub(crate) struct Catalogue {
    identity: LogIdentity,
    /// One shelf for each partition, so that reading one price hardly ever waits.
    shelves: Vec<Shelf>,
    /// Whether everything was read once that the log had at one moment since the start.
    loaded: watch::Sender<bool>,
}

#[derive(Debug)]
struct Shelf {
    // A `std::sync::RwLock`, not Tokio's: nothing is awaited while it is held.
    products: RwLock<BTreeMap<ProductId, Listing>>,
    seen: watch::Sender<Offset>,
}

/// What the catalogue says of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Listing {
    /// It is on sale, by the price that stands at this place.
    OnSale(Offer, Place),
    /// Its newest price cannot be read.
    Unreadable,
}

impl Catalogue {
    pub(crate) fn new(identity: LogIdentity) -> Self {
        let shelf = |_| Shelf { products: RwLock::default(), seen: watch::Sender::new(0) };
        let shelves = Partition::all(identity.partitions).map(shelf).collect();
        Self { identity, shelves, loaded: watch::Sender::new(false) }
    }

    /// Takes in what the follower hands over, until it stops.
    pub(crate) async fn follow(self: Arc<Self>, mut feed: Feed) {
        while let Some(batch) = feed.recv().await {
            if let Some(shelf) = self.shelf(batch.partition) {
                batch.counted().for_each(|stored| shelf.take(batch.partition, stored));
                shelf.seen.send_replace(batch.end());
            }
        }
    }

    /// The newest listing of a product; none when no price of it was read.
    pub(crate) fn find(&self, product: &ProductId) -> Option<Listing> {
        let products = &self.shelf(self.partition_of(product))?.products;
        products.read().unwrap_or_else(PoisonError::into_inner).get(product).cloned()
    }

    /// The partition in which the product's prices stand.
    pub(crate) fn partition_of(&self, id: &ProductId) -> Partition {
        partition_of(id.as_str().as_bytes(), self.identity.partitions)
    }

    /// How far the log was read.
    pub(crate) fn position(&self) -> Position {
        let mut position = Position::start(self.identity.id);
        for (partition, shelf) in Partition::all(self.identity.partitions).zip(&self.shelves) {
            position.see(partition, *shelf.seen.borrow());
        }
        position
    }

    /// Waits until so many records of the partition were read; for ever, when the log is no longer followed.
    pub(crate) async fn reached(&self, partition: Partition, end: Offset) {
        if let Some(shelf) = self.shelf(partition) {
            // The sender lives as long as the shelf.
            _ = shelf.seen.subscribe().wait_for(|seen| *seen >= end).await;
        }
    }

    /// Reads the partition to the end that it has now.
    pub(crate) async fn catch_up(
        &self,
        log: &dyn EventLog,
        partition: Partition,
    ) -> Result<(), LogError> {
        let end = log.end(partition).await?;
        self.reached(partition, end).await;
        Ok(())
    }

    /// Reads every partition to the end that it has now.
    pub(crate) async fn catch_up_all(&self, log: &dyn EventLog) -> Result<(), LogError> {
        let partitions = Partition::all(self.identity.partitions);
        try_join_all(partitions.map(|partition| self.catch_up(log, partition))).await?;
        self.loaded.send_if_modified(|loaded| !mem::replace(loaded, true));
        Ok(())
    }

    /// Whether its prices can be used: it is not still being read for the first time.
    pub(crate) fn is_loaded(&self) -> bool {
        *self.loaded.borrow()
    }

    /// Waits until its prices can be used.
    pub(crate) async fn loaded(&self) {
        // The sender lives as long as the catalogue.
        _ = self.loaded.subscribe().wait_for(|loaded| *loaded).await;
    }

    fn shelf(&self, partition: Partition) -> Option<&Shelf> {
        self.shelves.get(usize::from(partition.0))
    }
}

impl Shelf {
    fn take(&self, partition: Partition, stored: &StoredRecord) {
        let Some((id, listing)) = listing(partition, stored) else { return };
        self.products.write().unwrap_or_else(PoisonError::into_inner).insert(id, listing);
    }
}

/// What a counted record says about a product, if it is about one.
fn listing(partition: Partition, stored: &StoredRecord) -> Option<(ProductId, Listing)> {
    if codec::kind(&stored.record) != Some(Kind::ProductPriced) {
        return None;
    }
    match codec::decode(&stored.record).map(|envelope| envelope.content) {
        Ok(Content::Event(Event::ProductPriced(priced))) => {
            let place = Place { partition, offset: stored.offset };
            Some((priced.product_id.clone(), Listing::OnSale(Offer::from(&priced), place)))
        }
        Ok(_) | Err(_) => match codec::aggregate(&stored.record) {
            Some(AggregateId::Product(id)) => Some((id, Listing::Unreadable)),
            Some(AggregateId::Customer(_)) | None => None,
        },
    }
}
