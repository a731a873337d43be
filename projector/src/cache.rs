//! The documents of one partition that are in memory.

mod entry;
mod evict;
mod interner;
mod memory_size;
mod scope;
mod store_contents;

use std::{collections::HashMap, hash::BuildHasher as _};

use domain::Event;
use hashbrown::{DefaultHashBuilder, HashTable};
use views::{Change, Document, Key};

use crate::fold::{ApplyAt, CannotApply, DocumentRef, DocumentUpdate, RecordedEvent, touches};

pub use self::store_contents::StoreContents;
use self::{
    entry::{Entry, EntryKey},
    interner::{IdInterner, OwnerNumber},
};
pub(crate) use self::{
    memory_size::bytes_of,
    scope::{Bounds, ReplayScope, Shard},
};

/// The documents of one partition that are in memory: as the store has them, and as events have left them since.
///
/// Found without copying any text, and changed in place. Dropped on any error: then nobody knows what the store has.
#[derive(Debug)]
pub struct DocumentCache {
    slots: Vec<Entry>,
    /// Slots that hold nothing any more.
    free: Vec<usize>,
    owners: IdInterner,
    /// The slots by the hash of their titles, which stands beside them: the slots are far away.
    index: HashTable<(u64, usize)>,
    hasher: DefaultHashBuilder,
    elsewhere: StoreContents,
    scope: ReplayScope,
    /// What the store must be asked for.
    awaited: Vec<(Key, usize)>,
    /// Slots that have changed, and some that have not any more.
    changed: Vec<usize>,
    /// Whether something of the quarantine is among them.
    parked_changed: bool,
    bytes: usize,
    /// Whether full buckets leave, and those that have left.
    sheds: bool,
    shed: Vec<Document>,
}

impl Default for DocumentCache {
    /// For documents of which the store may have any.
    fn default() -> Self {
        Self::beside(StoreContents::Anything)
    }
}

