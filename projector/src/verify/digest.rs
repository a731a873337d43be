//! Digests of views.

use views::{Document, EncodedDocument, StoreError, View};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::{ViewPart, replay::DocumentSink};

/// The parts of each view: few enough to be kept for every view and replay, and so many that a part of a million
/// documents is read at once.
const PARTS: usize = 4_096;

/// What is stored of one view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewDigest {
    /// The view's name, such as `customers`.
    pub name: &'static str,
    /// How many documents.
    pub documents: u64,
    /// The sum of the XXH3-128 hashes of the documents' BSON, modulo 2^128: the same for the same documents in any order.
    pub digest: u128,
}

/// The sums over the documents of each part of each view.
#[derive(Debug)]
pub(super) struct Sums(Vec<(View, Vec<Sum>)>);

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    documents: u64,
    bytes: u64,
    hashes: u128,
}

impl Default for Sums {
    fn default() -> Self {
        let sums = View::OF_THE_SHOP.into_iter().map(|view| (view, vec![Sum::default(); PARTS]));
        Self(sums.collect())
    }
}

/// The part of its view to which a document belongs.
pub(super) fn part_of(stored: EncodedDocument<'_>) -> usize {
    let parts = u64::try_from(PARTS).unwrap_or(u64::MAX);
    let part = xxh3_64(stored.id()).checked_rem(parts);
    part.and_then(|part| usize::try_from(part).ok()).unwrap_or_default()
}

impl Sums {
    pub(super) fn add(&mut self, view: View, stored: EncodedDocument<'_>) {
        let sums = self.0.iter_mut().find(|(of, _)| *of == view);
        if let Some(sum) = sums.and_then(|(_, sums)| sums.get_mut(part_of(stored))) {
            let bytes = stored.bytes();
            *sum = sum.with(Sum {
                documents: 1,
                bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
                hashes: xxh3_128(bytes),
            });
        }
    }

    /// The sums over both.
    pub(super) fn with(mut self, other: Self) -> Self {
        for ((_, sums), (_, others)) in self.0.iter_mut().zip(other.0) {
            for (sum, other) in sums.iter_mut().zip(others) {
                *sum = sum.with(other);
            }
        }
        self
    }

    /// The parts that do not hold the same, each with about how many bytes it has.
    pub(super) fn differing(&self, found: &Self) -> Vec<(ViewPart, u64)> {
        let mut parts = Vec::new();
        for ((view, sums), (_, others)) in self.0.iter().zip(&found.0) {
            for (part, (sum, other)) in sums.iter().zip(others).enumerate() {
                if (sum.hashes, sum.documents) != (other.hashes, other.documents) {
                    parts.push(((*view, part), sum.bytes.max(other.bytes)));
                }
            }
        }
        parts
    }

    pub(super) fn digests(&self) -> Vec<ViewDigest> {
        let digest = |(view, sums): &(View, Vec<Sum>)| {
            let whole = sums.iter().fold(Sum::default(), |whole, sum| whole.with(*sum));
            ViewDigest { name: view.name(), documents: whole.documents, digest: whole.hashes }
        };
        self.0.iter().map(digest).collect()
    }
}

impl Sum {
    fn with(self, other: Self) -> Self {
        Self {
            documents: self.documents.saturating_add(other.documents),
            bytes: self.bytes.saturating_add(other.bytes),
            hashes: self.hashes.wrapping_add(other.hashes),
        }
    }
}

impl DocumentSink for Sums {
    fn take(&mut self, document: &Document) -> Result<(), StoreError> {
        self.add(View::of_document(document), EncodedDocument::new(&document.stored()?));
        Ok(())
    }
}
