//! Images that hold a part of the documents, each as it was at some place of the log: for replays that are compared.

use std::collections::BTreeMap;

use event_log::Offset;
use views::{Document, Key, View};
use xxhash_rust::xxh3::xxh3_64;

use super::{DocumentCache, StoreContents};
use crate::fold::{DocumentKind, DocumentRef};

/// Past so many halvings, a part is of few aggregates.
const MOST_BITS: u32 = 16;

/// Which documents an image holds, and up to where their events are taken in.
#[derive(Debug, Default)]
pub(crate) enum ReplayScope {
    /// All, as far as the log goes.
    #[default]
    Everything,
    /// Some.
    Some(Shard, Bounds),
}

/// A part of a partition's documents, and with it what is in quarantine. The parts of a whole have each document once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    kinds: Kinds,
    /// Of the hash of their id, so many of the highest bits are these.
    bits: u32,
    value: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kinds {
    All,
    /// Documents of one aggregate each: they alone say whether an event fits.
    OfAggregates,
    /// Sums over several.
    Sums,
}

impl Shard {
    /// All documents.
    pub(crate) const WHOLE: Self = Self { kinds: Kinds::All, bits: 0, value: 0 };

    /// The same in two parts; none when that would hardly make it smaller.
    pub(crate) fn split(self) -> Option<(Self, Self)> {
        (self.bits < MOST_BITS).then(|| self.halves())
    }

    fn halves(self) -> (Self, Self) {
        if self.kinds == Kinds::All {
            return (
                Self { kinds: Kinds::OfAggregates, ..self },
                Self { kinds: Kinds::Sums, ..self },
            );
        }
        let bits = self.bits.saturating_add(1);
        let value = self.value << 1;
        (Self { bits, value, ..self }, Self { bits, value: value | 1, ..self })
    }

    /// Whether it can tell which events fit.
    pub(crate) fn tells_what_fits(self) -> bool {
        self.kinds != Kinds::Sums
    }

    fn has(self, name: DocumentRef<'_>) -> bool {
        let is_sum = match name.kind {
            DocumentKind::Parked | DocumentKind::Queue => return true,
            DocumentKind::ProductSales | DocumentKind::DaySales => true,
            DocumentKind::Customer
            | DocumentKind::Bucket
            | DocumentKind::Product
            | DocumentKind::Prices => false,
        };
        let is_of_kind = match self.kinds {
            Kinds::All => true,
            Kinds::OfAggregates => !is_sum,
            Kinds::Sums => is_sum,
        };
        let shift = u64::BITS.saturating_sub(self.bits);
        // The same in every pass, unlike the hash by which an image finds its documents.
        let high = || xxh3_64(name.id.as_bytes()).checked_shr(shift).unwrap_or_default();
        is_of_kind && (self.bits == 0 || high() == self.value)
    }
}

/// Up to where the events of each document are taken in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bounds {
    /// For each view, in the store's order of keys: up to and with which key, and up to which offset.
    pub(crate) views: Vec<(View, Option<Key>, Offset)>,
}

impl Bounds {
    /// The end of the events that are needed.
    pub(crate) fn end(&self) -> Offset {
        self.views.iter().map(|(_, _, until)| *until).max().unwrap_or_default()
    }

    fn until(&self, key: &Key) -> Offset {
        let view = View::of(key);
        let mut stretches = self.views.iter().filter(|(of, _, _)| *of == view);
        let holds =
            |last: &Option<Key>| last.as_ref().is_none_or(|last| in_order(key) <= in_order(last));
        stretches.find(|(_, last, _)| holds(last)).map_or(Offset::MAX, |(_, _, until)| *until)
    }
}

