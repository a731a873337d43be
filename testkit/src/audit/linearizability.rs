//! Whether refusals, and "as it is already", were true at a moment between call and answer.
//!
//! Each claim has a window: the partition's lengths at the call and at the answer. Some beginning of the
//! partition that ends within the window must be a shop in which the claim is true.

use std::collections::{BTreeMap, HashMap};

use domain::{AggregateId, CommandId, Decision, Event, Refusal, Rules, Shop, decide};
use event_log::Offset;

use super::{Answered, Attempt, Counted, Moment, Said, Violation};

struct Claim<'a> {
    number: usize,
    attempt: &'a Attempt,
    says: Says<'a>,
    from: Offset,
    to: Offset,
}

enum Says<'a> {
    Refused(&'a Refusal),
    /// Stored before this attempt: by an attempt with the same command id, or it is as wished already.
    Was(Offset),
}

pub(super) fn check(
    counted: &[Counted],
    end: Offset,
    attempts: &[Attempt],
    rules: Rules,
    violations: &mut Vec<Violation>,
) {
    let mut waiting = claims(attempts, end);
    waiting.sort_by_key(|claim| std::cmp::Reverse(claim.from));
    let mut moment = Replay::new(rules);
    let mut active: Vec<Claim<'_>> = Vec::new();
    // The shop changes after each counted event; between two of them it is as after the first.
    let changes = counted.iter().filter_map(|record| Some((record, record.event()?)));
    let ends = counted
        .iter()
        .filter(|record| record.event().is_some())
        .map(|record| record.offset)
        .chain([Offset::MAX]);
    let mut changes = changes.map(Some).chain([None]);
    for until in ends {
        // Now the shop is as in every beginning of the partition that is at most `until` records long.
        while let Some(claim) = waiting.pop_if(|claim| claim.from <= until) {
            active.push(claim);
        }
        active.retain(|claim| !moment.makes_true(claim));
        for claim in active.extract_if(.., |claim| claim.to <= until) {
            violations.push(claim.into_violation());
        }
        if let Some((record, event)) = changes.next().flatten() {
            moment.take(record, event);
        }
    }
}

/// The claims with their windows. Where the history does not know the partition's length, it was at the call at
/// least what earlier answers showed, and at the answer at most where the first event of later calls stands.
fn claims(attempts: &[Attempt], end: Offset) -> Vec<Claim<'_>> {
    let known = Known::of(attempts);
    let mut claims = Vec::new();
    for (number, attempt) in attempts.iter().enumerate() {
        let Some(Answered { at, said }) = &attempt.answer else { continue };
        let says = match said {
            Said::Refused(refusal) => Says::Refused(refusal),
            Said::Stored { offset, repeated: true, .. } => Says::Was(*offset),
            Said::Stored { repeated: false, .. } | Said::NotStored | Said::Unknown => continue,
        };
        let from = known.at_least(attempt.asked);
        let to = known.at_most(*at).unwrap_or(end);
        claims.push(Claim { number, attempt, says, from, to });
    }
    claims
}

/// What answers tell about the partition's length, by time.
struct Known {
    /// From this time on, at least so long.
    shown: BTreeMap<u64, Offset>,
    /// Until this time, at most so long.
    unwritten: BTreeMap<u64, Offset>,
}

impl Known {
    fn of(attempts: &[Attempt]) -> Self {
        let (mut shown, mut unwritten) = (BTreeMap::new(), BTreeMap::new());
        for attempt in attempts {
            if let Some(Answered { at, said: Said::Stored { offset, repeated, .. } }) =
                &attempt.answer
            {
                let length: &mut Offset = shown.entry(at.time).or_default();
                *length = (*length).max(offset.saturating_add(1));
                if !repeated {
                    let first = unwritten.entry(attempt.asked.time).or_insert(*offset);
                    *first = (*first).min(*offset);
                }
            }
        }
        let mut most = 0;
        for length in shown.values_mut() {
            most = most.max(*length);
            *length = most;
        }
        let mut least = Offset::MAX;
        for first in unwritten.values_mut().rev() {
            least = least.min(*first);
            *first = least;
        }
        Self { shown, unwritten }
    }

    fn at_least(&self, at: Moment) -> Offset {
        at.length.unwrap_or_else(|| {
            self.shown.range(..at.time).next_back().map_or(0, |(_, length)| *length)
        })
    }

    fn at_most(&self, at: Moment) -> Option<Offset> {
        at.length.or_else(|| {
            let mut later = self.unwritten.range(at.time.saturating_add(1)..);
            later.next().map(|(_, length)| *length)
        })
    }
}

/// The shop as the counted events up to a moment made it.
struct Replay<'a> {
    rules: Rules,
    shop: Shop,
    by_command: HashMap<&'a CommandId, (Offset, &'a Event)>,
    in_force: HashMap<AggregateId, Offset>,
}

impl<'a> Replay<'a> {
    fn new(rules: Rules) -> Self {
        Self { rules, shop: Shop::default(), by_command: HashMap::new(), in_force: HashMap::new() }
    }

    fn take(&mut self, record: &'a Counted, event: &'a Event) {
        self.shop.evolve(event);
        if let Some(id) = &record.envelope.trace.command_id {
            self.by_command.entry(id).or_insert((record.offset, event));
        }
        match event {
            Event::CustomerCreated(_) | Event::ProductPriced(_) => {
                self.in_force.insert(event.aggregate(), record.offset);
            }
            Event::ProductPurchased(_) => {}
        }
    }

    fn makes_true(&self, claim: &Claim<'_>) -> bool {
        let attempt = claim.attempt;
        let earlier = attempt.command_id.as_ref().and_then(|id| self.by_command.get(id));
        match (&claim.says, earlier) {
            (Says::Refused(Refusal::CommandIdReused), earlier) => {
                earlier.is_some_and(|(_, event)| !attempt.command.is_satisfied_by(event))
            }
            (Says::Was(offset), Some((stored, event))) => {
                stored == offset && attempt.command.is_satisfied_by(event)
            }
            (Says::Was(offset), None) => match decide(&self.shop, self.rules, &attempt.command) {
                Ok(Decision::Unchanged(aggregate)) => self.in_force.get(&aggregate) == Some(offset),
                Ok(Decision::Emit(_)) | Err(_) => false,
            },
            // Its command id would have been answered with the event.
            (Says::Refused(_), Some(_)) => false,
            (Says::Refused(refusal), None) => {
                decide(&self.shop, self.rules, &attempt.command).as_ref() == Err(*refusal)
            }
        }
    }
}

impl Claim<'_> {
    fn into_violation(self) -> Violation {
        let attempt = self.number;
        match self.says {
            Says::Refused(refusal) => Violation::FalseRefusal { attempt, refusal: refusal.clone() },
            Says::Was(offset) => Violation::FalseAgreement { attempt, offset },
        }
    }
}
