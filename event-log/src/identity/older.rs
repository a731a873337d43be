//! The settings of a log whose first record does not name them, because an earlier program wrote it.
//!
//! Its currency is that of its first counted price: what was sold says more than what anybody wishes. When nothing has a
//! price yet, the first `WriterStarted` in partition 0 that names a currency holds, and whoever finds none writes one.

use domain::{Currency, Event};

use super::{FIRST, Start, append};
use crate::{
    Content, EventLog, Ledger, LogError, LogIdentity, LogSettings, Partition, StoredRecord,
    Timestamp, Verdict, codec, follower::exhausted,
};

/// How many records are read at once: some 500 kB.
const PAGE: usize = 1_000;
/// A start that others overtake is tried again with a higher epoch.
const TRIES: usize = 5;

/// What such a log says of itself, however little; without any, the usual settings.
pub(super) async fn read(
    log: &dyn EventLog,
    identity: LogIdentity,
) -> Result<LogIdentity, LogError> {
    let partitions = identity.partitions.min(log.partitions());
    let settings = search(log, partitions).await?.settings().unwrap_or(LogSettings::USUAL);
    Ok(LogIdentity { settings, ..identity })
}

/// The same; when such a log says nothing, it is told these settings.
pub(super) async fn bind(
    log: &dyn EventLog,
    identity: LogIdentity,
    start: &Start,
) -> Result<LogIdentity, LogError> {
    for _ in 0..TRIES {
        let found = search(log, identity.partitions).await?;
        if let Some(settings) = found.settings() {
            return Ok(LogIdentity { settings, ..identity });
        }
        let epoch =
            found.first.epoch.checked_add(1).ok_or_else(|| LogError::Unfit(exhausted(FIRST)))?;
        append(log, codec::encode(&start.begun(log, identity.id, epoch), identity.id)).await?;
    }
    Err(LogError::Unavailable("others take the log over again and again".into()))
}

/// What the records of an older log say.
#[derive(Default)]
struct Said {
    /// The price that was stored first, and when.
    price: Option<(Timestamp, Currency)>,
    /// What the first `WriterStarted` in partition 0 says that names settings.
    started: Option<LogSettings>,
    /// The ledger of partition 0 at its end, where it was read that far.
    first: Ledger,
}

impl Said {
    fn settings(&self) -> Option<LogSettings> {
        let of_price = self.price.map(|(_, currency)| LogSettings::of(currency));
        of_price.or(self.started)
    }

    /// Takes in a record that counts; says whether nothing more of the partition is needed.
    fn take(&mut self, partition: Partition, stored: &StoredRecord) -> bool {
        let Ok(envelope) = codec::decode(&stored.record) else { return false };
        match envelope.content {
            Content::Event(Event::CustomerCreated(_))
            | Content::Barrier
            | Content::EventSkipped(_) => false,
            Content::WriterStarted(started) => {
                if partition == FIRST {
                    self.started = self.started.or(started.settings);
                }
                false
            }
            Content::Event(Event::ProductPriced(priced)) => {
                self.sees(envelope.time, priced.price.currency())
            }
            Content::Event(Event::ProductPurchased(bought)) => {
                self.sees(envelope.time, bought.unit_price.currency())
            }
        }
    }

    fn sees(&mut self, time: Timestamp, currency: Currency) -> bool {
        if self.price.is_none_or(|(first, _)| time < first) {
            self.price = Some((time, currency));
        }
        true
    }
}

/// Reads each partition up to its first price.
async fn search(log: &dyn EventLog, partitions: u16) -> Result<Said, LogError> {
    let mut said = Said::default();
    for partition in Partition::all(partitions) {
        let ledger = search_in(log, partition, &mut said).await?;
        if partition == FIRST {
            said.first = ledger;
        }
    }
    Ok(said)
}

async fn search_in(
    log: &dyn EventLog,
    partition: Partition,
    said: &mut Said,
) -> Result<Ledger, LogError> {
    let (mut ledger, mut next) = (Ledger::default(), 0);
    loop {
        let page = log.read(partition, next, PAGE).await?;
        let Some(last) = page.last() else { return Ok(ledger) };
        next = last.offset.saturating_add(1);
        for stored in &page {
            let counts = ledger.judge(codec::claim(&stored.record)) == Verdict::Counts;
            if counts && said.take(partition, stored) {
                return Ok(ledger);
            }
        }
    }
}
