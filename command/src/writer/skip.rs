//! Events that hold up their key, and giving them up.

use domain::{Event, Undo};
use event_log::{Content, EventSkipped, Offset, Timestamp, Trace};

use super::{
    Output, Reply, Request, Writer,
    calls::{Call, ReplyWhenConfirmed, Waiter},
};
use crate::quarantine::{QuarantinedEvent, Release};

impl Writer {
    /// The next event of a key, which somebody else has stored; none when it cannot be read.
    pub(super) fn arrives(&mut self, key: &str, offset: Offset, event: Option<&Event>) {
        let own = self.settings.rules.currency;
        let fits =
            |event: &Event| event.foreign_currency(own).is_none() && self.shop.can_apply(event);
        if self.quarantine.admit(key, offset, event, fits)
            && let Some(event) = event
        {
            self.shop.evolve(event);
            self.is_in_force(offset, event);
        }
    }

    fn arrive(&mut self, key: &str, arrivals: Vec<QuarantinedEvent>) {
        for QuarantinedEvent { offset, event } in arrivals {
            self.arrives(key, offset, event.as_ref());
        }
    }

    /// An `EventSkipped` counts.
    pub(super) fn skipped(&mut self, at: Offset, skipped: &EventSkipped, out: &mut Vec<Output>) {
        let EventSkipped { place, key, .. } = skipped;
        if place.partition != self.settings.partition {
            return;
        }
        match self.quarantine.skip(key, place.offset, at) {
            Release::Next(behind) => self.arrive(key, behind),
            Release::Again => {
                self.forget(key);
                self.quarantine.hold(key);
                out.push(Output::ReadAgain { key: key.clone(), below: at });
            }
            Release::Nothing => {}
        }
    }

    /// Everything below the `EventSkipped` was read once more.
    pub(super) fn read_again(&mut self, key: &str, history: Vec<QuarantinedEvent>) {
        let Some(since) = self.quarantine.read_again(key) else { return };
        self.arrive(key, history);
        self.arrive(key, since);
    }

    /// The key's customer and product, as if nothing had been read of them.
    fn forget(&mut self, key: &str) {
        if let Ok(id) = key.parse() {
            self.shop.revert(Undo::Customer(id, None));
        }
        if let Ok(id) = key.parse() {
            self.shop.revert(Undo::Product(id, None));
        }
        self.in_force.retain(|aggregate, _| aggregate.as_str() != key);
    }

    /// Only the event that holds up its key is given up. That it is given up already is final, and said at once.
    pub(super) fn decide_skip(&mut self, now: Timestamp, call: Call, out: &mut Vec<Output>) {
        let Request::Skip(skip) = &call.submission.wish else { return };
        let EventSkipped { place, key, .. } = skip;
        let held_by = self.quarantine.held_by(key);
        if let Some(offset) = self.quarantine.skipped_at(key, place.offset) {
            self.answer(call.ticket(), Reply::IsAlready { offset }, out);
        } else if self.may_soon_be_held_by_another(skip) {
            self.answer(call.ticket(), Reply::Unavailable, out);
        } else if held_by != Some(place.offset) || place.partition != self.settings.partition {
            self.awaiting_barrier.push(Waiter { call, due: ReplyWhenConfirmed::NotParked(held_by) });
        } else if let Some(pending) = self.pending.iter_mut().find(|pending| {
            matches!(&pending.envelope.content, Content::EventSkipped(other) if other.place == *place)
        }) {
            pending.own.push(Waiter { call, due: ReplyWhenConfirmed::Repeated });
        } else {
            let (content, event_id) =
                (Content::EventSkipped(skip.clone()), call.submission.event_id);
            // It may be asked for again under any id, so that none is remembered.
            let trace = Trace { command_id: None, ..call.submission.trace.clone() };
            let own = vec![Waiter { call, due: ReplyWhenConfirmed::Stored }];
            self.append(now, event_id, trace, content, own, out);
        }
    }

    /// Whether another event is being given up, or everything is read once more: what holds the key up then is not known,
    /// and nobody is to be told what held it up before.
    fn may_soon_be_held_by_another(&self, skip: &EventSkipped) -> bool {
        let EventSkipped { place, key, .. } = skip;
        let is_read_again = self.quarantine.holds(key) && self.quarantine.held_by(key).is_none();
        is_read_again
            || self.pending.iter().any(|pending| {
                matches!(&pending.envelope.content, Content::EventSkipped(other) if other.key == *key && other.place != *place)
            })
    }
}
