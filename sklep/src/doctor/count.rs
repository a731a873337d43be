//! Counting what a log's records come to.

use std::collections::BTreeMap;

use event_log::{
    EventLog, Ledger, LogError, Offset, Partition, Place, StoredRecord, Verdict, codec,
};

/// What a log's records come to.
#[derive(Debug, Default)]
pub(super) struct Count {
    pub(super) counted: u64,
    pub(super) void: u64,
    pub(super) foreign: u64,
    pub(super) unreadable: Unreadable,
}

/// Records that count, but that this program cannot read.
#[derive(Debug, Default)]
pub(super) struct Unreadable {
    pub(super) all: u64,
    /// The first of them, and why it cannot be read.
    pub(super) first: Option<(Place, String)>,
}

/// Counts every record that the log has now.
pub(super) async fn all(log: &dyn EventLog) -> Result<Count, LogError> {
    let mut ends = BTreeMap::new();
    for partition in Partition::all(log.partitions()) {
        ends.insert(partition, log.end(partition).await?);
    }
    ends.retain(|_, end| *end > 0);
    let mut count = Count::default();
    let mut ledgers: BTreeMap<Partition, Ledger> = BTreeMap::new();
    let mut tail = log.follow(ends.keys().map(|partition| (*partition, 0)).collect());
    while !ends.is_empty() {
        let Some(batch) = tail.recv().await else {
            return Err(LogError::Unavailable("it stopped giving records".into()));
        };
        let batch = batch?;
        let Some(end) = ends.get(&batch.partition).copied() else { continue };
        let ledger = ledgers.entry(batch.partition).or_default();
        for stored in batch.records.iter().filter(|stored| stored.offset < end) {
            count.add(ledger, batch.partition, stored);
        }
        if next(&batch.records) >= end {
            ends.remove(&batch.partition);
        }
    }
    Ok(count)
}

fn next(records: &[StoredRecord]) -> Offset {
    records.last().map_or(0, |last| last.offset.saturating_add(1))
}

impl Count {
    fn add(&mut self, ledger: &mut Ledger, partition: Partition, stored: &StoredRecord) {
        let count = match ledger.judge(codec::claim(&stored.record)) {
            Verdict::Counts => {
                self.read(partition, stored);
                &mut self.counted
            }
            Verdict::Void => &mut self.void,
            Verdict::Foreign => &mut self.foreign,
        };
        *count = count.saturating_add(1);
    }

    fn read(&mut self, partition: Partition, stored: &StoredRecord) {
        let Err(why) = codec::decode(&stored.record) else { return };
        let place = Place { partition, offset: stored.offset };
        self.unreadable.all = self.unreadable.all.saturating_add(1);
        self.unreadable.first.get_or_insert_with(|| (place, why.to_string()));
    }
}
