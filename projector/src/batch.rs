//! What a stretch of one partition's records comes to.

use event_log::{
    Content, Envelope, Ledger, Offset, Partition, Place, StoredRecord, Verdict, codec,
};

use crate::fold::Fact;

/// What a stretch of records comes to, as far as it can be read.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The events that count, each with the ledger's state before it.
    pub(crate) facts: Vec<Fact>,
    /// The offset after the last record that was read.
    pub(crate) at: Offset,
    /// The ledger's state there.
    pub(crate) ledger: Ledger,
    /// What cannot be read there.
    pub(crate) stop: Option<String>,
}

impl Batch {
    /// Judges and decodes records that stand from `at` on, up to the first that cannot be taken.
    pub(crate) fn read(
        partition: Partition,
        at: Offset,
        ledger: Ledger,
        records: &[StoredRecord],
    ) -> Self {
        let mut batch = Self { facts: Vec::new(), at, ledger, stop: None };
        for record in records {
            if let Err(reason) = batch.take(partition, record) {
                batch.stop = Some(format!("offset {}: {reason}", record.offset));
                break;
            }
        }
        batch
    }

    /// The same without what stands from `offset` on, because of what is wrong there.
    pub(crate) fn before(
        partition: Partition,
        at: Offset,
        ledger: Ledger,
        records: &[StoredRecord],
        offset: Offset,
        reason: &str,
    ) -> Self {
        let good = records.iter().take_while(|record| record.offset < offset).count();
        let mut batch = Self::read(partition, at, ledger, records.get(..good).unwrap_or_default());
        batch.stop = Some(format!("offset {offset}: {reason}"));
        batch
    }

    fn take(&mut self, partition: Partition, stored: &StoredRecord) -> Result<(), String> {
        if stored.offset != self.at {
            return Err(format!("the log goes on there, though offset {} is next", self.at));
        }
        let mut ledger = self.ledger;
        if ledger.judge(codec::claim(&stored.record)) == Verdict::Counts {
            let envelope = codec::decode(&stored.record).map_err(|error| error.to_string())?;
            let place = Place { partition, offset: stored.offset };
            self.facts.extend(fact(envelope, place));
        }
        self.ledger = ledger;
        self.at = stored.offset.saturating_add(1);
        Ok(())
    }
}

fn fact(envelope: Envelope, place: Place) -> Option<Fact> {
    match envelope.content {
        Content::Event(event) => Some(Fact { event, place, time: envelope.time }),
        Content::WriterStarted(_) | Content::Barrier | Content::EventSkipped(_) => None,
    }
}
