//! Events that no process can read, which somebody else's program stores; and whether they are treated as they must be.

use std::collections::{BTreeMap, VecDeque};

use command::writer;
use event_log::{Content, EventSkipped, Offset};

use super::{World, clients::event_id};
use crate::audit::Said;

/// Which events hold up which keys, in order.
#[derive(Default)]
struct HeldUp(BTreeMap<String, VecDeque<Offset>>);

impl HeldUp {
    fn by(&self, key: &str) -> Option<Offset> {
        self.0.get(key)?.front().copied()
    }
}

impl World {
    /// Events that nobody can read, and which nobody has given up yet, by key.
    pub(super) fn held_up(&self) -> Vec<(String, Offset)> {
        let held = self.held_up_before(self.partition.end(), &mut Vec::new());
        held.0.into_iter().filter_map(|(key, by)| Some((key, *by.front()?))).collect()
    }

    /// What is wrong about events that nobody can read, and about giving them up.
    pub(super) fn check_strange(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        self.held_up_before(self.partition.end(), &mut wrong);
        for (number, call) in self.calls.iter().enumerate() {
            if let (writer::Request::Skip(skip), Some((length, said))) =
                (&call.wish.wish, &call.answer)
            {
                self.check_skip(number, skip, *length, said, &mut wrong);
            }
        }
        for (number, told, held_by) in &self.not_parked {
            let call = &self.calls[*number];
            let writer::Request::Skip(skip) = &call.wish.wish else {
                wrong.push(format!("call {number} asked for no skip and is told of one"));
                continue;
            };
            let was_so = (call.asked..=*told).any(|length| {
                let held = self.held_up_before(length, &mut Vec::new());
                held.by(&skip.key) == *held_by
            });
            if !was_so || *held_by == Some(skip.place.offset) {
                wrong.push(format!("call {number} is told {held_by:?} holds up {}", skip.key));
            }
        }
        wrong
    }

    /// Reads the records before an offset in its own words, and says what is wrong about them.
    fn held_up_before(&self, end: Offset, wrong: &mut Vec<String>) -> HeldUp {
        let mut held = HeldUp::default();
        for offset in (0..end).filter(|offset| self.partition.counts(*offset)) {
            let Some(Some(envelope)) = self.partition.at(offset) else { continue };
            if let Some(key) = self.partition.strange(offset) {
                held.0.entry(key.to_owned()).or_default().push_back(offset);
                continue;
            }
            match &envelope.content {
                Content::EventSkipped(EventSkipped { place, key, .. }) => {
                    if held.by(key) != Some(place.offset) {
                        wrong.push(format!("{offset} skips what does not hold up {key}"));
                    }
                    held.0.entry(key.clone()).or_default().pop_front();
                }
                Content::Event(event) => {
                    let key = event.aggregate().as_str().to_owned();
                    if held.by(&key).is_some() {
                        wrong.push(format!("{offset} is an event of {key}, which is held up"));
                    }
                }
                Content::WriterStarted(_) | Content::Barrier => {}
            }
        }
        held
    }

    fn check_skip(
        &self,
        number: usize,
        wish: &EventSkipped,
        length: Offset,
        said: &Said,
        wrong: &mut Vec<String>,
    ) {
        match said {
            Said::Stored { offset, .. } => {
                let is_it = self.partition.at(*offset).and_then(Option::as_ref).is_some_and(|it| {
                    matches!(&it.content, Content::EventSkipped(skip) if skip.place == wish.place)
                });
                if !is_it || !self.partition.counts(*offset) || *offset >= length {
                    wrong.push(format!("call {number} is told of a skip at {offset}"));
                }
            }
            Said::NotStored | Said::Refused(_) => {
                let own = (0..self.partition.end()).find(|offset| {
                    self.partition.counts(*offset)
                        && matches!(self.partition.at(*offset), Some(Some(it)) if it.id == event_id(number))
                });
                if let Some(offset) = own {
                    wrong.push(format!("call {number} is denied its skip at {offset}"));
                }
            }
            Said::Unknown => {}
        }
    }
}
