//! Keys in quarantine: how they get there, and what waits.

use event_log::{EventSkipped, Offset, Partition, Timestamp};
use views::{Document, Key, QuarantinePeriod};

use super::{Blocked, PartitionProjection, Step, Stop};
use crate::fold::{self, DocumentKind, DocumentRef};

/// What waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waits {
    Event,
    Skip,
}

impl PartitionProjection {
    /// An event begins to block its key.
    pub(super) fn park(
        &mut self,
        key: &str,
        offset: Offset,
        reason: String,
        since: Timestamp,
    ) -> Step {
        let name = parked_name(key);
        if !self.image.knows(name, || parked_key(self.partition, key)) {
            return Step::NotYet;
        }
        let queue = if self.image.get(name).is_none() { Some(0) } else { None };
        let episode = QuarantinePeriod { blocked: offset, reason, since, released: None };
        let at = self.at(offset, since);
        self.image.update(
            name,
            || parked_key(at.partition, key),
            at,
            |document| {
                fold::park(key, episode, at, document);
            },
        );
        self.parked.insert(key.to_owned(), Blocked { by: offset, queue });
        Step::Yes
    }

    /// A record waits until its key is released.
    pub(super) fn wait(
        &mut self,
        key: &str,
        blocked: Blocked,
        offset: Offset,
        time: Timestamp,
        waits: Waits,
    ) -> Step {
        let Some(number) = self.queue_end(key, blocked, Some(offset)) else {
            return Step::NotYet;
        };
        let (at, partition) = (self.at(offset, time), self.partition);
        if !self.image.knows(parked_name(key), || parked_key(partition, key)) {
            return Step::NotYet;
        }
        let queue = || Key::Queue(partition, key.to_owned(), number);
        self.image.update(queue_name(key, number), queue, at, |document| {
            fold::queue(key, number, at, document);
        });
        if waits == Waits::Event {
            self.image.update(
                parked_name(key),
                || parked_key(partition, key),
                at,
                |document| {
                    fold::wait(at, document);
                },
            );
        }
        Step::Yes
    }

    /// The document that a queue goes on in: the first that is not full, or that has this offset already. None when
    /// documents must be loaded to find it.
    pub(super) fn queue_end(
        &mut self,
        key: &str,
        blocked: Blocked,
        next: Option<Offset>,
    ) -> Option<u64> {
        let mut number = blocked.queue.unwrap_or_default();
        loop {
            let name = queue_name(key, number);
            let partition = self.partition;
            if !self.image.knows(name, || Key::Queue(partition, key.to_owned(), number)) {
                return None;
            }
            let document = self.image.get(name);
            let has_it = next.zip(document).is_some_and(|(next, it)| it.last() >= next);
            if !fold::is_full(document) || has_it {
                break;
            }
            number = number.saturating_add(1);
        }
        self.parked.insert(key.to_owned(), Blocked { queue: Some(number), ..blocked });
        Some(number)
    }

    pub(super) fn skip(
        &mut self,
        skipped: &EventSkipped,
        offset: Offset,
        time: Timestamp,
    ) -> Result<Step, Stop> {
        let (key, event) = (skipped.key.as_str(), skipped.place.offset);
        match self.blocked(key) {
            Some(blocked) if blocked.by == event => self.release(key, blocked, offset, time),
            // It waits with its event.
            Some(blocked) if blocked.by < event => {
                Ok(self.wait(key, blocked, offset, time, Waits::Skip))
            }
            Some(_) | None => self.skip_of_the_past(key, event, offset),
        }
    }

    /// What is skipped twice is skipped. What was taken in cannot be.
    fn skip_of_the_past(&mut self, key: &str, event: Offset, at: Offset) -> Result<Step, Stop> {
        let (name, partition) = (parked_name(key), self.partition);
        if !self.image.knows(name, || parked_key(partition, key)) {
            return Ok(Step::NotYet);
        }
        if self.may_be_skipped(key, event) {
            return Ok(Step::Yes);
        }
        Err(Stop::SkippedAfterwards { event, at })
    }

    /// Whether an event has blocked its key once, so that it was not taken in; or whether it is not there at all.
    pub(super) fn may_be_skipped(&self, key: &str, event: Offset) -> bool {
        let has_blocked = match self.image.get(parked_name(key)) {
            Some(Document::Parked(parked)) => {
                parked.episodes.iter().any(|episode| episode.blocked == event)
            }
            Some(_) | None => false,
        };
        has_blocked || self.skips.contains(&event)
    }
}

pub(super) fn parked_name(key: &str) -> DocumentRef<'_> {
    DocumentRef { kind: DocumentKind::Parked, id: key, number: 0 }
}

pub(super) fn queue_name(key: &str, number: u64) -> DocumentRef<'_> {
    DocumentRef { kind: DocumentKind::Queue, id: key, number }
}

pub(super) fn parked_key(partition: Partition, key: &str) -> Key {
    Key::Parked(partition, key.to_owned())
}
