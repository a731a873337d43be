//! The ledger: who may write is decided in the log itself.
//!
//! Kafka has no conditional append, and leases can be wrong: a paused owner wakes up and writes. So every
//! reader applies one rule to each partition's records in offset order, and all come to the same verdicts,
//! because a verdict depends only on what stands before the record. It is final once the record is stored.

use std::fmt;

use uuid::Uuid;

/// A nonce, unique to one attempt to become the writer of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriterId(pub Uuid);

impl fmt::Display for WriterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a writer says of itself on each record: `(epoch, writer, sequence)`.
///
/// A `WriterStarted` carries sequence 0, the records after it 1, 2, 3 ….
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// Grows with every change of writer.
    pub epoch: u64,
    /// Which attempt at that epoch.
    pub writer: WriterId,
    /// The record's number within the epoch.
    pub sequence: u64,
}

/// What a record claims to be, read from its headers alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WriterClaim {
    /// A `WriterStarted`: from here on, this writer at this epoch.
    Starts {
        /// The epoch it begins.
        epoch: u64,
        /// Who begins it.
        writer: WriterId,
    },
    /// An event or bookkeeping record of a writer that has started.
    Follows(Stamp),
}

/// What a record comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It has its effect everywhere.
    Counts,
    /// Written by somebody who was not the writer then, or out of turn; it has no effect anywhere.
    Void,
    /// It claims nothing: not Sklep's record; it has no effect anywhere.
    Foreign,
}

/// The state of the rule for one partition; a reader that goes on from a checkpoint needs the stored one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Ledger {
    /// The epoch in force; 0 before the first writer.
    pub epoch: u64,
    /// The writer in force.
    pub writer: Option<WriterId>,
    /// The sequence of the last record that counted in this epoch.
    pub sequence: u64,
}

impl Ledger {
    /// Takes the partition's next record and says what it comes to.
    pub fn judge(&mut self, claim: Option<WriterClaim>) -> Verdict {
        match claim {
            None => Verdict::Foreign,
            Some(WriterClaim::Starts { epoch, writer }) if epoch > self.epoch => {
                *self = Self { epoch, writer: Some(writer), sequence: 0 };
                Verdict::Counts
            }
            Some(WriterClaim::Follows(stamp)) if self.expects(stamp) => {
                self.sequence = stamp.sequence;
                Verdict::Counts
            }
            Some(WriterClaim::Starts { .. } | WriterClaim::Follows(_)) => Verdict::Void,
        }
    }

    /// Whether no writer can ever take over: there is no higher epoch.
    pub fn is_exhausted(&self) -> bool {
        self.epoch == u64::MAX
    }

    fn expects(&self, stamp: Stamp) -> bool {
        stamp.epoch == self.epoch
            && Some(stamp.writer) == self.writer
            && Some(stamp.sequence) == self.sequence.checked_add(1)
    }
}

#[cfg(test)]
mod tests;
