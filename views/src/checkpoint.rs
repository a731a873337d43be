//! How far a generation is in one partition.

use event_log::{Followed, Ledger, Offset, Partition};

/// How a partition of a generation is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Whole documents by plain inserts, none beyond this offset (exclusive); nobody reads them yet.
    Fill {
        /// The first offset that the fill must not take in.
        to: Offset,
    },
    /// Batches in transactions, each with the checkpoint.
    Live,
}

/// How far a generation is in one partition, with what the ledger needs to go on from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Raised by every change; whoever holds another one may not write.
    pub rev: u64,
    /// The offset of the next record to take in.
    pub at: Offset,
    /// The ledger's state before that record.
    pub ledger: Ledger,
    /// How the partition is written.
    pub mode: Mode,
    /// How many aggregates of the partition are in quarantine.
    pub parked: u64,
}

impl Checkpoint {
    /// How far the log was followed for it, in its partition.
    pub fn followed(&self, partition: Partition) -> Followed {
        Followed { partition, at: self.at, ledger: self.ledger }
    }
}
