//! What a store has when a course is fed or filled into it, killed now and then.

use std::collections::{BTreeMap, BTreeSet};

use domain::Currency;
use event_log::Ledger;
use proptest::prelude::*;
use views::{Change, Checkpoint, Document, Key, Mode, Parked};

use super::{Needs, Offset, PARTITION, PartitionProjection, Script, Stop, StoredRecord};
use crate::{DocumentCache, cache::StoreContents};

/// How a partition is taken in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cuts {
    /// How many records each batch has, over and over; all at once when there is none.
    pub(crate) sizes: Vec<usize>,
    /// Which batches, over and over, are followed by a kill; none when there is none.
    pub(crate) kills: Vec<bool>,
    pub(crate) skips: BTreeSet<Offset>,
}

pub(crate) fn cuts() -> impl Strategy<Value = Cuts> {
    let sizes = prop::collection::vec(1..20_usize, 1..5);
    let kills = prop::collection::vec(any::<bool>(), 1..5);
    (sizes, kills).prop_map(|(sizes, kills)| Cuts { sizes, kills, skips: BTreeSet::new() })
}

impl Cuts {
    fn size(&self, batch: usize) -> usize {
        if self.sizes.is_empty() { usize::MAX } else { self.sizes[batch % self.sizes.len()] }
    }

    fn kills(&self, batch: usize) -> bool {
        !self.kills.is_empty() && self.kills[batch % self.kills.len()]
    }
}

/// A store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) documents: BTreeMap<Key, Document>,
    pub(crate) checkpoint: Checkpoint,
}

impl Default for Stored {
    fn default() -> Self {
        let (ledger, mode) = (Ledger::default(), Mode::Live);
        let checkpoint = Checkpoint { rev: 1, at: 0, ledger, mode, parked: 0 };
        Self { documents: BTreeMap::new(), checkpoint }
    }
}

impl Stored {
    /// Feeds it by transactions. A kill comes before the commit, and after it.
    pub(crate) fn feed(&mut self, script: &Script, cuts: &Cuts) -> Result<(), Stop> {
        let mut course = self.course(DocumentCache::default(), &cuts.skips);
        let mut batch = 0;
        while let Some(records) = next(script, self.checkpoint.at, cuts.size(batch)) {
            if cuts.kills(batch) {
                self.take(&mut course, records, script)?;
                course = self.course(DocumentCache::default(), &cuts.skips);
            }
            self.take(&mut course, records, script)?;
            for change in course.image().changes() {
                let (Change::Insert(document) | Change::Update { document, .. }) = change else {
                    panic!("a fold removes nothing");
                };
                self.documents.insert(document.key(), document);
            }
            course.image().stored(usize::MAX);
            self.checkpoint = course.checkpoint(self.checkpoint);
            batch += 1;
        }
        Ok(())
    }

    /// Fills it: documents by themselves, those in quarantine first, and the checkpoint only when all are stored.
    pub(crate) fn fill(
        &mut self,
        script: &Script,
        cuts: &Cuts,
        mut chance: u64,
    ) -> Result<(), Stop> {
        self.checkpoint.mode = Mode::Fill { to: script.end() };
        let mut course = self.course(DocumentCache::beside(StoreContents::Nothing), &cuts.skips);
        let (mut at, mut batch) = (0, 0);
        let mut kills_left = 20;
        while let Some(records) = next(script, at, cuts.size(batch)) {
            self.take(&mut course, records, script)?;
            at = records.last().unwrap().offset + 1;
            batch += 1;
            chance = chance.rotate_left(7).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
            self.write(&mut course, if at == script.end() { u64::MAX } else { chance });
            if cuts.kills(batch) && kills_left > 0 && at < script.end() {
                kills_left -= 1;
                at = self.checkpoint.at;
                let elsewhere =
                    if at == 0 { StoreContents::Nothing } else { StoreContents::Anything };
                course = self.course(DocumentCache::beside(elsewhere), &cuts.skips);
            }
        }
        self.checkpoint.mode = Mode::Live;
        Ok(())
    }

    /// Writes some of what has changed, or all of it and the checkpoint.
    fn write(&mut self, course: &mut PartitionProjection, chance: u64) {
        let changed: Vec<Document> = course
            .image()
            .changes()
            .into_iter()
            .filter_map(|change| match change {
                Change::Insert(document) | Change::Update { document, .. } => Some(document),
                Change::Remove(_) => None,
            })
            .collect();
        let is_parked = |it: &Document| matches!(it, Document::Parked(_) | Document::Queue(_));
        let all = chance == u64::MAX || chance.is_multiple_of(5);
        for (number, document) in changed.into_iter().enumerate() {
            let is_drawn = chance >> (number % 60) & 1 == 1;
            if all || is_parked(&document) || is_drawn {
                let stored = self.documents.get(&document.key()).map(Document::last);
                if stored.is_none_or(|last| last < document.last()) {
                    self.documents.insert(document.key(), document);
                }
            }
        }
        if all {
            course.image().stored(usize::MAX);
            self.checkpoint = course.checkpoint(self.checkpoint);
        }
    }

    fn course(&self, image: DocumentCache, skips: &BTreeSet<Offset>) -> PartitionProjection {
        let parked = self.documents.values().filter_map(|document| {
            if let Document::Parked(parked) = document { Some(parked.clone()) } else { None }
        });
        let is_needed = self.checkpoint.at > 0;
        let parked: Vec<Parked> = parked.filter(|_| is_needed).collect();
        PartitionProjection::from(PARTITION, Currency::PLN, &self.checkpoint, image, parked)
            .with_skips(skips)
    }

    fn take(
        &self,
        course: &mut PartitionProjection,
        records: &[StoredRecord],
        script: &Script,
    ) -> Result<(), Stop> {
        course.read(records)?;
        loop {
            match course.go_on()? {
                Needs::Done => return Ok(()),
                Needs::Documents(keys) => {
                    let found = keys.iter().filter_map(|key| self.documents.get(key)).cloned();
                    course.loaded(found.collect());
                }
                Needs::Doubt { event, .. } => course.heard(event, false),
                Needs::Records(offsets) => {
                    let at =
                        |offset: &Offset| script.records[usize::try_from(*offset).unwrap()].clone();
                    course.reread(&offsets.iter().map(at).collect::<Vec<_>>());
                }
            }
        }
    }
}

fn next(script: &Script, at: Offset, size: usize) -> Option<&[StoredRecord]> {
    let rest = &script.records[usize::try_from(at).unwrap()..];
    let batch = &rest[..rest.len().min(size)];
    (!batch.is_empty()).then_some(batch)
}
