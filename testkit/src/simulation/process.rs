//! One process: its writer, and everything that waits to be told to it.

use std::{collections::VecDeque, sync::Arc};

use command::writer::{Settings, Writer};
use event_log::{Envelope, Offset, Timestamp, WriterId};
use uuid::Uuid;

use super::partition::Session;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Process {
    pub(super) number: usize,
    pub(super) writer: Writer,
    /// What its clock is ahead of the world's, in milliseconds.
    pub(super) skew: i64,
    pub(super) assigned: bool,
    pub(super) session: u32,
    nonces: u64,
    /// Appends of which it was told nothing yet.
    pub(super) flights: Vec<Flight>,
    /// Asked for the partition's end; the end, once that was looked up.
    pub(super) ends: VecDeque<Option<Offset>>,
    /// Asked for the catalogue to be read, by these epochs.
    pub(super) catalogues: VecDeque<u64>,
    /// Pauses that are not over.
    pub(super) pauses: usize,
    /// The next record that its follower hands on; at most the writer's own next one.
    pub(super) follower: Offset,
}

/// An append that is neither acknowledged nor failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Flight {
    pub(super) envelope: Arc<Envelope>,
    pub(super) first: Option<Offset>,
    pub(super) last: Option<Offset>,
}

impl Process {
    pub(super) fn new(number: usize, writer: Writer, skew: i64) -> Self {
        Self {
            number,
            writer,
            skew,
            assigned: false,
            session: 0,
            nonces: 0,
            flights: Vec::new(),
            ends: VecDeque::new(),
            catalogues: VecDeque::new(),
            pauses: 0,
            follower: 0,
        }
    }

    /// Everything in memory is lost; nonces stay unique.
    pub(super) fn crash(&mut self, writer: Writer) {
        let Self { number, skew, session, nonces, .. } = *self;
        *self = Self { session: session + 1, nonces, ..Self::new(number, writer, skew) };
    }

    pub(super) fn now(&self, clock: i64) -> Timestamp {
        Timestamp(clock + self.skew)
    }

    pub(super) fn session(&self) -> Session {
        Session { process: self.number, number: self.session }
    }

    pub(super) fn nonce(&mut self) -> WriterId {
        self.nonces += 1;
        let number = u64::try_from(self.number).unwrap_or(u64::MAX);
        WriterId(Uuid::from_u64_pair(number, self.nonces))
    }

    pub(super) fn stored(&mut self, envelope: &Envelope, offset: Offset) {
        if let Some(flight) =
            self.flights.iter_mut().find(|flight| flight.envelope.stamp == envelope.stamp)
        {
            flight.first.get_or_insert(offset);
            flight.last = Some(offset);
        }
    }
}

/// What the simulated writers are set to: room for few, so that fullness is met too.
pub(super) fn settings(waiting: usize, in_flight: usize) -> Settings {
    Settings {
        partition: event_log::Partition(0),
        started: event_log::WriterStarted {
            log_id: event_log::LogId(Uuid::from_u128(1)),
            partitions: 1,
            address: None,
            settings: None,
        },
        rules: domain::testing::RULES,
        waiting,
        in_flight,
        remembered: 1000,
        remembered_for: std::time::Duration::from_hours(24),
    }
}
