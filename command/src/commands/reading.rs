//! What an order has to read before it can be decided.

use domain::{Command, PurchaseProduct};
use event_log::{Partition, Position, RecordId};
use tokio::{
    sync::SemaphorePermit,
    time::{Instant, timeout_at},
};

use super::Commands;
use crate::{Failure, catalogue::Entry};

impl Commands {
    /// Reads the log at least to `position`.
    pub(super) async fn read_to(&self, position: &Position, until: Instant) -> Result<(), Failure> {
        if position.log() != self.identity.id {
            return Err(Failure::BadPosition);
        }
        if self.catalogue.position().covers(position) {
            return Ok(());
        }
        let _permit = self.permit()?;
        let reading = async {
            for (partition, seen) in position.iter() {
                self.read_partition_to(partition, seen).await?;
            }
            Ok(())
        };
        timeout_at(until, reading)
            .await
            .unwrap_or_else(|_late| Err(Failure::StaleRead { reached: self.catalogue.position() }))
    }

    /// A position beyond the end of the log is not one that the shop gave out.
    async fn read_partition_to(&self, partition: Partition, seen: u64) -> Result<(), Failure> {
        if partition.0 >= self.identity.partitions || self.end(partition).await? < seen {
            return Err(Failure::BadPosition);
        }
        self.catalogue.reached(partition, seen).await;
        Ok(())
    }

    /// The command as it is to be decided: a purchase with its offer, and where that offer's price stands.
    pub(super) async fn priced(
        &self,
        command: Command,
        until: Instant,
    ) -> Result<(Command, Option<RecordId>), Failure> {
        let Command::PurchaseProduct(wish) = command else { return Ok((command, None)) };
        let listing =
            match self.catalogue.is_loaded().then(|| self.catalogue.find(&wish.product_id)) {
                Some(Some(listing)) if !listing.would_refuse(&wish) => Some(listing),
                Some(_) | None => self.newest_listing(&wish, until).await?,
            };
        let (offer, place) = match listing {
            Some(Entry::OnSale(offer, place)) => (Some(offer), Some(place)),
            Some(Entry::Parked) => return Err(Failure::Unavailable),
            None => (None, None),
        };
        Ok((Command::PurchaseProduct(PurchaseProduct { offer, ..wish }), place))
    }

    /// A purchase would be refused: what the catalogue says may be old, so the product's partition is read first
    /// to an end that was fetched after the order arrived.
    async fn newest_listing(
        &self,
        wish: &PurchaseProduct,
        until: Instant,
    ) -> Result<Option<Entry>, Failure> {
        let _permit = self.permit()?;
        let reading = async {
            self.catalogue.loaded().await;
            let partition = self.catalogue.partition_of(&wish.product_id);
            let end = self.end(partition).await?;
            self.catalogue.reached(partition, end).await;
            Ok(self.catalogue.find(&wish.product_id))
        };
        timeout_at(until, reading).await.unwrap_or(Err(Failure::Unavailable))
    }

    async fn end(&self, partition: Partition) -> Result<u64, Failure> {
        self.log.end(partition).await.map_err(|error| {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(%partition, error, "an order could not be read for");
            Failure::Unavailable
        })
    }

    fn permit(&self) -> Result<SemaphorePermit<'_>, Failure> {
        self.readers.try_acquire().map_err(|_none_left| Failure::Overloaded)
    }
}

impl Entry {
    /// Whether a purchase at this listing would be refused because of it.
    fn would_refuse(&self, wish: &PurchaseProduct) -> bool {
        match self {
            Self::OnSale(offer, _) => {
                wish.expected_unit_price.is_some_and(|expected| expected != offer.price)
            }
            // It may have been given up since.
            Self::Parked => true,
        }
    }
}
