//! The partition, and the network before it.

use std::{collections::BTreeMap, sync::Arc};

use event_log::{Content, Envelope, Ledger, Offset, Stamp, Trace, Verdict, WriterId};
use uuid::Uuid;

use super::trace::record;
use crate::audit::Logged;

/// One connection of an idempotent producer: it stores records in order, until something fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Session {
    pub(super) process: usize,
    pub(super) number: u32,
}

/// A copy of a record on its way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Copy {
    pub(super) session: Session,
    pub(super) envelope: Arc<Envelope>,
    /// Its session has failed or was given up: the copy may be stored out of order, later, or never.
    pub(super) stray: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Partition {
    /// None is a record of somebody else.
    records: Vec<Option<Arc<Envelope>>>,
    /// What a follower makes of them. Only processes read it, never the auditor.
    ledger: Ledger,
    counting: Vec<bool>,
    /// Records that nobody can read, with their keys. For the auditor they are like barriers.
    strange: BTreeMap<Offset, &'static str>,
    copies: Vec<Copy>,
}

impl Partition {
    pub(super) fn end(&self) -> Offset {
        self.records.len().try_into().unwrap_or(Offset::MAX)
    }

    pub(super) fn at(&self, offset: Offset) -> Option<&Option<Arc<Envelope>>> {
        self.records.get(usize::try_from(offset).ok()?)
    }

    pub(super) fn counts(&self, offset: Offset) -> bool {
        usize::try_from(offset)
            .ok()
            .and_then(|at| self.counting.get(at))
            .is_some_and(|counts| *counts)
    }

    pub(super) fn records(&self) -> &[Option<Arc<Envelope>>] {
        &self.records
    }

    pub(super) fn copies(&self) -> &[Copy] {
        &self.copies
    }

    pub(super) fn send(&mut self, session: Session, envelope: Arc<Envelope>) {
        self.copies.push(Copy { session, envelope, stray: false });
    }

    /// From now on nothing holds this session's copies in order.
    pub(super) fn give_up(&mut self, session: Session) {
        for copy in self.copies.iter_mut().filter(|copy| copy.session == session) {
            copy.stray = true;
        }
        // Which of two strays was sent first makes no difference, so such worlds are one.
        self.copies.sort_by_key(|copy| {
            (!copy.stray, copy.session.process, copy.session.number, copy.envelope.stamp)
        });
    }

    /// Whether the copy may be stored now: it is a stray, or the next one of its session.
    pub(super) fn is_storable(&self, index: usize) -> bool {
        let copy = &self.copies[index];
        copy.stray || !self.copies[..index].iter().any(|other| other.session == copy.session)
    }

    /// Stores a copy: the record, and where it stands.
    pub(super) fn store(&mut self, index: usize) -> (Offset, Arc<Envelope>) {
        let envelope = self.copies.remove(index).envelope;
        let offset = self.end();
        let verdict = self.ledger.judge(Some(envelope.claim()));
        self.counting.push(verdict == Verdict::Counts);
        self.records.push(Some(Arc::clone(&envelope)));
        (offset, envelope)
    }

    pub(super) fn lose(&mut self, index: usize) -> Arc<Envelope> {
        self.copies.remove(index).envelope
    }

    pub(super) fn store_foreign(&mut self) {
        self.counting.push(false);
        self.records.push(None);
    }

    /// Another program takes over, and stores something for this key that nobody can read.
    pub(super) fn store_strange(&mut self, key: &'static str, started: Content) {
        let epoch = self.ledger.epoch + 1;
        // No process and no event has such numbers.
        let writer = WriterId(Uuid::from_u64_pair(25, epoch));
        let newest = self.records.iter().flatten().map(|envelope| envelope.time).max();
        for (sequence, content) in [(0, started), (1, Content::Barrier)] {
            let stamp = Stamp { epoch, writer, sequence };
            let id = Uuid::from_u64_pair(26, 2 * epoch + sequence);
            let time = newest.unwrap_or_default();
            let envelope = Envelope { id, time, stamp, trace: Trace::default(), content };
            let verdict = self.ledger.judge(Some(envelope.claim()));
            self.counting.push(verdict == Verdict::Counts);
            self.records.push(Some(Arc::new(envelope)));
        }
        self.strange.insert(self.end() - 1, key);
    }

    /// The key of a record that nobody can read.
    pub(super) fn strange(&self, offset: Offset) -> Option<&'static str> {
        self.strange.get(&offset).copied()
    }

    /// What the auditor reads.
    pub(super) fn logged(&self) -> Vec<Logged> {
        (0..)
            .zip(&self.records)
            .map(|(offset, envelope)| Logged { offset, envelope: envelope.clone() })
            .collect()
    }

    /// The records for people, one a line.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> + '_ {
        self.records.iter().enumerate().map(|(offset, envelope)| match envelope {
            Some(envelope) => format!("{offset:>5}  {}", record(envelope)),
            None => format!("{offset:>5}  (foreign)"),
        })
    }
}
