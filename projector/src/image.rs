//! The documents that a feeder has in memory.

use std::collections::{BTreeMap, BTreeSet};

use views::{Change, Document, Key};

use crate::fold::{Fact, Unfoldable, fold, keys};

/// The documents that a feeder has in memory: as the store has them, and as the events of a batch leave them.
///
/// Kept between batches because busy customers and products come again. Dropped on any error: then nobody knows
/// what the store has.
#[derive(Debug, Default)]
pub struct Image {
    known: BTreeMap<Key, Known>,
    changed: BTreeSet<Key>,
}

#[derive(Debug, Default)]
struct Known {
    /// None for a document that the store does not have.
    document: Option<Document>,
    stored: Stored,
}

#[derive(Debug, Clone, Copy, Default)]
enum Stored {
    #[default]
    No,
    Yes {
        purchases: usize,
    },
}

impl Image {
    /// The keys that these events touch and that are not in memory.
    pub fn missing(&self, facts: &[Fact]) -> Vec<Key> {
        let touched: BTreeSet<Key> = facts.iter().flat_map(keys).collect();
        touched.into_iter().filter(|key| !self.known.contains_key(key)).collect()
    }

    /// Takes in what the store has of the keys that were missing.
    pub fn loaded(&mut self, missing: Vec<Key>, documents: Vec<Document>) {
        self.known.extend(missing.into_iter().map(|key| (key, Known::default())));
        for document in documents {
            let stored = Stored::Yes { purchases: purchases_of(&document) };
            self.known.insert(document.key(), Known { document: Some(document), stored });
        }
    }

    /// Folds one event into the documents that it touches; whatever has taken it in already stays as it is. An event
    /// that does not fit leaves every document as it was.
    pub fn fold(&mut self, fact: &Fact) -> Result<(), Unfoldable> {
        let folded = keys(fact).into_iter().filter_map(|key| {
            let before = self.known.get(&key).and_then(|known| known.document.as_ref());
            let is_new = before.is_none_or(|document| document.last() < fact.place.offset);
            is_new.then(|| Ok((fold(fact, &key, before)?, key)))
        });
        for (document, key) in folded.collect::<Result<Vec<_>, Unfoldable>>()? {
            self.known.entry(key.clone()).or_default().document = Some(document);
            self.changed.insert(key);
        }
        Ok(())
    }

    /// What has become of the store's documents since the last time.
    pub fn changes(&self) -> Vec<Change> {
        let known = self.changed.iter().filter_map(|key| self.known.get(key));
        known.filter_map(Known::change).collect()
    }

    /// Takes in that the store has all changes. Forgets everything when there is more than `most`.
    pub fn stored(&mut self, most: usize) {
        for key in std::mem::take(&mut self.changed) {
            if let Some(known) = self.known.get_mut(&key) {
                let purchases = known.document.as_ref().map_or(0, purchases_of);
                known.stored = Stored::Yes { purchases };
            }
        }
        if self.known.len() > most {
            self.known.clear();
        }
    }
}

impl Known {
    fn change(&self) -> Option<Change> {
        let document = self.document.clone()?;
        Some(match self.stored {
            Stored::No => Change::Insert(document),
            Stored::Yes { purchases } => Change::Update { document, stored_purchases: purchases },
        })
    }
}

fn purchases_of(document: &Document) -> usize {
    match document {
        Document::Bucket(bucket) => bucket.purchases.len(),
        Document::Customer(_)
        | Document::Product(_)
        | Document::Price(_)
        | Document::ProductSales(_)
        | Document::DaySales(_)
        | Document::Parked(_)
        | Document::Queue(_) => 0,
    }
}
