//! What is known of one partition.

use std::sync::Arc;

use super::ignored_ranges::IgnoredRanges;
use crate::{Ledger, Offset, Verdict, WriterId};

/// Who writes a partition: its last counted `WriterStarted`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentWriter {
    /// The epoch that it began.
    pub epoch: u64,
    /// Its nonce.
    pub writer: WriterId,
    /// Where commands for the partition are to be sent; none when there is no other instance.
    pub address: Option<Arc<str>>,
}

/// How many records came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecordCounts {
    /// Records that count.
    pub counted: u64,
    /// Records of somebody who was not the writer then, or out of turn.
    pub void: u64,
    /// Records that are not Sklep's.
    pub foreign: u64,
}

impl RecordCounts {
    fn add(&mut self, verdict: Verdict) {
        let count = match verdict {
            Verdict::Counts => &mut self.counted,
            Verdict::Void => &mut self.void,
            Verdict::Foreign => &mut self.foreign,
        };
        *count = count.saturating_add(1);
    }
}

/// What is known of one partition.
#[derive(Debug, Default)]
pub(super) struct PartitionState {
    pub(super) seen: Offset,
    pub(super) ledger: Ledger,
    pub(super) route: Option<CurrentWriter>,
    pub(super) tally: RecordCounts,
    pub(super) uncounted: IgnoredRanges,
}

impl PartitionState {
    /// Takes in what a record came to.
    pub(super) fn see(&mut self, offset: Offset, verdict: Verdict) {
        self.seen = offset.saturating_add(1);
        self.tally.add(verdict);
        if verdict != Verdict::Counts {
            self.uncounted.add(offset);
        }
    }
}
