//! Whose documents are in memory.

use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::fold::DocumentKind;

/// An entry of the table: sixteen bytes and a byte of control, in a table that is seven eighths full at most and may be
/// half empty; and the owner itself in a block half of which may be empty.
const EACH: usize = 40 + 2 * size_of::<Owner>();

/// How many kinds of documents there are.
const KINDS: usize = 8;

/// Which owner, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct OwnerNumber(usize);

impl OwnerNumber {
    /// Whose a slot is that holds nothing.
    pub(super) const NOBODY: Self = Self(usize::MAX);
}

/// Whose documents are in memory: each id is looked up once for an event, and nearly always leads to the slots at once.
#[derive(Debug, Default)]
pub(super) struct IdInterner {
    all: Vec<Owner>,
    /// Those who own nothing any more.
    free: Vec<OwnerNumber>,
    /// By the hash of their ids, which stands beside them: ids are far away.
    index: HashTable<(u64, OwnerNumber)>,
    hasher: DefaultHashBuilder,
}

#[derive(Debug)]
struct Owner {
    id: Box<str>,
    slots: usize,
    /// For each kind the slot that was used last.
    recent: [usize; KINDS],
}

impl IdInterner {
    pub(super) fn find(&self, id: &str) -> Option<OwnerNumber> {
        self.find_hashed(self.hasher.hash_one(id), id)
    }

    fn find_hashed(&self, hash: u64, id: &str) -> Option<OwnerNumber> {
        let is_it = |(of, owner): &(u64, OwnerNumber)| *of == hash && self.id(*owner) == id;
        self.index.find(hash, is_it).map(|(_, owner)| *owner)
    }

    /// The owner with this id, who may own nothing yet.
    pub(super) fn find_or_add(&mut self, id: &str) -> OwnerNumber {
        let hash = self.hasher.hash_one(id);
        if let Some(found) = self.find_hashed(hash, id) {
            return found;
        }
        let number = self.free.pop().unwrap_or(OwnerNumber(self.all.len()));
        let owner = Owner { id: id.into(), slots: 0, recent: [usize::MAX; KINDS] };
        match self.all.get_mut(number.0) {
            Some(free) => *free = owner,
            None => self.all.push(owner),
        }
        self.index.insert_unique(hash, (hash, number), |(hash, _)| *hash);
        number
    }

    pub(super) fn id(&self, owner: OwnerNumber) -> &str {
        self.all.get(owner.0).map(|it| &*it.id).unwrap_or_default()
    }

    /// The slot that was used last, which may have become another one.
    pub(super) fn recent(&self, owner: OwnerNumber, kind: DocumentKind) -> Option<usize> {
        self.all.get(owner.0)?.recent.get(place(kind)).copied()
    }

    pub(super) fn used(&mut self, owner: OwnerNumber, kind: DocumentKind, slot: usize) {
        let owner = self.all.get_mut(owner.0);
        if let Some(recent) = owner.and_then(|it| it.recent.get_mut(place(kind))) {
            *recent = slot;
        }
    }

    /// One slot more; says how many bytes of memory that takes.
    pub(super) fn took_slot(&mut self, owner: OwnerNumber) -> usize {
        let Some(owner) = self.all.get_mut(owner.0) else { return 0 };
        owner.slots = owner.slots.saturating_add(1);
        if owner.slots == 1 { owner.weight() } else { 0 }
    }

    /// One slot less; an owner of none is forgotten. Says how many bytes of memory that frees.
    pub(super) fn gave_slot(&mut self, number: OwnerNumber) -> usize {
        let Some(owner) = self.all.get_mut(number.0) else { return 0 };
        owner.slots = owner.slots.saturating_sub(1);
        if owner.slots > 0 {
            return 0;
        }
        let weight = owner.weight();
        let id = std::mem::take(&mut owner.id);
        let hash = self.hasher.hash_one(&*id);
        if let Ok(entry) = self.index.find_entry(hash, |(_, it)| *it == number) {
            entry.remove();
        }
        self.free.push(number);
        weight
    }
}

/// Where a kind stands among all of them.
fn place(kind: DocumentKind) -> usize {
    match kind {
        DocumentKind::Customer => 0,
        DocumentKind::Bucket => 1,
        DocumentKind::Product => 2,
        DocumentKind::Prices => 3,
        DocumentKind::ProductSales => 4,
        DocumentKind::DaySales => 5,
        DocumentKind::Parked => 6,
        DocumentKind::Queue => 7,
    }
}

impl Owner {
    fn weight(&self) -> usize {
        EACH.saturating_add(self.id.len())
    }
}
