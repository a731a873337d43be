//! Whether each purchase's price is in the log.

use std::collections::HashMap;

use domain::{Event, ProductId};
use event_log::RecordId;

use super::scan::Seen;

/// What is known of products.
#[derive(Debug, Default)]
pub(super) struct Causes {
    products: HashMap<ProductId, Versions>,
}

/// Versions are numbered from 1 without holes, so that the highest stands for all.
#[derive(Debug, Default)]
struct Versions {
    priced: u32,
    bought: u32,
    /// Of a purchase at the highest version that was bought.
    place: Option<RecordId>,
}

impl Causes {
    /// Takes in an event that counts.
    pub(super) fn take(&mut self, event: Event, place: RecordId) {
        match event {
            Event::ProductPriced(it) => {
                let versions = self.products.entry(it.product_id).or_default();
                versions.priced = versions.priced.max(it.version);
            }
            Event::ProductPurchased(it) => {
                let versions = self.products.entry(it.product_id).or_default();
                if it.price_version > versions.bought {
                    versions.bought = it.price_version;
                    versions.place = Some(place);
                }
            }
            Event::CustomerCreated(_) => {}
        }
    }

    /// An event of this product, if it is one, cannot be read: it may be any price.
    pub(super) fn cannot_be_read(&mut self, key: &str) {
        if let Ok(product) = key.parse() {
            self.products.entry(product).or_default().priced = u32::MAX;
        }
    }

    /// The products that were bought at a price which the log does not have.
    pub(super) fn lacking(&self) -> Seen {
        let mut lacking = Seen::default();
        for (product, Versions { priced, bought, place }) in &self.products {
            if let Some(place) = place.filter(|_| bought > priced) {
                lacking.meet(place, || {
                    format!("{product} was bought at version {bought} of its price, and the log has {priced} of them")
                });
            }
        }
        lacking
    }
}
