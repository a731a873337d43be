//! How the writer of a partition stands, for whoever watches it from outside.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use event_log::{Content, Judged, Verdict, WriterClaim, WriterId, codec};
use tokio::time::Instant;

/// How long after another instance has taken the partition over it counts as disputed: many times the longest pause before
/// a writer starts again (3.2 seconds).
pub(crate) const DISPUTED_FOR: Duration = Duration::from_mins(1);
/// How long the writer of a disputed partition may be away before commands are no longer said to be answered here: the
/// usual deadline of a command.
const AWAY_AT_MOST: Duration = Duration::from_secs(10);
/// So many of the last starts are known as own ones; one that is older was refused or read long ago.
const STARTS: usize = 16;

/// How a partition's writer stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct WriterStatus {
    pub(crate) serves: bool,
    /// When it ceased to serve; none before it has served at all.
    away_since: Option<Instant>,
    /// How often another instance took the partition over from this one.
    pub(crate) takeovers: u64,
    last: Option<Takeover>,
}

/// Another instance has begun to write a partition that this one wrote.
#[derive(Debug, Clone)]
struct Takeover {
    at: Instant,
    by: NewOwner,
}

/// Who has begun to write: the address under which others reach that instance, if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewOwner(pub(crate) Option<Arc<str>>);

impl WriterStatus {
    /// Takes in whether the writer serves; says whether that is new.
    pub(crate) fn serve(&mut self, serves: bool, now: Instant) -> bool {
        let before = std::mem::replace(&mut self.serves, serves);
        if before && !serves {
            self.away_since = Some(now);
        }
        before != serves
    }

    /// Takes in that the writer has left for good.
    pub(crate) fn leave(&mut self) {
        self.serves = false;
        self.away_since = None;
    }

    pub(crate) fn take_over(&mut self, by: NewOwner, now: Instant) {
        self.takeovers = self.takeovers.saturating_add(1);
        self.last = Some(Takeover { at: now, by });
    }

    /// Whether commands are answered: the writer serves, or it has served, is being disputed, and comes back in time.
    pub(crate) fn answers(&self, now: Instant) -> bool {
        let is_back_soon = |since: Instant| now.saturating_duration_since(since) < AWAY_AT_MOST;
        self.serves || self.disputed(now).is_some() && self.away_since.is_some_and(is_back_soon)
    }

    /// Who took it over within the last minute, if somebody did.
    pub(crate) fn disputed(&self, now: Instant) -> Option<NewOwner> {
        let lately = |last: &&Takeover| now.saturating_duration_since(last.at) < DISPUTED_FOR;
        self.last.as_ref().filter(lately).map(|last| last.by.clone())
    }
}

/// Tells from the log whether this instance writes the partition.
#[derive(Debug, Default)]
pub(super) struct Ownership {
    /// The nonces of this instance's last starts.
    own: VecDeque<WriterId>,
    held: bool,
}

impl Ownership {
    /// This instance will start under that nonce.
    pub(super) fn will_start(&mut self, nonce: WriterId) {
        self.own.push_back(nonce);
        if self.own.len() > STARTS {
            self.own.pop_front();
        }
    }

    /// Takes in a record; gives who takes the partition over from this instance by it, if somebody does.
    pub(super) fn read(&mut self, judged: &Judged) -> Option<NewOwner> {
        let (Verdict::Counts, Some(WriterClaim::Starts { writer, .. })) =
            (judged.verdict, judged.claim)
        else {
            return None;
        };
        let (is_own, held) = (self.own.contains(&writer), self.held);
        self.held = is_own;
        (held && !is_own).then(|| NewOwner(address_in(judged)))
    }
}

fn address_in(judged: &Judged) -> Option<Arc<str>> {
    match codec::decode(&judged.stored.record).ok()?.content {
        Content::WriterStarted(started) => started.address.map(Arc::from),
        Content::Barrier | Content::EventSkipped(_) | Content::Event(_) => None,
    }
}

#[cfg(test)]
mod tests;