impl DocumentCache {
    /// An empty image beside a store that has such documents.
    pub fn beside(elsewhere: StoreContents) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            owners: IdInterner::default(),
            index: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            elsewhere,
            scope: ReplayScope::Everything,
            awaited: Vec::new(),
            changed: Vec::new(),
            parked_changed: false,
            bytes: 0,
            sheds: false,
            shed: Vec::new(),
        }
    }

    /// The keys that these events touch and that the store must be asked for.
    pub fn missing(&mut self, facts: &[RecordedEvent]) -> Vec<Key> {
        for fact in facts {
            self.look_up(fact, ApplyAt::of(fact));
        }
        self.awaited()
    }

    /// Finds out which documents of an event the store must be asked for.
    pub(crate) fn look_up(&mut self, fact: &RecordedEvent, at: ApplyAt) {
        if self.elsewhere.is_nothing() {
            return;
        }
        for touch in touches(&fact.event) {
            self.slot(touch.name(at), || touch.key(at));
        }
    }

    /// Whether nothing in it came from a store.
    pub(crate) fn is_alone(&self) -> bool {
        self.elsewhere.is_nothing()
    }

    /// What the store must be asked for before anything is folded.
    pub(crate) fn awaited(&self) -> Vec<Key> {
        self.awaited.iter().map(|(key, _)| key.clone()).collect()
    }

    /// Takes in what the store has of the keys that were missing; what it does not name, the store does not have.
    pub fn loaded(&mut self, documents: Vec<Document>) {
        let mut documents: HashMap<Key, Document> =
            documents.into_iter().map(|document| (document.key(), document)).collect();
        for (key, slot) in std::mem::take(&mut self.awaited) {
            if let Some(slot) = self.slots.get_mut(slot) {
                slot.load(documents.remove(&key));
                self.bytes = self.bytes.saturating_add(slot.weigh());
            }
        }
    }

    /// Folds one event into the documents that it touches; whatever has taken it in already stays as it is. An event
    /// that does not fit leaves every document as it was.
    pub fn fold(&mut self, fact: &RecordedEvent) -> Result<(), CannotApply> {
        self.fold_as(&fact.event, ApplyAt::of(fact))
    }

    /// The same for an event that may come late.
    pub(crate) fn fold_as(&mut self, event: &Event, at: ApplyAt) -> Result<(), CannotApply> {
        self.fold_where(event, at, |slot| slot.takes(at))
    }

    /// The same for an event that waited, so that none of its documents has it, though some may have later ones.
    pub(crate) fn fold_waiting(&mut self, event: &Event, at: ApplyAt) -> Result<(), CannotApply> {
        self.fold_where(event, at, |_| true)
    }

    fn fold_where(
        &mut self,
        event: &Event,
        at: ApplyAt,
        takes: impl Fn(&Entry) -> bool,
    ) -> Result<(), CannotApply> {
        let mut touched: [Option<(usize, DocumentUpdate<'_>, bool)>; 4] = [None; 4];
        // An event touches several documents of an owner one after another.
        let mut owner: Option<(&str, OwnerNumber)> = None;
        for (found, touch) in touched.iter_mut().zip(touches(event)) {
            let name = touch.name(at);
            if !self.has(name) {
                continue;
            }
            let of = owner.filter(|(id, _)| *id == name.id);
            let (_, of) =
                *owner.insert(of.unwrap_or_else(|| (name.id, self.owners.find_or_add(name.id))));
            let index = self.slot_of(of, name, || touch.key(at));
            let Some(slot) = self.slots.get(index) else { continue };
            let takes = takes(slot);
            if takes {
                touch.fits(slot.document.as_ref())?;
            }
            *found = Some((index, touch, takes));
        }
        for (index, touch, takes) in touched.into_iter().flatten() {
            if takes {
                self.change(index, at, |document| touch.apply(at, document));
            }
            if let DocumentUpdate::Lists(..) = touch {
                self.shed_if_full(index, at);
            }
        }
        Ok(())
    }

    /// A document; none when there is none, or when it is not in memory.
    pub(crate) fn get(&self, name: DocumentRef<'_>) -> Option<&Document> {
        self.slots.get(self.find(name)?)?.document.as_ref()
    }

    /// Whether a document, or its absence, is in memory. If not, it is awaited from now on.
    pub(crate) fn knows(&mut self, name: DocumentRef<'_>, key: impl Fn() -> Key) -> bool {
        let index = self.slot(name, key);
        self.slots.get(index).is_some_and(|slot| !slot.is_awaited())
    }

    /// Changes a document unless it has been changed so already.
    pub(crate) fn update(
        &mut self,
        name: DocumentRef<'_>,
        key: impl Fn() -> Key,
        at: ApplyAt,
        change: impl FnOnce(&mut Option<Document>),
    ) {
        let index = self.slot(name, key);
        if self.slots.get(index).is_some_and(|slot| slot.takes(at)) {
            self.change(index, at, change);
        }
    }

    fn change(&mut self, index: usize, at: ApplyAt, change: impl FnOnce(&mut Option<Document>)) {
        let Some(slot) = self.slots.get_mut(index) else { return };
        change(&mut slot.document);
        let before = slot.bytes();
        let now = slot.weigh();
        self.bytes = self.bytes.saturating_add(now).saturating_sub(before);
        if slot.changed_at(at) {
            self.changed.push(index);
            self.parked_changed |= slot.is_of_quarantine();
        }
    }

    fn find(&self, name: DocumentRef<'_>) -> Option<usize> {
        let title = name.with(self.owners.find(name.id)?);
        self.find_recent(title).or_else(|| self.find_hashed(self.hasher.hash_one(title), title))
    }

    fn find_recent(&self, title: EntryKey) -> Option<usize> {
        let recent = self.owners.recent(title.owner, title.kind)?;
        self.slots.get(recent).filter(|slot| slot.title() == title).map(|_| recent)
    }

    fn find_hashed(&self, hash: u64, title: EntryKey) -> Option<usize> {
        let is_it = |(of, slot): &(u64, usize)| {
            *of == hash && self.slots.get(*slot).is_some_and(|slot| slot.title() == title)
        };
        self.index.find(hash, is_it).map(|(_, slot)| *slot)
    }

    /// The slot of a document, made when there is none.
    fn slot(&mut self, name: DocumentRef<'_>, key: impl Fn() -> Key) -> usize {
        let owner = self.owners.find_or_add(name.id);
        self.slot_of(owner, name, key)
    }

    fn slot_of(
        &mut self,
        owner: OwnerNumber,
        name: DocumentRef<'_>,
        key: impl Fn() -> Key,
    ) -> usize {
        let title = name.with(owner);
        if let Some(recent) = self.find_recent(title) {
            return recent;
        }
        let hash = self.hasher.hash_one(title);
        let found = self.find_hashed(hash, title).unwrap_or_else(|| {
            let index = self.add(title, self.elsewhere.may_have(self.hash(name)), &key);
            self.index.insert_unique(hash, (hash, index), |(hash, _)| *hash);
            index
        });
        self.owners.used(owner, title.kind, found);
        found
    }

    /// A slot for a document that has none.
    fn add(&mut self, title: EntryKey, is_awaited: bool, key: impl Fn() -> Key) -> usize {
        let slot = Entry::new(title, is_awaited, self.scope.until(&key));
        let taken = slot.bytes().saturating_add(self.owners.took_slot(title.owner));
        self.bytes = self.bytes.saturating_add(taken);
        let index = self.free.pop().unwrap_or(self.slots.len());
        match self.slots.get_mut(index) {
            Some(free) => *free = slot,
            None => self.slots.push(slot),
        }
        if is_awaited {
            self.awaited.push((key(), index));
        }
        index
    }

    fn name(&self, EntryKey { kind, owner, number }: EntryKey) -> DocumentRef<'_> {
        DocumentRef { kind, id: self.owners.id(owner), number }
    }

    /// By which a document is told from others that the store may have.
    fn hash(&self, name: DocumentRef<'_>) -> u64 {
        self.hasher.hash_one(name)
    }

    /// What has become of the store's documents since the last time.
    pub fn changes(&self) -> Vec<Change> {
        let slots = self.changed.iter().filter_map(|index| self.slots.get(*index));
        slots.filter_map(Entry::change).collect()
    }

    /// Takes in that the store has all changes. Forgets everything when that is more than so many bytes.
    pub fn stored(&mut self, most: usize) {
        for index in self.changed.drain(..) {
            if let Some(slot) = self.slots.get_mut(index) {
                slot.stored();
            }
        }
        self.parked_changed = false;
        if self.bytes > most {
            self.empty();
        }
    }

    /// Nothing is in memory any more; gives what was. What the store may have is still known, by the same hashes.
    fn empty(&mut self) -> Self {
        let elsewhere = std::mem::take(&mut self.elsewhere);
        let (hasher, sheds) = (self.hasher.clone(), self.sheds);
        std::mem::replace(self, Self { hasher, sheds, ..Self::beside(elsewhere) })
    }
}
