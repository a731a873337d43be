//! Documents leave the memory.

use std::hash::BuildHasher as _;

use views::{Document, PURCHASES_IN_BUCKET};

use super::{DocumentCache, entry::Entry};
use crate::fold::ApplyAt;

/// The filter of what was evicted takes this part of the memory that the documents had.
const FILTER_PART: usize = 16;

impl DocumentCache {
    /// From now on full buckets leave the memory by themselves: no event comes back to them.
    #[must_use]
    pub fn sheds_full_buckets(mut self) -> Self {
        self.sheds = true;
        self
    }

    /// The full buckets that have left the memory, and that the store does not have.
    pub fn shed(&mut self) -> Vec<Document> {
        std::mem::take(&mut self.shed)
    }

    /// About so many bytes do the documents take.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Puts the half of the documents out of memory that no event has touched for longest, and gives those of them that
    /// the store does not have so.
    pub fn evict_coldest(&mut self) -> Vec<Document> {
        let filter = self.bytes.checked_div(FILTER_PART).unwrap_or_default();
        let mut lasts: Vec<_> = self.slots.iter().filter_map(Entry::last).collect();
        let middle = lasts.len() / 2;
        if middle >= lasts.len() {
            return Vec::new();
        }
        let (_, threshold, _) = lasts.select_nth_unstable(middle);
        let threshold = *threshold;
        let is_cold = |slot: &Entry| slot.last().is_some_and(|last| last <= threshold);
        let cold: Vec<usize> = self
            .slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| is_cold(slot) && !slot.is_of_quarantine())
            .map(|(index, _)| index)
            .collect();
        let mut evicted = Vec::new();
        for index in cold {
            if let Some(hash) = self.slots.get(index).map(|it| self.hash(self.name(it.title()))) {
                self.elsewhere.evict(hash, filter);
            }
            evicted.extend(self.remove(index));
        }
        self.forget_removed();
        evicted
    }

    /// Slots that hold nothing any more have not changed. Else they would be kept among those that have until all is stored,
    /// once for each time that they are taken again.
    fn forget_removed(&mut self) {
        self.changed.sort_unstable();
        self.changed.dedup();
        let holds = |index: &usize| self.slots.get(*index).is_some_and(|it| it.document.is_some());
        self.changed.retain(holds);
    }

    /// Copies of at most so many documents that the store does not have so. They count as stored.
    pub fn copy_changed(&mut self, at_most: usize) -> Vec<Document> {
        let mut copies = Vec::new();
        while copies.len() < at_most
            && let Some(index) = self.changed.pop()
        {
            copies.extend(self.slots.get_mut(index).and_then(Entry::copy_changed));
        }
        copies
    }

    /// Copies of what has changed of the quarantine. They count as stored.
    pub fn copy_parked(&mut self) -> Vec<Document> {
        if !std::mem::take(&mut self.parked_changed) {
            return Vec::new();
        }
        let changed = self
            .changed
            .iter()
            .filter(|index| self.slots.get(**index).is_some_and(Entry::is_of_quarantine));
        let changed: Vec<usize> = changed.copied().collect();
        let copies =
            changed.into_iter().filter_map(|index| self.slots.get_mut(index)?.copy_changed());
        copies.collect()
    }

    /// Empties the memory and gives every document that the store does not have so.
    pub fn take_changed(&mut self) -> Vec<Document> {
        let before = self.empty();
        let mut documents = before.shed;
        documents.extend(before.slots.into_iter().filter_map(Entry::into_changed));
        documents
    }

    /// A bucket that is full and has taken in its last event leaves.
    pub(super) fn shed_if_full(&mut self, index: usize, at: ApplyAt) {
        let is_full = self.sheds && self.slots.get(index).is_some_and(|slot| slot.is_full_at(at));
        if is_full {
            let bucket = self.remove(index);
            self.shed.extend(bucket);
        }
    }

    /// Gives the document if the store does not have it so.
    pub(super) fn remove(&mut self, index: usize) -> Option<Document> {
        let slot = self.slots.get_mut(index)?;
        let title = slot.title();
        let hash = self.hasher.hash_one(title);
        if let Ok(entry) = self.index.find_entry(hash, |(_, it)| *it == index) {
            entry.remove();
        }
        let freed = slot.bytes().saturating_add(self.owners.gave_slot(title.owner));
        self.bytes = self.bytes.saturating_sub(freed);
        self.free.push(index);
        slot.empty()
    }
}

impl Entry {
    fn last(&self) -> Option<u64> {
        self.document.as_ref().map(Document::last)
    }

    fn is_full_at(&self, at: ApplyAt) -> bool {
        let Some(Document::Bucket(bucket)) = &self.document else { return false };
        let is_full = u64::try_from(bucket.purchases.len()) == Ok(PURCHASES_IN_BUCKET);
        is_full && bucket.last <= at.last
    }
}

#[cfg(test)]
mod tests {
    use domain::testing::customer_created;
    use event_log::{Partition, RecordId, Timestamp};

    use super::*;
    use crate::{StoreContents, fold::RecordedEvent};

    #[test]
    fn what_was_evicted_is_not_kept_among_what_has_changed() {
        let mut image = DocumentCache::beside(StoreContents::Nothing);
        for offset in 0..400 {
            let (event, partition) = (customer_created(&format!("c{offset}")), Partition(0));
            let place = RecordId { partition, offset };
            image.fold(&RecordedEvent { event, place, time: Timestamp(0) }).unwrap();
            if offset % 4 == 3 {
                assert!(!image.evict_coldest().is_empty());
                assert!(image.changed.len() <= image.index.len());
            }
        }
        assert!(image.take_changed().len() < 10);
    }
}
