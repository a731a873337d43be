//! What earlier runs of the same source have done, found in the log itself.
//!
//! A shop remembers command ids for a day; the log keeps them for ever. So a run first reads the command ids of its
//! source out of the log. A message whose id is there is stored. A message whose id is not there was either never
//! answered, and must be sent, or was answered without an event (refused, or as it was already), and must not: now
//! it might be accepted, though it came before what made it acceptable. Two facts tell them apart:
//!
//! - A run reads at most [`WINDOW`] messages beyond its oldest unanswered one. So everything that far before the
//!   newest stored message was answered.
//! - A run sends a message when all earlier ones that concern the same customer or product are answered. So
//!   everything before a stored message that concerns it was answered.
//!
//! What remains may be sent again: nothing that concerns it was stored since, so a refusal is repeated as it was.
//! Of a topic with several partitions this holds within each of them, as they have no order between them.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::json;

use super::{
    Mark, Series, WINDOW, Wish,
    wish::{Thing, Touch},
};
use crate::shop::{Shop, Trouble};

/// What earlier runs of a source have done.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    partitions: HashMap<u32, Partition>,
    position: Option<String>,
}

#[derive(Debug, Default)]
struct Partition {
    stored: Numbers,
    newest: u64,
    /// The newest stored message that changed, and that looked at, each thing of the last window.
    recent: HashMap<Thing, Newest>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Newest {
    changed: u64,
    looked_at: u64,
}

/// What is known of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Its event is in the log.
    Stored,
    /// It was answered, without an event.
    Answered,
    /// It was not answered, or may be sent again without harm.
    Open,
}

const QUERY: &str = "query ($after: Position) { events(first: 100, after: $after) {
  events { commandId ... on CustomerCreated { customer: customerId } ... on ProductPriced { priced: productId }
    ... on ProductPurchased { customer: customerId bought: productId } }
  position hasMore } }";

#[derive(Debug, Deserialize)]
struct Answer {
    events: Page,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    events: Vec<Event>,
    position: String,
    has_more: bool,
}

#[derive(Debug, Deserialize)]
struct Event {
    #[serde(rename = "commandId")]
    command: Option<String>,
    customer: Option<String>,
    priced: Option<String>,
    bought: Option<String>,
}

impl Event {
    fn touches(&self) -> impl Iterator<Item = (Thing, Touch)> {
        let customer = self.customer.as_ref().and_then(|id| id.parse().ok()).map(Thing::Customer);
        let product =
            |id: &Option<String>| id.as_ref().and_then(|id| id.parse().ok()).map(Thing::Product);
        let changed = customer.into_iter().chain(product(&self.priced));
        let looked_at = product(&self.bought).into_iter();
        let changed = changed.map(|thing| (thing, Touch::Changes));
        changed.chain(looked_at.map(|thing| (thing, Touch::LooksAt)))
    }
}

impl Earlier {
    /// Reads the whole log of the shop.
    pub(crate) async fn read(shop: &Shop, series: &Series) -> Result<Self, Trouble> {
        let mut earlier = Self::default();
        loop {
            let answer: Answer = shop.ask(QUERY, &json!({ "after": earlier.position })).await?;
            for event in &answer.events.events {
                let mark = event.command.as_ref().and_then(|id| series.mark(id));
                if let Some(mark) = mark {
                    earlier.stored(mark, event.touches());
                }
            }
            earlier.position = Some(answer.events.position);
            if !answer.events.has_more {
                return Ok(earlier);
            }
        }
    }

    /// How far the log was read.
    pub(super) fn position(&self) -> Option<&str> {
        self.position.as_deref()
    }

    fn stored(&mut self, mark: Mark, touches: impl Iterator<Item = (Thing, Touch)>) {
        let partition = self.partitions.entry(mark.partition).or_default();
        partition.stored.insert(mark.number);
        partition.newest = partition.newest.max(mark.number);
        for (thing, touch) in touches {
            let newest = partition.recent.entry(thing).or_default();
            match touch {
                Touch::Changes => newest.changed = newest.changed.max(mark.number),
                Touch::LooksAt => newest.looked_at = newest.looked_at.max(mark.number),
            }
        }
        partition.forget();
    }

    /// What is known of the message there.
    pub(super) fn known(&self, mark: Mark, wish: &Wish) -> Known {
        let Some(partition) = self.partitions.get(&mark.partition) else { return Known::Open };
        let answered = || {
            mark.number < partition.newest.saturating_sub(WINDOW)
                || wish.touches().iter().any(|touch| partition.went_on(mark.number, touch))
        };
        match () {
            () if partition.stored.contains(mark.number) => Known::Stored,
            () if answered() => Known::Answered,
            () => Known::Open,
        }
    }
}

impl Partition {
    /// Whether a message after this one, which had to wait for its answer, is stored.
    fn went_on(&self, number: u64, (thing, touch): &(Thing, Touch)) -> bool {
        let newest = self.recent.get(thing).copied().unwrap_or_default();
        newest.changed > number || (*touch == Touch::Changes && newest.looked_at > number)
    }

    /// Forgets what is too old to matter, so that memory does not grow with the number of customers.
    fn forget(&mut self) {
        let many = usize::try_from(WINDOW).unwrap_or(usize::MAX).saturating_mul(4);
        if self.recent.len() >= many {
            let oldest = self.newest.saturating_sub(WINDOW);
            self.recent.retain(|_, newest| newest.changed.max(newest.looked_at) >= oldest);
        }
    }
}

/// A set of numbers that has most of a range, in about a bit each.
#[derive(Debug, Default)]
struct Numbers(BTreeMap<u64, [u64; WORDS]>);

const WORDS: usize = 64;
const BITS: u64 = 64;
const CHUNK: u64 = 64 * BITS;

impl Numbers {
    fn insert(&mut self, number: u64) {
        let (chunk, word, bit) = Self::place(number);
        if let Some(word) = self.0.entry(chunk).or_insert([0; WORDS]).get_mut(word) {
            *word |= bit;
        }
    }

    fn contains(&self, number: u64) -> bool {
        let (chunk, word, bit) = Self::place(number);
        self.0.get(&chunk).and_then(|words| words.get(word)).is_some_and(|word| word & bit != 0)
    }

    fn place(number: u64) -> (u64, usize, u64) {
        let within = number % CHUNK;
        let word = usize::try_from(within / BITS).unwrap_or_default();
        (number / CHUNK, word, 1 << (within % BITS))
    }
}

#[cfg(test)]
mod tests;
