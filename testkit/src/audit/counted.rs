//! Which records count: the auditor's own reading of the ledger's rule.

use std::sync::Arc;

use domain::Event;
use event_log::{
    Content, Envelope, Offset, StoredRecord, Timestamp, WriterId,
    codec::{self, Unreadable},
};

use super::Violation;

/// One record of the partition as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Logged {
    /// Where it stands.
    pub offset: Offset,
    /// What it says; none for a foreign record.
    pub envelope: Option<Arc<Envelope>>,
}

impl Logged {
    /// Reads a stored record. One that cannot be read can be judged by nobody.
    pub fn read(stored: &StoredRecord) -> Result<Self, Unreadable> {
        let claimed = codec::claim(&stored.record);
        let envelope = claimed.map(|_| codec::decode(&stored.record).map(Arc::new)).transpose()?;
        Ok(Self { offset: stored.offset, envelope })
    }
}

/// A record that counts.
#[derive(Debug, Clone)]
pub struct Counted {
    /// Where it stands.
    pub offset: Offset,
    /// What it says.
    pub envelope: Arc<Envelope>,
}

impl Counted {
    /// Its event, if it is one.
    pub fn event(&self) -> Option<&Event> {
        match &self.envelope.content {
            Content::Event(event) => Some(event),
            Content::WriterStarted(_) | Content::Barrier | Content::EventSkipped(_) => None,
        }
    }
}

/// How many records there are of each sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// All records.
    pub records: u64,
    /// Those that count, bookkeeping included.
    pub counted: u64,
    /// Events that count.
    pub events: u64,
    /// Those of writers that were not in force, or out of turn.
    pub void: u64,
    /// Those that are not Sklep's.
    pub foreign: u64,
}

/// The time from one counting `WriterStarted` to the next, in which one writer's records count.
struct Reign {
    epoch: u64,
    writer: WriterId,
    /// How many records of it count so far; the next one must have the number after this.
    length: u64,
}

/// Sorts the records. A reign begins with a start of a higher epoch than all reigns before had. A record counts
/// when it is numbered as the next one of the reign in which it stands.
pub(super) fn judge(records: &[Logged]) -> (Vec<Counted>, Tally) {
    let mut reign: Option<Reign> = None;
    let mut counted = Vec::new();
    let mut tally = Tally::default();
    for logged in records {
        tally.records = tally.records.saturating_add(1);
        let Some(envelope) = &logged.envelope else {
            tally.foreign = tally.foreign.saturating_add(1);
            continue;
        };
        if has_its_turn(&mut reign, envelope) {
            counted.push(Counted { offset: logged.offset, envelope: Arc::clone(envelope) });
        } else {
            tally.void = tally.void.saturating_add(1);
        }
    }
    tally.counted = length(counted.len());
    tally.events = length(counted.iter().filter(|record| record.event().is_some()).count());
    (counted, tally)
}

fn has_its_turn(reign: &mut Option<Reign>, envelope: &Envelope) -> bool {
    let stamp = envelope.stamp;
    if matches!(envelope.content, Content::WriterStarted(_)) {
        let highest = reign.as_ref().map_or(0, |reign| reign.epoch);
        let begins = stamp.epoch > highest;
        if begins {
            *reign = Some(Reign { epoch: stamp.epoch, writer: stamp.writer, length: 0 });
        }
        return begins;
    }
    match reign {
        Some(reign)
            if reign.epoch == stamp.epoch
                && reign.writer == stamp.writer
                && reign.length.checked_add(1) == Some(stamp.sequence) =>
        {
            reign.length = stamp.sequence;
            true
        }
        Some(_) | None => false,
    }
}

/// A writer's start is excepted: it is written before its writer has read all that stands before it, which may
/// have been recorded by a faster clock.
pub(super) fn check_times(counted: &[Counted], violations: &mut Vec<Violation>) {
    let mut newest = Timestamp(i64::MIN);
    for Counted { offset, envelope } in counted {
        let starts = matches!(envelope.content, Content::WriterStarted(_));
        if !starts && envelope.time < newest {
            violations.push(Violation::TimeWentBack { offset: *offset });
        }
        newest = newest.max(envelope.time);
    }
}

pub(super) fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
