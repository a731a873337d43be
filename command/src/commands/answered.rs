//! How far this instance knows the log by what it has answered.

use std::sync::atomic::{AtomicU64, Ordering};

use event_log::{Follower, Partition, Position, RecordId, Token};

/// The end of what was answered of each partition. A writer knows that its record counts before the follower has read it,
/// so this may be ahead of the follower for a moment.
#[derive(Debug)]
pub(super) struct AnsweredPositions(Vec<AtomicU64>);

impl AnsweredPositions {
    pub(super) fn nothing(partitions: u16) -> Self {
        Self(Partition::all(partitions).map(|_| AtomicU64::new(0)).collect())
    }

    /// The token of an answer about the record at `place` that depends on `needs`: everything that happened before this
    /// answer, as far as this instance can know, is read; so are the answers that it has given before.
    pub(super) fn token(&self, place: RecordId, needs: Position, follower: &Follower) -> Token {
        let partitions = Partition::all(follower.identity().partitions);
        let mut read = follower.position();
        for (partition, end) in partitions.zip(&self.0) {
            let here = place.offset.saturating_add(1);
            let before = if partition == place.partition {
                end.fetch_max(here, Ordering::Relaxed).max(here)
            } else {
                end.load(Ordering::Relaxed)
            };
            read.see(partition, before);
        }
        Token::new(needs, read)
    }
}

#[cfg(test)]
mod tests;
