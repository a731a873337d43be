//! Which events later records of the log skip.

use std::collections::{BTreeMap, BTreeSet};

use event_log::{
    EventLog, Ledger, LogError, Offset, Partition, RecordId, StoredRecord, Verdict, codec,
};

use crate::{
    partition::record::{DecodedRecord, RecordKind},
    rebuild::Throttle,
};

/// A stretch of one partition that is looked through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SkipRange {
    /// Where it begins, and the ledger's state there.
    pub(crate) at: Offset,
    pub(crate) ledger: Ledger,
    /// Where it ends.
    pub(crate) end: Offset,
}

/// Every event that is skipped by a record of these stretches. Reads them to their ends, no faster than the gate lets
/// it, and folds nothing.
pub(crate) async fn skipped(
    log: &dyn EventLog,
    stretches: BTreeMap<Partition, SkipRange>,
    gate: Option<&Throttle>,
) -> Result<BTreeSet<RecordId>, LogError> {
    let mut left = stretches;
    left.retain(|_, it| it.at < it.end);
    let mut skipped = BTreeSet::new();
    let mut tail = log.follow(left.iter().map(|(partition, it)| (*partition, it.at)).collect());
    while !left.is_empty() {
        let gone = || LogError::Unavailable("it is not followed any more".into());
        let batch = tail.recv().await.ok_or_else(gone)??;
        // What comes behind the end of another stretch is not looked at.
        let Some(stretch) = left.get_mut(&batch.partition) else { continue };
        if let Some(gate) = gate {
            gate.pass(batch.records.len()).await;
        }
        let end = stretch.end;
        for stored in batch.records.iter().filter(|stored| stored.offset < end) {
            skipped.extend(stretch.take(batch.partition, stored));
        }
        if stretch.at >= stretch.end {
            left.remove(&batch.partition);
        }
        tokio::task::yield_now().await;
    }
    Ok(skipped)
}

impl SkipRange {
    /// Takes the next record, and gives the event that it skips, if it skips one.
    fn take(&mut self, partition: Partition, stored: &StoredRecord) -> Option<RecordId> {
        self.at = stored.offset.saturating_add(1);
        let verdict = self.ledger.judge(codec::claim(&stored.record));
        if verdict != Verdict::Counts
            || codec::kind(&stored.record) != Some(codec::Kind::EventSkipped)
        {
            return None;
        }
        match DecodedRecord::read(partition, stored).meaning {
            RecordKind::Skip(skipped, _) => Some(skipped.place),
            RecordKind::Nothing | RecordKind::Fact(_) | RecordKind::Unreadable { .. } => None,
        }
    }
}
