//! Where a log that is being written may be cut, so that the copy is one that the shop could have had.
//!
//! The ends of several partitions are never those of one moment. A purchase in one partition names its price in another;
//! cut at ends that were fetched one after the other, a copy can hold the purchase without the price, and whoever goes on
//! from it gives the same price version a second time.

use std::collections::HashMap;

use domain::Event;
use futures::future::try_join_all;

use crate::{Content, EventLog, LogError, Offset, Partition, StoredRecord, codec};

/// How many records are read at once.
const PAGE: usize = 1000;

/// How many records of each of the first `partitions` partitions make a copy that is closed under cause: with each purchase
/// it has the price that the purchase names. Holds everything that was acknowledged before the call.
///
/// Does not read the history. A record that was stored before a first look at the ends names only prices that were stored
/// before it, and those are before the ends of any look after. So what may lack its price stands between the ends of
/// the first two looks, and its price before the ends of the next one: the cut moves behind it. That takes in
/// more records, which may name prices of their own; when a look at the ends, begun after the cuts were chosen, moves none
/// of them, the copy is closed.
pub async fn closed_ends(log: &dyn EventLog, partitions: u16) -> Result<Vec<Offset>, LogError> {
    let mut window = Window::from(ends(log, partitions).await?);
    let mut cuts = ends(log, partitions).await?;
    loop {
        window.read_to(log, &ends(log, partitions).await?).await?;
        let before = cuts.clone();
        window.close(&mut cuts);
        if cuts == before {
            return Ok(cuts);
        }
    }
}

async fn ends(log: &dyn EventLog, partitions: u16) -> Result<Vec<Offset>, LogError> {
    try_join_all(Partition::all(partitions).map(|partition| log.end(partition))).await
}

/// A price, by its product and version.
type PriceCut = (String, u32);

/// What was stored since the first look, as far as it was read.
struct Window {
    read: Vec<Offset>,
    /// Where purchases stand, and what they name.
    purchases: Vec<(Partition, Offset, PriceCut)>,
    /// Where prices stand: the last of several with the same name, since only one of them counts.
    prices: HashMap<PriceCut, (Partition, Offset)>,
}

impl Window {
    fn from(read: Vec<Offset>) -> Self {
        Self { read, purchases: Vec::new(), prices: HashMap::new() }
    }

    async fn read_to(&mut self, log: &dyn EventLog, ends: &[Offset]) -> Result<(), LogError> {
        for ((partition, end), at) in (0..).map(Partition).zip(ends).zip(self.read.clone()) {
            let mut next = at;
            while next < *end {
                let page = log.read(partition, next, PAGE).await?;
                let Some(last) = page.last() else {
                    let hidden = "it does not show records that it has";
                    return Err(LogError::Unavailable(hidden.into()));
                };
                next = last.offset.saturating_add(1);
                for stored in &page {
                    self.take(partition, stored);
                }
            }
            if let Some(read) = self.read.get_mut(usize::from(partition.0)) {
                *read = next.max(*read);
            }
        }
        Ok(())
    }

    /// Whether a record counts depends on what stands before it, which was not read. One that does not count may move a
    /// cut, which does no harm.
    fn take(&mut self, partition: Partition, stored: &StoredRecord) {
        let Ok(Content::Event(event)) = codec::decode(&stored.record).map(|it| it.content) else {
            return;
        };
        match event {
            Event::ProductPriced(it) => {
                let price = (it.product_id.to_string(), it.version);
                self.prices.insert(price, (partition, stored.offset));
            }
            Event::ProductPurchased(it) => {
                let price = (it.product_id.to_string(), it.price_version);
                self.purchases.push((partition, stored.offset, price));
            }
            Event::CustomerCreated(_) => {}
        }
    }

    /// Moves the cuts behind every price that a purchase before them names.
    fn close(&self, cuts: &mut [Offset]) {
        let mut moved = true;
        while std::mem::take(&mut moved) {
            for (partition, offset, price) in &self.purchases {
                let is_inside = cuts.get(usize::from(partition.0)).is_some_and(|cut| offset < cut);
                let Some((home, at)) = self.prices.get(price).filter(|_| is_inside) else {
                    continue;
                };
                if let Some(cut) = cuts.get_mut(usize::from(home.0))
                    && *cut <= *at
                {
                    *cut = at.saturating_add(1);
                    moved = true;
                }
            }
        }
    }
}
