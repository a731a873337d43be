//! The release of a key: what waits is taken in as if it stood where the release stands.

use std::collections::VecDeque;

use event_log::{Offset, Timestamp};
use views::{Document, QuarantinePeriod};

use super::{
    Blocked, DecodedRecord, PartitionProjection, RecordKind, Step, Stop,
    quarantine::{parked_key, parked_name, queue_name},
};
use crate::fold::{self, ApplyAt, RecordedEvent};

/// A key that is being released.
#[derive(Debug, Default)]
pub(super) struct Release {
    /// What waits; none until it was read.
    steps: Option<VecDeque<DecodedRecord>>,
}

impl Release {
    /// Takes in what waits, and gives the facts among it.
    pub(super) fn waiting(
        &mut self,
        steps: VecDeque<DecodedRecord>,
    ) -> impl Iterator<Item = &RecordedEvent> {
        self.steps.insert(steps).iter().filter_map(|step| match &step.meaning {
            RecordKind::Fact(fact) => Some(fact),
            RecordKind::Nothing | RecordKind::Unreadable { .. } | RecordKind::Skip(..) => None,
        })
    }
}

/// What became of what waited.
#[derive(Default)]
struct Played {
    /// What blocked the key on the way, the last of them maybe still.
    episodes: Vec<QuarantinePeriod>,
    /// What waits behind the last.
    held: VecDeque<DecodedRecord>,
}

impl PartitionProjection {
    /// Releases a key from the event that blocks it.
    pub(super) fn release(
        &mut self,
        key: &str,
        blocked: Blocked,
        offset: Offset,
        time: Timestamp,
    ) -> Result<Step, Stop> {
        let at = self.at(offset, time);
        if !self.image.knows(parked_name(key), || parked_key(at.partition, key)) {
            return Ok(Step::NotYet);
        }
        let Some(steps) = self.release.get_or_insert_default().steps.take() else {
            return Ok(match self.queued(key, blocked, offset) {
                None => Step::NotYet,
                Some(offsets) if offsets.is_empty() => {
                    self.play(key, blocked, VecDeque::new(), at)?
                }
                Some(offsets) => Step::Needs(offsets),
            });
        };
        self.play(key, blocked, steps, at)
    }

    /// What waits behind the event that blocks a key; none when documents must be loaded first.
    fn queued(&mut self, key: &str, blocked: Blocked, until: Offset) -> Option<Vec<Offset>> {
        let from_first = Blocked { queue: None, ..blocked };
        let end = self.queue_end(key, from_first, None)?;
        let mut offsets = Vec::new();
        for number in 0..=end {
            if let Some(Document::Queue(queue)) = self.image.get(queue_name(key, number)) {
                offsets.extend_from_slice(&queue.offsets);
            }
        }
        // What stands before belongs to an earlier time in quarantine; what stands behind was written by a fill that
        // was further than this one.
        offsets.retain(|offset| (blocked.by..until).contains(offset) && *offset != blocked.by);
        Some(offsets)
    }

    fn play(
        &mut self,
        key: &str,
        blocked: Blocked,
        steps: VecDeque<DecodedRecord>,
        at: ApplyAt,
    ) -> Result<Step, Stop> {
        self.release = None;
        let Played { episodes, held } = self.take_in(key, steps, at)?;
        let lasting = episodes.last().filter(|episode| episode.released.is_none());
        match lasting.map(|episode| episode.blocked) {
            Some(by) => self.parked.insert(key.to_owned(), Blocked { by, ..blocked }),
            None => self.parked.remove(key),
        };
        let events =
            held.iter().filter(|step| !matches!(step.meaning, RecordKind::Skip(..))).count();
        let waiting = u64::try_from(events).unwrap_or(u64::MAX);
        self.image.update(
            parked_name(key),
            || parked_key(at.partition, key),
            at,
            |document| {
                fold::release(episodes, waiting, at, document);
            },
        );
        Ok(Step::Yes)
    }

    fn take_in(
        &mut self,
        key: &str,
        mut steps: VecDeque<DecodedRecord>,
        at: ApplyAt,
    ) -> Result<Played, Stop> {
        let mut played = Played::default();
        while let Some(step) = steps.pop_front() {
            let lasting = played.episodes.last_mut().filter(|it| it.released.is_none());
            if let Some(episode) = lasting {
                let ends = matches!(&step.meaning, RecordKind::Skip(it, _) if it.place.offset == episode.blocked);
                if ends {
                    episode.released = Some(fold::released(at));
                    played.held.append(&mut steps);
                    std::mem::swap(&mut played.held, &mut steps);
                } else {
                    played.held.push_back(step);
                }
                continue;
            }
            let was_blocked = |event| played.episodes.iter().any(|it| it.blocked == event);
            match self.take_late(&step, at) {
                Ok(None) => {}
                Ok(Some(event)) if was_blocked(event) || self.may_be_skipped(key, event) => {}
                Ok(Some(event)) => {
                    return Err(Stop::SkippedAfterwards { event, at: step.offset });
                }
                Err(episode) => played.episodes.push(episode),
            }
        }
        Ok(played)
    }

    /// Takes in what waited: gives the event that it skips, if it skips one, or how it blocks its key again.
    fn take_late(
        &mut self,
        step: &DecodedRecord,
        at: ApplyAt,
    ) -> Result<Option<Offset>, QuarantinePeriod> {
        let blocks = |reason, since| QuarantinePeriod {
            blocked: step.offset,
            reason,
            since,
            released: None,
        };
        match &step.meaning {
            RecordKind::Nothing => Ok(None),
            RecordKind::Skip(skipped, _) => Ok(Some(skipped.place.offset)),
            RecordKind::Unreadable { reason, time, .. } => Err(blocks(reason.clone(), *time)),
            RecordKind::Fact(fact) => {
                if let Some(reason) = self.known.get(&step.offset) {
                    return Err(blocks(reason.clone(), fact.time));
                }
                let late = ApplyAt { offset: step.offset, time: fact.time, ..at };
                let folded = self.image.fold_as(&fact.event, late);
                folded.map_err(|misfit| blocks(misfit.to_string(), fact.time)).map(|()| None)
            }
        }
    }
}
