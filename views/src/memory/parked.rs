//! What of the views in memory is in quarantine.

use std::ops::Bound;

use event_log::Partition;

use super::GenerationViews;
use crate::{Document, Key, Parked};

impl GenerationViews {
    pub(super) fn parked(&self) -> Vec<Parked> {
        let all = self.ever_parked(Partition(0), Partition(u16::MAX));
        all.filter(|parked| parked.lasting().is_some()).cloned().collect()
    }

    pub(super) fn parked_in(&self, partition: Partition) -> Vec<Parked> {
        self.ever_parked(partition, partition).cloned().collect()
    }

    fn ever_parked(&self, first: Partition, last: Partition) -> impl Iterator<Item = &Parked> {
        let from = Bound::Included(Key::Parked(first, String::new()));
        let to = Bound::Excluded(Key::Queue(Partition(0), String::new(), 0));
        let all = self.documents.between(from, to).filter_map(parked);
        all.take_while(move |parked| parked.partition <= last)
    }
}

fn parked(document: &Document) -> Option<&Parked> {
    match document {
        Document::Parked(parked) => Some(parked),
        Document::Customer(_)
        | Document::Bucket(_)
        | Document::Product(_)
        | Document::Prices(_)
        | Document::ProductSales(_)
        | Document::DaySales(_)
        | Document::Queue(_) => None,
    }
}
