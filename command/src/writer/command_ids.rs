//! Which command ids are remembered, so that a repeat gives the event of the first time.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use domain::CommandId;
use event_log::{Offset, Timestamp};
use sha2::{Digest as _, Sha256};

/// The first 16 bytes of SHA-256: enough to never meet by chance, and nobody can make two ids meet.
type Digest = [u8; 16];

/// Command ids of counted events, and of those in flight.
///
/// What is forgotten follows from the counted records alone, so every replay forgets the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct CommandIds {
    known: BTreeMap<Digest, Seen>,
    /// Those that count, oldest first, each with the newest time of the partition when it came to count.
    order: VecDeque<(Timestamp, Digest)>,
    newest: Timestamp,
    at_most: usize,
    window: Duration,
}

/// Where the event of a command id is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Seen {
    /// It counts, at this offset.
    At(Offset),
    /// It was appended with this sequence and is not confirmed.
    InFlight(u64),
}

impl CommandIds {
    pub(super) fn new(at_most: usize, window: Duration) -> Self {
        Self {
            known: BTreeMap::new(),
            order: VecDeque::new(),
            newest: Timestamp::default(),
            at_most,
            window,
        }
    }

    /// The newest time of a record that counts.
    pub(super) fn newest(&self) -> Timestamp {
        self.newest
    }

    pub(super) fn find(&self, id: &CommandId) -> Option<Seen> {
        self.known.get(&digest(id)).copied()
    }

    /// An event of this command id was appended.
    pub(super) fn appended(&mut self, id: &CommandId, sequence: u64) {
        self.known.insert(digest(id), Seen::InFlight(sequence));
    }

    /// The append of this command id's event is no longer known to be any.
    pub(super) fn dropped(&mut self, id: &CommandId) {
        let digest = digest(id);
        if let Some(Seen::InFlight(_)) = self.known.get(&digest) {
            self.known.remove(&digest);
        }
    }

    /// A record of this time counts, with the event of this command id.
    pub(super) fn counted(&mut self, time: Timestamp, id: Option<&CommandId>, offset: Offset) {
        self.newest = self.newest.max(time);
        if let Some(digest) = id.map(digest)
            && !matches!(self.known.get(&digest), Some(Seen::At(_)))
        {
            self.known.insert(digest, Seen::At(offset));
            self.order.push_back((self.newest, digest));
        }
        self.forget();
    }

    fn forget(&mut self) {
        while let Some((_, digest)) =
            self.order.pop_front_if(|(time, _)| too_old(*time, self.newest, self.window))
        {
            self.known.remove(&digest);
        }
        while self.order.len() > self.at_most {
            self.order.pop_front().map(|(_, digest)| self.known.remove(&digest));
        }
    }
}

fn too_old(time: Timestamp, newest: Timestamp, window: Duration) -> bool {
    u128::from(newest.0.abs_diff(time.0)) > window.as_millis()
}

fn digest(id: &CommandId) -> Digest {
    let full: [u8; 32] = Sha256::digest(id.as_str()).into();
    let mut short = Digest::default();
    short.iter_mut().zip(full).for_each(|(to, from)| *to = from);
    short
}
