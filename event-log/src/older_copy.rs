//! Telling an older copy of a log from the log that somebody has followed.
//!
//! A copy has the same id, so that nothing else tells the two apart: whoever goes on from a stored place first reads back
//! the last record that counted for him.

use crate::{
    EventLog, Ledger, LogError, Offset, Partition, StoredRecord, Verdict, WriterClaim, codec,
};

/// Nearly always the last record is the one; what does not count may stand behind it.
const FIRST_PAGE: u64 = 1;
/// How many records are read at once further back.
const PAGE: u64 = 1_000;
/// How far is read back. So many records that do not count would have been noticed, and reading all of them at every start
/// would take longer than it is worth.
const FURTHEST: u64 = 100_000;

/// How far somebody has followed a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Followed {
    /// Which partition.
    pub partition: Partition,
    /// The offset of the next record to take in.
    pub at: Offset,
    /// The ledger's state before that record.
    pub ledger: Ledger,
}

/// A log that lacks what somebody has taken in of a log with the same id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this log is an older copy of the one that the views were built from: {what}. `sklep rebuild` builds the views from it as it \
     is (`serve --rebuild-when-needed` does that by itself); to go on where the views are, name the newer log instead"
)]
pub struct OlderCopy {
    what: String,
}

impl OlderCopy {
    /// A partition that ends before this offset, below which all records had been there.
    pub fn shorter(partition: Partition, end: Offset, at: Offset) -> Self {
        Self {
            what: format!("partition {partition} ends at offset {end}, and was read up to {at}"),
        }
    }

    fn other(Followed { partition, at, ledger }: Followed) -> Self {
        let Ledger { epoch, sequence, .. } = ledger;
        let what = format!(
            "below offset {at} of partition {partition}, the last record that counts is not number {sequence} of epoch {epoch}, \
             which was read there"
        );
        Self { what }
    }
}

/// Whether the log is an older copy, or one that has gone on from one, by the first of these places that shows it.
pub async fn older_copy(
    log: &dyn EventLog,
    followed: Vec<Followed>,
) -> Result<Option<OlderCopy>, LogError> {
    for followed in followed {
        let Followed { partition, at, .. } = followed;
        if at == 0 {
            continue;
        }
        let end = log.end(partition).await?;
        if end < at {
            return Ok(Some(OlderCopy::shorter(partition, end, at)));
        }
        if !has(log, followed).await? {
            return Ok(Some(OlderCopy::other(followed)));
        }
    }
    Ok(None)
}

/// Whether the last record that counts below the place is the one that was read there.
async fn has(log: &dyn EventLog, followed: Followed) -> Result<bool, LogError> {
    let Followed { partition, at, ledger } = followed;
    let furthest = at.saturating_sub(FURTHEST);
    // What stands behind the record in question, the last first.
    let mut behind = Vec::new();
    let (mut below, mut page) = (at, FIRST_PAGE);
    while below > furthest {
        let from = below.saturating_sub(page).max(furthest);
        for stored in read(log, partition, from, below).await?.iter().rev() {
            let claim = codec::claim(&stored.record);
            if is(claim, ledger) {
                return Ok(nothing_counts(ledger, behind));
            }
            behind.push(claim);
        }
        (below, page) = (from, PAGE);
    }
    Ok((furthest > 0 || ledger == Ledger::default()) && nothing_counts(ledger, behind))
}

fn is(claim: Option<WriterClaim>, ledger: Ledger) -> bool {
    let own = (ledger.epoch, ledger.writer, ledger.sequence);
    match claim {
        Some(WriterClaim::Starts { epoch, writer }) => (epoch, Some(writer), 0) == own,
        Some(WriterClaim::Follows(it)) => (it.epoch, Some(it.writer), it.sequence) == own,
        None => false,
    }
}

fn nothing_counts(mut ledger: Ledger, behind: Vec<Option<WriterClaim>>) -> bool {
    behind.into_iter().rev().all(|claim| ledger.judge(claim) != Verdict::Counts)
}

/// The records from `from` on, below `below`, which the log has.
async fn read(
    log: &dyn EventLog,
    partition: Partition,
    from: Offset,
    below: Offset,
) -> Result<Vec<StoredRecord>, LogError> {
    let (mut records, mut next) = (Vec::new(), from);
    while next < below {
        let wanted = usize::try_from(below.saturating_sub(next)).unwrap_or(usize::MAX);
        let page = log.read(partition, next, wanted).await?;
        let Some(last) = page.last() else {
            let why = "it does not show records that it has";
            return Err(LogError::Unavailable(why.into()));
        };
        next = last.offset.saturating_add(1);
        records.extend(page.into_iter().filter(|stored| stored.offset < below));
    }
    Ok(records)
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "an overflow in a test is a failed test")]
mod tests;
