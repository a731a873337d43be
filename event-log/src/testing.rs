//! Writing what the shop itself never writes, for tests.

use std::sync::Arc;

use tokio::sync::oneshot;
use uuid::Uuid;

use crate::{
    Content, Envelope, EventLog, Ledger, LogIdentity, NewRecord, Offset, Partition, Stamp,
    Timestamp, Trace, Verdict, WriterId, WriterStarted, codec,
};

/// How an envelope becomes a record: [`codec::encode`], or something that nobody can read.
pub type Form = fn(&Envelope, crate::LogId) -> NewRecord;

/// Takes a partition over as a program of its own would, stores this in these forms so that each counts, and
/// gives their offsets.
///
/// All is appended at once, since the shop's own writer soon takes the partition back.
///
/// # Panics
///
/// When the log does not take the records, or when one of them does not count.
#[expect(clippy::expect_used, reason = "it is part of tests")]
pub async fn store_as_another(
    log: &Arc<dyn EventLog>,
    identity: LogIdentity,
    partition: Partition,
    records: &[(Content, Form)],
) -> Vec<Offset> {
    let (before, time) = judged(&**log, partition).await;
    let writer = WriterId(Uuid::new_v5(&identity.id.0, &before.epoch.to_be_bytes()));
    let stamp = Stamp { epoch: before.epoch.saturating_add(1), writer, sequence: 0 };
    let envelope = |sequence, content| Envelope {
        id: Uuid::new_v5(&writer.0, &u64::to_be_bytes(sequence)),
        time,
        stamp: Stamp { sequence, ..stamp },
        trace: Trace::default(),
        content,
    };
    let LogIdentity { id: log_id, partitions, settings } = identity;
    let start = WriterStarted { log_id, partitions, address: None, settings: Some(settings) };
    let start = Content::WriterStarted(start);
    let mut receipts = vec![append(&**log, partition, codec::encode(&envelope(0, start), log_id))];
    for (sequence, (content, form)) in (1..).zip(records) {
        let record = form(&envelope(sequence, content.clone()), log_id);
        receipts.push(append(&**log, partition, record));
    }
    let mut offsets = Vec::new();
    for receipt in receipts {
        let stored = receipt.await.expect("the log tells what became of it").expect("it is stored");
        offsets.push(stored.expect("the log tells where"));
    }
    let last = u64::try_from(records.len()).unwrap_or_default();
    let (after, _) = judged(&**log, partition).await;
    let ours = Ledger { epoch: stamp.epoch, writer: Some(writer), sequence: last };
    assert!(
        after == ours || after.epoch > stamp.epoch,
        "somebody else wrote between: {after:?} instead of {ours:?}"
    );
    offsets.split_off(1)
}

fn append(
    log: &dyn EventLog,
    partition: Partition,
    record: NewRecord,
) -> oneshot::Receiver<Result<Option<Offset>, crate::LogError>> {
    let (told, receipt) = oneshot::channel();
    log.append(partition, record, Box::new(move |outcome| drop(told.send(outcome))));
    receipt
}

/// The ledger at the partition's end, and the newest time before it.
#[expect(clippy::expect_used, reason = "it is part of tests")]
async fn judged(log: &dyn EventLog, partition: Partition) -> (Ledger, Timestamp) {
    let (mut ledger, mut newest, mut at) = (Ledger::default(), Timestamp::default(), 0);
    loop {
        let records = log.read(partition, at, 1_000).await.expect("the log can be read");
        for stored in &records {
            let counts = ledger.judge(codec::claim(&stored.record)) == Verdict::Counts;
            newest = newest.max(codec::time(&stored.record).filter(|_| counts).unwrap_or(newest));
            at = stored.offset.saturating_add(1);
        }
        if records.is_empty() {
            return (ledger, newest);
        }
    }
}
