//! The task that reads, judges and hands out.

use std::sync::{Arc, OnceLock};

use tokio::sync::watch;

use super::{CurrentWriter, Judged, JudgedBatch, Subscribers, partition_state::PartitionState};
use crate::{
    Batch, Content, LogError, LogIdentity, Offset, Partition, RecordStream, StoredRecord, Verdict,
    WriterClaim, codec,
};

/// What the task works on.
pub(super) struct Task {
    pub(super) identity: LogIdentity,
    pub(super) tracks: Vec<watch::Sender<PartitionState>>,
    pub(super) subscribers: Subscribers,
    pub(super) failure: Arc<OnceLock<String>>,
}

impl Task {
    /// Runs until the tail ends or the log turns out to be unfit.
    pub(super) async fn run(mut self, mut tail: RecordStream) {
        let failure = loop {
            match tail.recv().await.map(|read| read.and_then(|batch| self.judge(batch))) {
                Some(Ok(judged)) => self.subscribers.hand_out(judged).await,
                Some(Err(error)) => {
                    tracing::error!(%error, "the log is no longer followed");
                    break error.to_string();
                }
                // Whoever had opened the log is leaving, which is no failure of anything.
                None => break "the log was closed".into(),
            }
        };
        // Nobody else sets it, so it is empty.
        _ = self.failure.set(failure);
    }

    /// Judges a batch and publishes the verdicts, so that whoever gets a record finds its verdict known.
    fn judge(&self, batch: Batch) -> Result<JudgedBatch, LogError> {
        let partition = batch.partition;
        let unasked = || {
            LogError::Unfit(format!(
                "the log gave records of partition {partition}, which it has not"
            ))
        };
        let track = self.tracks.get(usize::from(partition.0)).ok_or_else(unasked)?;
        let mut records = Vec::with_capacity(batch.records.len());
        let mut outcome = Ok(());
        track.send_if_modified(|track| {
            let before = track.seen;
            outcome = batch.records.into_iter().try_for_each(|stored| {
                records.push(judge(self.identity, partition, track, stored)?);
                Ok(())
            });
            track.seen != before
        });
        outcome.map(|()| JudgedBatch { partition, records })
    }
}

fn judge(
    identity: LogIdentity,
    partition: Partition,
    track: &mut PartitionState,
    stored: StoredRecord,
) -> Result<Judged, LogError> {
    if stored.offset != track.seen {
        return Err(gap(partition, track.seen, stored.offset));
    }
    let claim = codec::claim(&stored.record);
    let verdict = track.ledger.judge(claim);
    if let (Verdict::Counts, Some(WriterClaim::Starts { epoch, writer })) = (verdict, claim) {
        let address = address_in(identity, partition, &stored)?;
        if track.ledger.is_exhausted() {
            tracing::error!(offset = stored.offset, "{}", exhausted(partition));
        }
        track.route = Some(CurrentWriter { epoch, writer, address });
    }
    track.see(stored.offset, verdict);
    Ok(Judged { stored, claim, verdict })
}

/// The address in a counted `WriterStarted`, which must be of this very log.
fn address_in(
    identity: LogIdentity,
    partition: Partition,
    stored: &StoredRecord,
) -> Result<Option<Arc<str>>, LogError> {
    let at = format!("the WriterStarted at offset {} of partition {partition}", stored.offset);
    match codec::decode(&stored.record).map(|envelope| envelope.content) {
        Ok(Content::WriterStarted(started))
            if started.log_id == identity.id && started.partitions == identity.partitions =>
        {
            Ok(started.address.map(Arc::from))
        }
        Ok(Content::WriterStarted(other)) => Err(LogError::Unfit(format!(
            "{at} is of log {} with {} partitions, but this is log {} with {}: {MIXED}",
            other.log_id, other.partitions, identity.id, identity.partitions
        ))),
        Ok(Content::Barrier | Content::EventSkipped(_) | Content::Event(_)) => {
            Err(LogError::Unfit(format!("{at} is none")))
        }
        Err(why) => Err(LogError::Unfit(format!(
            "{at} cannot be read ({why}): it was written by a newer Sklep, or not by Sklep. Start the newer one"
        ))),
    }
}

/// What records of two logs in one store mean, and what to do.
pub const MIXED: &str = "two logs were written into one topic. Either it was deleted and created again while a shop on the \
    old log still ran, which then announced itself in the new one; or the records of two logs were mixed. Nobody can take records away: stop every shop on \
    this topic, and import an export that was made before into a new one (`sklep import FILE --topic NAME`), or begin anew \
    there. What was stored here since can be read by any Kafka client";

/// A partition whose epochs are used up.
pub(crate) fn exhausted(partition: Partition) -> String {
    format!(
        "partition {partition} can never be written again once its present writer has stopped: that one has started at the highest \
         epoch that there is, which Sklep does not come to by itself. Import an export that was made before into a new topic or \
         folder"
    )
}

fn gap(partition: Partition, expected: Offset, found: Offset) -> LogError {
    LogError::Unfit(format!(
        "partition {partition} goes on at offset {found} where {expected} was expected: records were deleted or the \
         topic was created again. Sklep needs the whole log: restore it, or `sklep import` an export into a new topic"
    ))
}
