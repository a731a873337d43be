//! One document in memory, and what the store has of it.

use event_log::Offset;
use views::{Change, Document};

use super::{interner::OwnerNumber, memory_size::memory_size};
use crate::fold::{ApplyAt, DocumentKind, DocumentRef};

/// A document's name, with the number of whose it is: two numbers are compared sooner than two texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct EntryKey {
    pub(super) kind: DocumentKind,
    pub(super) owner: OwnerNumber,
    pub(super) number: u64,
}

impl DocumentRef<'_> {
    pub(super) fn with(self, owner: OwnerNumber) -> EntryKey {
        EntryKey { kind: self.kind, owner, number: self.number }
    }
}

/// One document in memory.
#[derive(Debug)]
pub(super) struct Entry {
    title: EntryKey,
    /// None when there is none.
    pub(super) document: Option<Document>,
    state: State,
    /// Whether the store does not have the document as it is here.
    is_changed: bool,
    /// Late events that were taken in at this offset have left the document as it is here. The rest of them still
    /// belongs into it, though its `last` is this offset already.
    late: Option<Offset>,
    /// Up to which offset events are taken in.
    until: Offset,
    bytes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Whether the store has it is to be found out.
    Awaited,
    /// The store does not have it.
    New,
    /// The store has it.
    Stored { purchases: usize },
}

impl Entry {
    pub(super) fn new(title: EntryKey, is_awaited: bool, until: Offset) -> Self {
        let state = if is_awaited { State::Awaited } else { State::New };
        let mut slot =
            Self { title, document: None, state, is_changed: false, late: None, until, bytes: 0 };
        slot.weigh();
        slot
    }

    pub(super) fn title(&self) -> EntryKey {
        self.title
    }

    pub(super) fn is_of_quarantine(&self) -> bool {
        matches!(self.title.kind, DocumentKind::Parked | DocumentKind::Queue)
    }

    pub(super) fn is_awaited(&self) -> bool {
        self.state == State::Awaited
    }

    pub(super) fn load(&mut self, document: Option<Document>) {
        self.state = match &document {
            Some(document) => State::Stored { purchases: purchases_of(document) },
            None => State::New,
        };
        self.document = document;
    }

    /// Whether an event is still to be taken in.
    pub(super) fn takes(&self, at: ApplyAt) -> bool {
        let last = self.document.as_ref().map(Document::last);
        let is_new = last.is_none_or(|last| last < at.last);
        let is_late = at.last > at.offset && self.late == Some(at.last);
        at.last < self.until && (is_new || is_late)
    }

    /// Says whether it had not changed before.
    pub(super) fn changed_at(&mut self, at: ApplyAt) -> bool {
        if at.last > at.offset {
            self.late = Some(at.last);
        }
        !std::mem::replace(&mut self.is_changed, true)
    }

    pub(super) fn change(&self) -> Option<Change> {
        let document = self.document.as_ref().filter(|_| self.is_changed)?.clone();
        Some(match self.state {
            State::Stored { purchases } => Change::Update { document, stored_purchases: purchases },
            State::New | State::Awaited => Change::Insert(document),
        })
    }

    pub(super) fn stored(&mut self) {
        self.is_changed = false;
        let purchases = self.document.as_ref().map_or(0, purchases_of);
        self.state = State::Stored { purchases };
    }

    /// A copy, if the store does not have the document so; it counts as stored.
    pub(super) fn copy_changed(&mut self) -> Option<Document> {
        let copy = self.document.as_ref().filter(|_| self.is_changed)?.clone();
        self.stored();
        Some(copy)
    }

    /// The document, if the store does not have it so.
    pub(super) fn into_changed(self) -> Option<Document> {
        self.document.filter(|_| self.is_changed)
    }

    /// Holds nothing any more; gives the document if the store does not have it so.
    pub(super) fn empty(&mut self) -> Option<Document> {
        self.title.owner = OwnerNumber::NOBODY;
        self.late = None;
        let is_changed = std::mem::take(&mut self.is_changed);
        self.document.take().filter(|_| is_changed)
    }

    /// What it weighed when it was last weighed, in bytes of memory.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Weighs it.
    pub(super) fn weigh(&mut self) -> usize {
        // Slots stand in one block, half of which may be empty.
        let own = size_of::<Self>().saturating_mul(2);
        self.bytes = self.document.as_ref().map_or(own, |it| memory_size(it).saturating_add(own));
        self.bytes
    }
}

fn purchases_of(document: &Document) -> usize {
    match document {
        Document::Bucket(bucket) => bucket.purchases.len(),
        Document::Customer(_)
        | Document::Product(_)
        | Document::Prices(_)
        | Document::ProductSales(_)
        | Document::DaySales(_)
        | Document::Parked(_)
        | Document::Queue(_) => 0,
    }
}
