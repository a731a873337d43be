//! The course of one partition: what its records come to, one after another, without any input or output.
//!
//! The live feed, a rebuild and a check drive the same one, so that they come to the same documents. It asks for what it
//! needs ([`Needs`]) and goes on when it has it.

mod doubt;
mod quarantine;
pub(crate) mod record;
mod release;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::Currency;
use event_log::{Ledger, Offset, Partition, StoredRecord, Timestamp};
use views::{Checkpoint, Document, Key, Mode, Parked};

use self::{
    doubt::Heard,
    quarantine::Waits,
    record::{DecodedRecord, RecordKind},
    release::Release,
};
use crate::{
    DocumentCache,
    fold::{self, ApplyAt},
};

/// One partition's records, as far as they were taken in.
#[derive(Debug)]
pub struct PartitionProjection {
    partition: Partition,
    /// The log's, in which alone money is taken in.
    currency: Currency,
    /// The next record to take in, and the ledger's state before the next record to read.
    at: Offset,
    ledger: Ledger,
    image: DocumentCache,
    /// What was read and not yet taken in.
    steps: VecDeque<DecodedRecord>,
    /// The keys in quarantine.
    parked: BTreeMap<String, Blocked>,
    /// Events of which it is known in advance that they block their key, and why.
    known: BTreeMap<Offset, String>,
    /// Those of them that a later record has skipped.
    skips: BTreeSet<Offset>,
    /// A key that is being released by the next step.
    release: Option<Release>,
    /// What the log says of the next step, when that has not fitted.
    heard: Option<Heard>,
    /// The only key whose events are taken in, when there is one.
    only: Option<String>,
}

/// What blocks a key.
#[derive(Debug, Clone, Copy)]
struct Blocked {
    by: Offset,
    /// The document that the queue goes on in; none when that is to be found out.
    queue: Option<u64>,
}

/// What a course needs to go on.
#[derive(Debug, PartialEq, Eq)]
pub enum Needs {
    /// Everything that was read is taken in.
    Done,
    /// What the store has of these keys.
    Documents(Vec<Key>),
    /// The partition's records at these offsets.
    Records(Vec<Offset>),
    /// Whether the log alone leads to this event, which does not fit its documents.
    Doubt {
        /// Whose event it is.
        key: String,
        /// Where it stands.
        event: Offset,
    },
}

/// Why a course cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// Records are missing.
    #[error("the log goes on at offset {found}, though offset {expected} is next")]
    Gap {
        /// Where it should go on.
        expected: Offset,
        /// Where it does.
        found: Offset,
    },
    /// An event that the log leads to does not fit what is stored, which somebody else has changed.
    #[error(
        "the views of {key} are damaged: the log leads to the event at offset {event}, which does not fit them ({reason}). The event \
         is a good one; `sklep verify` shows what was changed, `sklep rebuild` makes the views anew"
    )]
    Damaged {
        /// The event.
        event: Offset,
        /// Whose it is.
        key: String,
        /// Why it does not fit.
        reason: String,
    },
    /// An operator gave up an event that this program has taken in, since it can read it.
    #[error(
        "offset {at} skips the event at offset {event}, which this program has taken in, since it can read it, or which is none \
         of that customer or product: run `sklep rebuild`"
    )]
    SkippedAfterwards {
        /// The event.
        event: Offset,
        /// The record that skips it.
        at: Offset,
    },
}

impl PartitionProjection {
    /// Goes on from a checkpoint, knowing the keys that are or were in quarantine.
    pub fn from(
        partition: Partition,
        currency: Currency,
        checkpoint: &Checkpoint,
        image: DocumentCache,
        parked: Vec<Parked>,
    ) -> Self {
        let mut course = Self {
            partition,
            currency,
            at: checkpoint.at,
            ledger: checkpoint.ledger,
            image,
            steps: VecDeque::new(),
            parked: BTreeMap::new(),
            known: BTreeMap::new(),
            skips: BTreeSet::new(),
            release: None,
            heard: None,
            only: None,
        };
        for parked in parked {
            let episode = match checkpoint.mode {
                Mode::Live => parked.lasting(),
                // Its documents may be ahead of it.
                Mode::Fill { .. } => fold::blocked_at(&parked, checkpoint.at),
            };
            let blocked = episode.map(|it| Blocked { by: it.blocked, queue: None });
            course.parked.extend(blocked.map(|blocked| (parked.key.clone(), blocked)));
            course.known.extend(parked.episodes.into_iter().map(|it| (it.blocked, it.reason)));
        }
        course
    }

    /// Begins at the log's begin; these events block their keys.
    pub(crate) fn replay(
        partition: Partition,
        currency: Currency,
        image: DocumentCache,
        known: BTreeMap<Offset, String>,
    ) -> Self {
        let start =
            Checkpoint { rev: 0, at: 0, ledger: Ledger::default(), mode: Mode::Live, parked: 0 };
        Self { known, ..Self::from(partition, currency, &start, image, Vec::new()) }
    }

