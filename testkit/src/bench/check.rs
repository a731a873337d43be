//! Whether what was answered is what is stored: every answered purchase stands in the log once, at its answered
//! position, and no other does.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use domain::Event;
use event_log::{
    Content, EventLog, Ledger, NewRecord, Offset, Partition, RecordId, StoredRecord, Token,
    Verdict, codec, partition_of,
};
use serde_json::Value;

/// An answered or a stored purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Purchase {
    event_id: String,
    purchase_id: String,
}

/// What one log holds.
#[derive(Debug)]
struct Stored {
    purchases: BTreeMap<RecordId, Purchase>,
    /// One of them as it stands there.
    example: Option<NewRecord>,
}

/// Compares all answers that a shop ever gave with its log, and gives how many there are.
pub(super) async fn compare(log: &dyn EventLog, answers: &[Vec<u8>]) -> Result<usize> {
    let mut stored = stored(log).await?.purchases;
    for answer in answers {
        let (place, purchase) = answered(log.partitions(), answer)
            .with_context(|| String::from_utf8_lossy(answer).into_owned())?;
        let found = stored.remove(&place);
        ensure!(
            found.as_ref() == Some(&purchase),
            "answered was {purchase:?}, but at {place:?} there is {found:?}, or it was answered before"
        );
    }
    if let Some((place, purchase)) = stored.first_key_value() {
        bail!(
            "{} purchases were never answered, the first {purchase:?} at {place:?}",
            stored.len()
        );
    }
    Ok(answers.len())
}

/// A purchase's record as the shop writes it.
pub(super) async fn example(log: &dyn EventLog) -> Result<NewRecord> {
    stored(log).await?.example.context("there is no purchase yet")
}

async fn stored(log: &dyn EventLog) -> Result<Stored> {
    let mut missing: BTreeMap<Partition, Offset> = BTreeMap::new();
    for partition in Partition::all(log.partitions()) {
        missing.insert(partition, log.end(partition).await?);
    }
    missing.retain(|_, end| *end > 0);
    let mut ledgers: BTreeMap<Partition, Ledger> = BTreeMap::new();
    let mut stored = Stored { purchases: BTreeMap::new(), example: None };
    let mut tail = log.follow(missing.keys().map(|partition| (*partition, 0)).collect());
    while !missing.is_empty() {
        let batch = tail.recv().await.context("the log ended")??;
        let ledger = ledgers.entry(batch.partition).or_default();
        for record in &batch.records {
            stored.take(batch.partition, ledger, record)?;
        }
        let seen = batch.records.last().map_or(0, |last| last.offset.saturating_add(1));
        missing.retain(|partition, end| *partition != batch.partition || *end > seen);
    }
    Ok(stored)
}

impl Stored {
    fn take(
        &mut self,
        partition: Partition,
        ledger: &mut Ledger,
        stored: &StoredRecord,
    ) -> Result<()> {
        if ledger.judge(codec::claim(&stored.record)) != Verdict::Counts {
            return Ok(());
        }
        let envelope = codec::decode(&stored.record)?;
        if let Content::Event(Event::ProductPurchased(event)) = &envelope.content {
            let place = RecordId { partition, offset: stored.offset };
            let purchase = Purchase {
                event_id: envelope.id.to_string(),
                purchase_id: event.purchase_id.to_string(),
            };
            self.purchases.insert(place, purchase);
            self.example.get_or_insert_with(|| stored.record.clone());
        }
        Ok(())
    }
}

fn answered(partitions: u16, answer: &[u8]) -> Result<(RecordId, Purchase)> {
    let answer: Value = serde_json::from_slice(answer)?;
    let text = |path: &str| answer.pointer(path).and_then(Value::as_str).context(path.to_owned());
    let purchase = Purchase {
        event_id: text("/data/purchaseProduct/event/id")?.to_owned(),
        purchase_id: text("/data/purchaseProduct/event/purchaseId")?.to_owned(),
    };
    let position: Token = text("/data/purchaseProduct/position")?.parse()?;
    let (customer, _number) = purchase.purchase_id.rsplit_once(':').context("no purchase id")?;
    let partition = partition_of(customer.as_bytes(), partitions);
    let seen = position.needs().seen(partition);
    let offset = seen.checked_sub(1).context("a position before its event")?;
    Ok((RecordId { partition, offset }, purchase))
}