/// Keys of one view in the store's order: it compares the names of their fields first, and `day` stands before
/// `product_id`.
fn in_order(key: &Key) -> (u8, &Key) {
    let rank = match key {
        Key::DaySales(..) => 0,
        Key::Customer(_)
        | Key::Bucket(..)
        | Key::Product(_)
        | Key::Prices(..)
        | Key::ProductSales(..)
        | Key::Parked(..)
        | Key::Queue(..) => 1,
    };
    (rank, key)
}

impl ReplayScope {
    pub(super) fn until(&self, key: impl FnOnce() -> Key) -> Offset {
        match self {
            Self::Everything => Offset::MAX,
            Self::Some(_, bounds) => bounds.until(&key()),
        }
    }
}

impl DocumentCache {
    /// An empty image of a part of the documents, beside no store.
    pub(crate) fn of(part: Shard, bounds: Bounds) -> Self {
        let image = Self::beside(StoreContents::Nothing).sheds_full_buckets();
        Self { scope: ReplayScope::Some(part, bounds), ..image }
    }

    /// The events that have blocked their keys, and why.
    pub(crate) fn blocked(&self) -> BTreeMap<Offset, String> {
        let parked = self.slots.iter().filter_map(|slot| {
            if let Some(Document::Parked(parked)) = &slot.document { Some(parked) } else { None }
        });
        let episodes = parked.flat_map(|parked| &parked.episodes);
        episodes.map(|episode| (episode.blocked, episode.reason.clone())).collect()
    }

    /// Every document in memory.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &Document> {
        self.slots.iter().filter_map(|slot| slot.document.as_ref())
    }

    /// How many documents are in memory.
    pub(crate) fn len(&self) -> usize {
        self.slots.iter().filter(|slot| slot.document.is_some()).count()
    }

    /// Puts everything out of memory that does not belong to this smaller part.
    pub(crate) fn narrow(&mut self, part: Shard) {
        if let ReplayScope::Some(held, _) = &mut self.scope {
            *held = part;
        }
        let outside = self
            .slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| slot.document.is_some() && !part.has(self.name(slot.title())));
        let outside: Vec<usize> = outside.map(|(index, _)| index).collect();
        for index in outside {
            self.remove(index);
        }
    }

    pub(super) fn has(&self, name: DocumentRef<'_>) -> bool {
        match &self.scope {
            ReplayScope::Everything => true,
            ReplayScope::Some(part, _) => part.has(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_whole_have_each_document_once() {
        let (aggregates, sums) = Shard::WHOLE.halves();
        let (first, second) = aggregates.halves();
        let (third, fourth) = second.halves();
        let (fifth, sixth) = sums.halves();
        let parts = [first, third, fourth, fifth, sixth];
        let mut counts = [0; 5];
        for number in 0..1_000 {
            let id = format!("c{number}");
            for kind in [DocumentKind::Customer, DocumentKind::Bucket, DocumentKind::ProductSales] {
                let has = parts.map(|part| part.has(DocumentRef { kind, id: &id, number }));
                assert_eq!(has.iter().filter(|has| **has).count(), 1);
                counts.iter_mut().zip(has).for_each(|(count, has)| *count += i32::from(has));
            }
        }
        assert!(counts.iter().all(|count| *count > 300), "{counts:?}");
    }

    #[test]
    fn a_document_belongs_to_the_moment_in_which_its_key_was_read() {
        let sales = |last: Option<Key>, until| (View::Sales, last, until);
        let day = |day: &str| Key::DaySales(day.into(), "p".into(), event_log::Partition(0));
        let price = |id: &str| Key::ProductSales(id.into(), 1, event_log::Partition(0));
        let views =
            vec![sales(Some(day("2026-01-02")), 10), sales(Some(price("b")), 20), sales(None, 30)];
        let bounds = Bounds { views };
        let until =
            [day("2026-01-01"), day("2026-01-02"), day("2026-01-03"), price("b"), price("c")];
        assert_eq!(until.map(|key| bounds.until(&key)), [10, 10, 20, 20, 30]);
        assert_eq!(bounds.end(), 30);
    }
}