    /// Lets these events block their keys though they could be taken in: later records skip them.
    #[must_use]
    pub fn with_skips(mut self, skips: &BTreeSet<Offset>) -> Self {
        let reason = |offset: &Offset| (*offset, "a later record of the log skips it".to_owned());
        self.known.extend(skips.iter().map(reason));
        self.skips.clone_from(skips);
        self
    }

    /// Judges and reads the next records.
    pub fn read(&mut self, records: &[StoredRecord]) -> Result<(), Stop> {
        for stored in records {
            let expected = self.steps.back().map_or(self.at, |step| step.offset.saturating_add(1));
            if stored.offset != expected {
                return Err(Stop::Gap { expected, found: stored.offset });
            }
            let step = DecodedRecord::judged(&mut self.ledger, self.partition, stored);
            let step = step.in_currency(self.currency).of_key(self.only.as_deref());
            if let RecordKind::Fact(fact) = &step.meaning {
                self.image.look_up(fact, ApplyAt::of(fact));
            }
            self.steps.push_back(step);
        }
        Ok(())
    }

    /// Takes in what was read, as far as that goes.
    pub fn go_on(&mut self) -> Result<Needs, Stop> {
        loop {
            let awaited = self.image.awaited();
            if !awaited.is_empty() {
                return Ok(Needs::Documents(awaited));
            }
            let Some(step) = self.steps.pop_front() else { return Ok(Needs::Done) };
            match self.take(&step)? {
                Step::Yes => self.at = step.offset.saturating_add(1),
                Step::NotYet => self.steps.push_front(step),
                Step::Needs(offsets) => {
                    self.steps.push_front(step);
                    return Ok(Needs::Records(offsets));
                }
                Step::Doubts => {
                    let (key, event) = (step.key().to_owned(), step.offset);
                    self.steps.push_front(step);
                    return Ok(Needs::Doubt { key, event });
                }
            }
        }
    }

    /// Gives what the store has of the keys that it was asked for.
    pub fn loaded(&mut self, documents: Vec<Document>) {
        self.image.loaded(documents);
    }

    /// Gives the records that it was asked for.
    pub fn reread(&mut self, records: &[StoredRecord]) {
        let Some(release) = &mut self.release else { return };
        let step = |stored| DecodedRecord::read(self.partition, stored).in_currency(self.currency);
        let steps = records.iter().map(step).collect();
        for fact in release.waiting(steps) {
            self.image.look_up(fact, ApplyAt::of(fact));
        }
    }

    /// Which partition it is.
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The offset of the next record to take in.
    pub(crate) fn next(&self) -> Offset {
        self.at
    }

    /// The documents in memory.
    pub fn image(&mut self) -> &mut DocumentCache {
        &mut self.image
    }

    /// Where it is, once everything that was read is taken in.
    pub fn checkpoint(&self, before: Checkpoint) -> Checkpoint {
        let parked = u64::try_from(self.parked.len()).unwrap_or(u64::MAX);
        Checkpoint { at: self.at, ledger: self.ledger, parked, ..before }
    }

    fn take(&mut self, step: &DecodedRecord) -> Result<Step, Stop> {
        match &step.meaning {
            RecordKind::Nothing => Ok(Step::Yes),
            RecordKind::Fact(fact) => {
                let key = step.key();
                if let Some(blocked) = self.blocked(key) {
                    return Ok(self.wait(key, blocked, step.offset, fact.time, Waits::Event));
                }
                if let Some(reason) = self.known.get(&step.offset).cloned() {
                    return Ok(self.park(key, step.offset, reason, fact.time));
                }
                match self.image.fold(fact) {
                    Ok(()) => Ok(Step::Yes),
                    Err(misfit) => self.misfits(key, step.offset, misfit.to_string(), fact.time),
                }
            }
            RecordKind::Unreadable { key, reason, time } => Ok(match self.blocked(key) {
                Some(blocked) => self.wait(key, blocked, step.offset, *time, Waits::Event),
                None => self.park(key, step.offset, reason.clone(), *time),
            }),
            RecordKind::Skip(skipped, time) => self.skip(skipped, step.offset, *time),
        }
    }

    fn blocked(&self, key: &str) -> Option<Blocked> {
        // Nearly always there is none, and then no text is compared.
        if self.parked.is_empty() { None } else { self.parked.get(key).copied() }
    }

    fn at(&self, offset: Offset, time: Timestamp) -> ApplyAt {
        ApplyAt { offset, last: offset, partition: self.partition, time }
    }
}

/// Whether a step was taken.
enum Step {
    Yes,
    /// Documents that it needs are awaited.
    NotYet,
    /// It needs these records.
    Needs(Vec<Offset>),
    /// It does not fit, and the log is to say why.
    Doubts,
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "an overflow in a test is a failed test")]
pub(crate) mod tests;
