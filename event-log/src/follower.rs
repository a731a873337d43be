//! The follower: what reads the partitions of a process once.
//!
//! It reads each partition from its first record, applies the ledger, and hands the judged records to whoever has
//! subscribed. It reads headers only; bodies are for those who need them.
//!
//! One task feeds all subscribers, so a full queue holds everything back: a subscriber must go on receiving whatever
//! else it waits for.

mod ignored_ranges;
mod partition_state;
mod subscribers;
mod task;

use std::sync::{Arc, OnceLock};

use tokio::sync::watch;

pub(crate) use self::task::exhausted;
use self::{partition_state::PartitionState, task::Task};
pub use self::{
    partition_state::{CurrentWriter, RecordCounts},
    subscribers::{Judged, JudgedBatch, Subscribers, Subscription},
    task::MIXED,
};
use crate::{EventLog, Ledger, LogError, LogIdentity, Offset, Partition, Position};

/// What is known of the log in this process. A clone is the same follower; it stops when the last one is dropped.
#[derive(Debug, Clone)]
pub struct Follower {
    identity: LogIdentity,
    tracks: Arc<[watch::Receiver<PartitionState>]>,
    failure: Arc<OnceLock<String>>,
    running: Arc<Running>,
}

/// The task; stopped when nobody asks it anything any more.
#[derive(Debug)]
struct Running(tokio::task::AbortHandle);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Follower {
    /// Follows every partition of `log` from its first record, on the current Tokio runtime.
    pub fn start(log: &dyn EventLog, identity: LogIdentity, subscribers: Subscribers) -> Self {
        let partitions = Partition::all(identity.partitions);
        let (senders, receivers): (Vec<_>, Vec<_>) =
            partitions.clone().map(|_| watch::channel(PartitionState::default())).unzip();
        let failure = Arc::new(OnceLock::new());
        let tail = log.follow_batched(partitions.map(|partition| (partition, 0)).collect());
        let task = Task { identity, tracks: senders, subscribers, failure: Arc::clone(&failure) };
        let running = tokio::spawn(task.run(tail)).abort_handle();
        Self { identity, tracks: receivers.into(), failure, running: Arc::new(Running(running)) }
    }

    /// Which log it follows.
    pub fn identity(&self) -> LogIdentity {
        self.identity
    }

    /// How many records of the partition were seen, which is the offset of the next one.
    ///
    /// Seen is a record when its verdict is known here; subscribers get it just after.
    pub fn seen(&self, partition: Partition) -> Offset {
        self.of(partition, |track| track.seen)
    }

    /// How far the whole log has been seen.
    pub fn position(&self) -> Position {
        let mut position = Position::start(self.identity.id);
        for partition in Partition::all(self.identity.partitions) {
            position.see(partition, self.seen(partition));
        }
        position
    }

    /// Waits until this many records of the partition were seen; fails when that will never be.
    pub async fn reached(&self, partition: Partition, seen: Offset) -> Result<(), LogError> {
        let track = self.tracks.get(usize::from(partition.0));
        let mut track = track.ok_or_else(|| self.no_such(partition))?.clone();
        // The sender goes away only with the task.
        let reached = track.wait_for(|track| track.seen >= seen).await.map(drop);
        reached.map_err(|_gone| {
            self.failed().unwrap_or_else(|| LogError::Unavailable("it is being left".into()))
        })
    }

    /// The state of the ledger after the last seen record of the partition.
    pub fn ledger(&self, partition: Partition) -> Ledger {
        self.of(partition, |track| track.ledger)
    }

    /// Who writes the partition; none before its first writer.
    pub fn route(&self, partition: Partition) -> Option<CurrentWriter> {
        self.of(partition, |track| track.route.clone())
    }

    /// How many of the partition's seen records counted and how many did not.
    pub fn tally(&self, partition: Partition) -> RecordCounts {
        self.of(partition, |track| track.tally)
    }

    /// Whether the record at this offset counts; none when it was not seen yet.
    pub fn counts(&self, partition: Partition, offset: Offset) -> Option<bool> {
        self.of(partition, |track| (offset < track.seen).then(|| !track.uncounted.contains(offset)))
    }

    /// The first partition that can never be written again, and why; none where each can.
    pub fn exhausted(&self) -> Option<String> {
        let mut partitions = Partition::all(self.identity.partitions);
        partitions.find(|it| self.ledger(*it).is_exhausted()).map(exhausted)
    }

    /// Why it has stopped; none while it follows.
    pub fn failed(&self) -> Option<LogError> {
        let failure = || self.failure.get().map(|reason| LogError::Unfit(reason.clone()));
        // A task that has ended has said why before, unless it panicked.
        failure().or_else(|| {
            let ended = self.running.0.is_finished();
            ended.then(|| failure().unwrap_or_else(fault))
        })
    }

    fn of<T: Default>(&self, partition: Partition, read: impl Fn(&PartitionState) -> T) -> T {
        self.tracks
            .get(usize::from(partition.0))
            .map(|track| read(&track.borrow()))
            .unwrap_or_default()
    }

    fn no_such(&self, partition: Partition) -> LogError {
        LogError::Unfit(format!(
            "the log has {} partitions, none of them {partition}",
            self.identity.partitions
        ))
    }
}

fn fault() -> LogError {
    LogError::Unfit("following the log ended by a fault of this program".into())
}

#[cfg(test)]
mod tests;
