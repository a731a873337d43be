//! Whether what callers were told about stored events is so.

use std::collections::HashMap;

use domain::{CommandId, Event};
use event_log::Offset;
use uuid::Uuid;

use super::{Attempt, Counted, Said, Violation};

/// The counted events, to be found by everything that names them.
struct Events<'a> {
    at: HashMap<Offset, (&'a Counted, &'a Event)>,
    by_id: HashMap<Uuid, Offset>,
}

pub(super) fn check(counted: &[Counted], attempts: &[Attempt], violations: &mut Vec<Violation>) {
    once_for_each_command_id(counted, violations);
    let events = Events::of(counted, attempts, violations);
    let mut owners = HashMap::new();
    for (number, attempt) in attempts.iter().enumerate() {
        events.check(number, attempt, &mut owners, violations);
    }
    every_event_was_wished_for(&events, attempts, &owners, violations);
}

fn once_for_each_command_id(counted: &[Counted], violations: &mut Vec<Violation>) {
    let mut first: HashMap<&CommandId, Offset> = HashMap::new();
    for Counted { offset, envelope } in counted {
        if let Some(id) = &envelope.trace.command_id
            && let Some(first) = first.insert(id, *offset)
        {
            let id = id.clone();
            violations.push(Violation::RepeatStored { id, first, second: *offset });
        }
    }
}

impl<'a> Events<'a> {
    fn of(counted: &'a [Counted], attempts: &[Attempt], violations: &mut Vec<Violation>) -> Self {
        let attempt_of: HashMap<Uuid, usize> = attempts
            .iter()
            .enumerate()
            .filter_map(|(number, attempt)| attempt.event_id.map(|id| (id, number)))
            .collect();
        let mut events = Self { at: HashMap::new(), by_id: HashMap::new() };
        for record in counted {
            let Some(event) = record.event() else { continue };
            let id = record.envelope.id;
            events.at.insert(record.offset, (record, event));
            if let Some(first) = events.by_id.insert(id, record.offset)
                && let Some(attempt) = attempt_of.get(&id).copied()
            {
                violations.push(Violation::StoredTwice { attempt, first, second: record.offset });
            }
        }
        events
    }

    fn check(
        &self,
        number: usize,
        attempt: &Attempt,
        owners: &mut HashMap<Offset, usize>,
        violations: &mut Vec<Violation>,
    ) {
        let own = attempt.event_id.and_then(|id| self.by_id.get(&id)).copied();
        let Some(answer) = &attempt.answer else { return };
        match &answer.said {
            Said::Stored { offset, event, repeated } => {
                if answer.at.length.is_some_and(|length| *offset >= length) {
                    violations
                        .push(Violation::AnsweredTooEarly { attempt: number, offset: *offset });
                }
                let Some((record, stored)) = self.at.get(offset) else {
                    violations.push(Violation::AnsweredVoid { attempt: number, offset: *offset });
                    return;
                };
                let is_other = event.as_ref().is_some_and(|event| event != *stored)
                    || (!repeated && !is_own(attempt, record, stored));
                if is_other {
                    violations.push(Violation::AnsweredOther { attempt: number, offset: *offset });
                }
                if !repeated && let Some(one) = owners.insert(*offset, number) {
                    let offset = *offset;
                    violations.push(Violation::AnsweredTwice { one, other: number, offset });
                }
                // A repeat stores nothing itself.
                if *repeated && let Some(offset) = own.filter(|own| own != offset) {
                    violations.push(Violation::DeniedAndStored { attempt: number, offset });
                }
            }
            Said::Refused(_) | Said::NotStored => {
                if let Some(offset) = own {
                    violations.push(Violation::DeniedAndStored { attempt: number, offset });
                }
            }
            Said::Unknown => {}
        }
    }
}

/// Whether the record is what this attempt stored, as far as the attempt can tell.
fn is_own(attempt: &Attempt, record: &Counted, event: &Event) -> bool {
    attempt.event_id.is_none_or(|id| id == record.envelope.id)
        && attempt.command_id == record.envelope.trace.command_id
        && attempt.command.is_satisfied_by(event)
}

/// An event that no attempt was answered with belongs to one that was told nothing for certain, or whose caller
/// was told of the very same event by a repeat.
fn every_event_was_wished_for(
    events: &Events<'_>,
    attempts: &[Attempt],
    owners: &HashMap<Offset, usize>,
    violations: &mut Vec<Violation>,
) {
    let mut open: HashMap<Option<&CommandId>, Vec<&Attempt>> = HashMap::new();
    for attempt in attempts.iter().filter(|attempt| may_have_stored(attempt)) {
        open.entry(attempt.command_id.as_ref()).or_default().push(attempt);
    }
    for (offset, (record, event)) in &events.at {
        let candidates = open.get(&record.envelope.trace.command_id.as_ref());
        let wished = owners.contains_key(offset)
            || candidates.is_some_and(|attempts| {
                attempts.iter().any(|attempt| is_own(attempt, record, event))
            });
        if !wished {
            violations.push(Violation::Unwished { offset: *offset });
        }
    }
}

fn may_have_stored(attempt: &Attempt) -> bool {
    match attempt.answer.as_ref().map(|answer| &answer.said) {
        None | Some(Said::Unknown | Said::Stored { repeated: true, .. }) => true,
        Some(Said::Stored { repeated: false, .. } | Said::Refused(_) | Said::NotStored) => false,
    }
}
