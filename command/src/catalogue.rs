//! The catalogue: each product's newest counted price, from all partitions.

mod partition_prices;

use std::{mem, sync::Arc, time::Duration};

use domain::{Offer, ProductId};
use event_log::{
    EventLog, LogError, LogIdentity, Offset, Partition, Position, RecordId, Subscription,
    partition_of,
};
use futures::future::try_join_all;
use tokio::{sync::watch, time::sleep};

use self::partition_prices::{PartitionPrices, concerns};
use crate::quarantine::history;

/// How long to wait before a log that is unavailable is asked again.
const AGAIN: Duration = Duration::from_millis(200);

/// What is on sale, as far as this instance has read.
#[derive(Debug)]
pub(crate) struct Catalogue {
    identity: LogIdentity,
    /// One shelf for each partition, so that reading one price hardly ever waits.
    shelves: Vec<PartitionPrices>,
    /// Whether everything was read once that the log had at one moment since the start.
    loaded: watch::Sender<bool>,
}

/// What the catalogue says of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// It is on sale, by the price that stands at this place.
    OnSale(Offer, RecordId),
    /// An event that cannot be taken in holds it up.
    Parked,
}

impl Catalogue {
    pub(crate) fn new(identity: LogIdentity) -> Self {
        let currency = identity.settings.currency;
        let shelves = Partition::all(identity.partitions);
        let shelves = shelves.map(|partition| PartitionPrices::new(partition, currency)).collect();
        Self { identity, shelves, loaded: watch::Sender::new(false) }
    }

    /// Takes in what the follower hands over, until it stops.
    pub(crate) async fn follow(self: Arc<Self>, log: Arc<dyn EventLog>, mut feed: Subscription) {
        while let Some(batch) = feed.recv().await {
            let Some(of) = self.shelf(batch.partition) else { continue };
            for stored in batch.counted() {
                if let Some(key) = of.take(stored) {
                    read_again(&*log, of, &key, stored.offset).await;
                }
            }
            of.seen.send_replace(batch.end());
        }
    }

    /// The newest listing of a product; none when no price of it was read.
    pub(crate) fn find(&self, product: &ProductId) -> Option<Entry> {
        self.shelf(self.partition_of(product))?.find(product)
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

    fn shelf(&self, partition: Partition) -> Option<&PartitionPrices> {
        self.shelves.get(usize::from(partition.0))
    }
}

/// Everything waits meanwhile, which is long. It is only needed where a newer program reads what an older one could
/// not, and somebody gave that up in between.
async fn read_again(log: &dyn EventLog, shelf: &PartitionPrices, key: &str, below: Offset) {
    let partition = shelf.partition;
    loop {
        match history(log, partition, key, below, concerns).await {
            Ok(history) => return shelf.read_again(key, history),
            // The follower comes to the same end.
            Err(LogError::Unfit(_)) => return,
            Err(error @ LogError::Unavailable(_)) => {
                let error: &dyn std::error::Error = &error;
                let key = event_log::codec::Shown(key);
                tracing::warn!(%partition, %key, error, "a product cannot be read once more yet");
            }
        }
        sleep(AGAIN).await;
    }
}
