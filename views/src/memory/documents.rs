//! The documents of a generation in memory.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, btree_map, hash_map},
    ops::Bound,
};

use event_log::Partition;

use crate::{Document, Key};

/// Documents that are found by their keys and walked through in the order of those.
///
/// The texts of a key are found by their hash, and only the numbers behind them in a tree: a rebuild would spend its time
/// on comparing texts all the way down one large tree.
#[derive(Debug, Default)]
pub(super) struct Documents {
    bundles: HashMap<Group, GroupDocuments>,
    labels: BTreeSet<Group>,
}

/// The documents whose keys have the same texts.
type GroupDocuments = BTreeMap<Numbers, Box<Document>>;

/// The place of one document in its bundle.
pub(super) type DocumentPosition<'d> = btree_map::Entry<'d, Numbers, Box<Document>>;

/// What a key begins with, in the order of keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Group {
    Customer(String),
    Bucket(String),
    Product(String),
    Prices(String),
    ProductSales(String),
    DaySales(String, String),
    Parked(Partition, String),
    Queue(Partition, String),
}

/// What a key ends with; 0 where it has nothing more.
pub(super) type Numbers = (u64, Partition);

impl Documents {
    pub(super) fn get(&self, key: &Key) -> Option<&Document> {
        let (label, numbers) = split(key.clone());
        self.bundles.get(&label)?.get(&numbers).map(AsRef::as_ref)
    }

    /// Where the document of this key is, or is to be.
    pub(super) fn place(&mut self, key: Key) -> DocumentPosition<'_> {
        let (label, numbers) = split(key);
        let bundle = match self.bundles.entry(label) {
            hash_map::Entry::Occupied(bundle) => bundle.into_mut(),
            hash_map::Entry::Vacant(place) => {
                self.labels.insert(place.key().clone());
                place.insert(GroupDocuments::new())
            }
        };
        bundle.entry(numbers)
    }

    pub(super) fn remove(&mut self, key: &Key) -> Option<Document> {
        let (label, numbers) = split(key.clone());
        let bundle = self.bundles.get_mut(&label)?;
        let removed = bundle.remove(&numbers)?;
        if bundle.is_empty() {
            self.bundles.remove(&label);
            self.labels.remove(&label);
        }
        Some(*removed)
    }

    /// The documents from one key to another, which have the same texts.
    pub(super) fn in_bundle(
        &self,
        first: Key,
        last: Key,
    ) -> impl DoubleEndedIterator<Item = &Document> {
        let ((label, first), (_, last)) = (split(first), split(last));
        let bundle = self.bundles.get(&label).map(|bundle| bundle.range(first..=last));
        bundle.into_iter().flatten().map(|(_, document)| document.as_ref())
    }

    /// The documents between any keys.
    pub(super) fn between(
        &self,
        first: Bound<Key>,
        last: Bound<Key>,
    ) -> impl Iterator<Item = &Document> {
        let (first, last) = (first.map(split), last.map(split));
        let labels = (whole(&first), whole(&last));
        let bundles =
            self.labels.range(labels).filter_map(|label| self.bundles.get_key_value(label));
        bundles.flat_map(move |(label, bundle)| {
            bundle
                .range((within(&first, label), within(&last, label)))
                .map(|(_, document)| document.as_ref())
        })
    }
}

/// The bundle that a bound lies in is looked into, too.
fn whole(bound: &Bound<(Group, Numbers)>) -> Bound<Group> {
    match bound {
        Bound::Included((label, _)) | Bound::Excluded((label, _)) => Bound::Included(label.clone()),
        Bound::Unbounded => Bound::Unbounded,
    }
}

/// What a bound means in this bundle.
fn within(bound: &Bound<(Group, Numbers)>, bundle: &Group) -> Bound<Numbers> {
    match bound {
        Bound::Included((label, numbers)) if label == bundle => Bound::Included(*numbers),
        Bound::Excluded((label, numbers)) if label == bundle => Bound::Excluded(*numbers),
        Bound::Included(_) | Bound::Excluded(_) | Bound::Unbounded => Bound::Unbounded,
    }
}

fn split(key: Key) -> (Group, Numbers) {
    let none = Partition(0);
    match key {
        Key::Customer(id) => (Group::Customer(id), (0, none)),
        Key::Bucket(customer, number) => (Group::Bucket(customer), (number, none)),
        Key::Product(id) => (Group::Product(id), (0, none)),
        Key::Prices(product, bucket) => (Group::Prices(product), (bucket.into(), none)),
        Key::ProductSales(product, bucket, partition) => {
            (Group::ProductSales(product), (bucket.into(), partition))
        }
        Key::DaySales(day, product, partition) => (Group::DaySales(day, product), (0, partition)),
        Key::Parked(partition, key) => (Group::Parked(partition, key), (0, none)),
        Key::Queue(partition, key, number) => (Group::Queue(partition, key), (number, none)),
    }
}

#[cfg(test)]
mod tests;
