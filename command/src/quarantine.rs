//! Keys that an event holds up which nobody here can take, and what waits behind it.
//!
//! An event that cannot be read, or does not fit the state before it, parks the key of its record, and later events
//! of that key wait behind it in order. An `EventSkipped` in the log gives that event up: those behind it take
//! their turn as if it had never been. The projector does the same with the views, so that both rest on the same events.

mod history;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, mem};

use domain::Event;
use event_log::Offset;

pub(crate) use history::history;

/// An event that counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct QuarantinedEvent {
    /// Where it stands.
    pub offset: Offset,
    /// What it says; none when nobody here can read it.
    pub event: Option<Event>,
}

/// The keys of one partition that are held up, and the events that were given up.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Quarantine {
    parked: BTreeMap<String, Parked>,
    /// By key and offset, with the offset of the `EventSkipped`.
    skipped: BTreeMap<(String, Offset), Offset>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Parked {
    /// The event that holds the key up; none while the key's events are read once more.
    by: Option<Offset>,
    behind: Vec<QuarantinedEvent>,
}

/// What follows from an `EventSkipped`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Release {
    /// These take their turn now.
    Next(Vec<QuarantinedEvent>),
    /// The event was taken in already: an older program could not read it, and this one can. Everything of the key
    /// is to be read once more, without it.
    Again,
    /// Nothing, or not yet.
    Nothing,
}

impl Quarantine {
    /// Whether the key is held up.
    pub(crate) fn holds(&self, key: &str) -> bool {
        self.parked.contains_key(key)
    }

    /// The event that holds the key up.
    pub(crate) fn held_by(&self, key: &str) -> Option<Offset> {
        self.parked.get(key)?.by
    }

    /// Where the log says that the key's event at `offset` is given up.
    pub(crate) fn skipped_at(&self, key: &str, offset: Offset) -> Option<Offset> {
        if self.skipped.is_empty() {
            return None;
        }
        self.skipped.get(&(key.to_owned(), offset)).copied()
    }

    /// The key's next event, none when it cannot be read. Whether it is to be taken in now: not when it was given
    /// up, and not when it parks the key or waits behind what does.
    pub(crate) fn admit(
        &mut self,
        key: &str,
        offset: Offset,
        event: Option<&Event>,
        fits: impl FnOnce(&Event) -> bool,
    ) -> bool {
        if self.skipped_at(key, offset).is_some() {
            return false;
        }
        if let Some(parked) = self.parked.get_mut(key) {
            parked.behind.push(QuarantinedEvent { offset, event: event.cloned() });
            return false;
        }
        let admitted = event.is_some_and(fits);
        if !admitted {
            let parked = Parked { by: Some(offset), behind: Vec::new() };
            self.parked.insert(key.to_owned(), parked);
        }
        admitted
    }

    /// The log says at `at` that the key's event at `offset` is given up.
    pub(crate) fn skip(&mut self, key: &str, offset: Offset, at: Offset) -> Release {
        if offset >= at || self.skipped_at(key, offset).is_some() {
            return Release::Nothing;
        }
        self.skipped.insert((key.to_owned(), offset), at);
        match self.parked.get_mut(key) {
            Some(parked) if parked.by == Some(offset) => {
                let behind = mem::take(&mut parked.behind);
                self.parked.remove(key);
                Release::Next(behind)
            }
            // Left out when its turn comes.
            Some(Parked { by: None, .. }) => Release::Nothing,
            Some(parked) if parked.behind.iter().any(|it| it.offset == offset) => Release::Nothing,
            Some(_) | None => Release::Again,
        }
    }

    /// Holds the key up until [`Quarantine::read_again`]. What waited behind is read once more too.
    pub(crate) fn hold(&mut self, key: &str) {
        self.parked.insert(key.to_owned(), Parked::default());
    }

    /// Everything that the key had was read once more: gives what has come since. None when nobody waits for that.
    pub(crate) fn read_again(&mut self, key: &str) -> Option<Vec<QuarantinedEvent>> {
        self.parked.get(key).filter(|parked| parked.by.is_none())?;
        self.parked.remove(key).map(|parked| parked.behind)
    }
}
