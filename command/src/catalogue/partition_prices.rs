//! The products of one partition.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock, RwLockWriteGuard},
};

use domain::{Currency, Event, Offer, ProductId, ProductPriced};
use event_log::{
    Content, NewRecord, Offset, Partition, RecordId, StoredRecord,
    codec::{self, Kind},
};
use tokio::sync::watch;

use super::Entry;
use crate::quarantine::{Quarantine, QuarantinedEvent, Release};

/// The products of one partition.
#[derive(Debug)]
pub(super) struct PartitionPrices {
    pub(super) partition: Partition,
    // A `std::sync::RwLock`, not Tokio's: nothing is awaited while it is held.
    goods: RwLock<State>,
    /// How far the partition was read.
    pub(super) seen: watch::Sender<Offset>,
}

#[derive(Debug)]
struct State {
    /// The shop's; a price in another one parks its product.
    currency: Currency,
    /// Each product's newest price, and where that stands.
    on_sale: BTreeMap<ProductId, (Offer, Offset)>,
    quarantine: Quarantine,
}

/// Whether a record may say something about a product: it is a price, or of a type that nobody here knows.
pub(super) fn concerns(record: &NewRecord) -> bool {
    matches!(codec::kind(record), Some(Kind::ProductPriced) | None)
}

impl PartitionPrices {
    pub(super) fn new(partition: Partition, currency: Currency) -> Self {
        let goods = State { currency, on_sale: BTreeMap::new(), quarantine: Quarantine::default() };
        Self { partition, goods: RwLock::new(goods), seen: watch::Sender::new(0) }
    }

    pub(super) fn find(&self, product: &ProductId) -> Option<Entry> {
        self.goods.read().unwrap_or_else(PoisonError::into_inner).find(product, self.partition)
    }

    /// Takes in a record that counts. Gives the key whose records below this one must be read once more.
    pub(super) fn take(&self, stored: &StoredRecord) -> Option<String> {
        let (record, offset) = (&stored.record, stored.offset);
        if !concerns(record) && codec::kind(record) != Some(Kind::EventSkipped) {
            return None;
        }
        match codec::decode(record).map(|envelope| envelope.content) {
            Ok(Content::EventSkipped(skipped)) if skipped.place.partition == self.partition => {
                return self.goods().skipped(&skipped.key, skipped.place.offset, offset);
            }
            Ok(Content::Event(event)) => {
                self.goods().arrives(event.aggregate().as_str(), offset, Some(&event));
            }
            Ok(Content::EventSkipped(_) | Content::WriterStarted(_) | Content::Barrier) => {}
            Err(_unreadable) => self.goods().arrives(&codec::key(record), offset, None),
        }
        None
    }

    /// Everything that concerns the key was read once more.
    pub(super) fn read_again(&self, key: &str, history: Vec<QuarantinedEvent>) {
        let mut goods = self.goods();
        if let Some(since) = goods.quarantine.read_again(key) {
            goods.arrive(key, history);
            goods.arrive(key, since);
        }
    }

    fn goods(&self) -> RwLockWriteGuard<'_, State> {
        self.goods.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn find(&self, product: &ProductId, partition: Partition) -> Option<Entry> {
        if self.quarantine.holds(product.as_str()) {
            return Some(Entry::Parked);
        }
        let (offer, offset) = self.on_sale.get(product)?;
        Some(Entry::OnSale(offer.clone(), RecordId { partition, offset: *offset }))
    }

    fn arrives(&mut self, key: &str, offset: Offset, event: Option<&Event>) {
        let fits = |event: &Event| {
            event.foreign_currency(self.currency).is_none()
                && priced(event).is_none_or(|priced| follows(&self.on_sale, priced))
        };
        if self.quarantine.admit(key, offset, event, fits)
            && let Some(priced) = event.and_then(priced)
        {
            self.on_sale.insert(priced.product_id.clone(), (Offer::from(priced), offset));
        }
    }

    fn arrive(&mut self, key: &str, arrivals: Vec<QuarantinedEvent>) {
        for QuarantinedEvent { offset, event } in arrivals {
            self.arrives(key, offset, event.as_ref());
        }
    }

    fn skipped(&mut self, key: &str, offset: Offset, at: Offset) -> Option<String> {
        match self.quarantine.skip(key, offset, at) {
            Release::Next(behind) => self.arrive(key, behind),
            Release::Again => return self.forget(key, offset),
            Release::Nothing => {}
        }
        None
    }

    /// An event that was taken in is given up. It was none of the product's when that has no price as new as it.
    fn forget(&mut self, key: &str, offset: Offset) -> Option<String> {
        let product: ProductId = key.parse().ok()?;
        self.on_sale.get(&product).filter(|(_, newest)| *newest >= offset)?;
        self.on_sale.remove(&product);
        self.quarantine.hold(key);
        Some(key.to_owned())
    }
}

fn priced(event: &Event) -> Option<&ProductPriced> {
    match event {
        Event::ProductPriced(priced) => Some(priced),
        Event::CustomerCreated(_) | Event::ProductPurchased(_) => None,
    }
}

/// Whether the price follows the one that is in force.
fn follows(on_sale: &BTreeMap<ProductId, (Offer, Offset)>, priced: &ProductPriced) -> bool {
    let version = on_sale.get(&priced.product_id).map_or(0, |(offer, _)| offer.version);
    version.checked_add(1) == Some(priced.version)
}
