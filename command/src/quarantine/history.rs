//! Reading one key's events once more.

use event_log::{
    Content, EventLog, Ledger, LogError, NewRecord, Offset, Partition, StoredRecord, Verdict, codec,
};

use super::QuarantinedEvent;

/// Records that are read at once: some 500 kB.
const AT_ONCE: usize = 1_000;

/// The key's events that count, below an offset; of those records that `concern` whoever asks.
pub(crate) async fn history(
    log: &dyn EventLog,
    partition: Partition,
    key: &str,
    below: Offset,
    concern: impl Fn(&NewRecord) -> bool,
) -> Result<Vec<QuarantinedEvent>, LogError> {
    let (mut ledger, mut at, mut found) = (Ledger::default(), 0, Vec::new());
    while at < below {
        let records = log.read(partition, at, AT_ONCE).await?;
        if records.is_empty() {
            let why = "it does not show records that it has";
            return Err(LogError::Unavailable(why.into()));
        }
        for stored in records.iter().take_while(|stored| stored.offset < below) {
            let counts = ledger.judge(codec::claim(&stored.record)) == Verdict::Counts;
            if counts && codec::key(&stored.record) == key && concern(&stored.record) {
                found.extend(arrival(stored));
            }
            at = stored.offset.saturating_add(1);
        }
        at = records.last().map_or(at, |last| last.offset.saturating_add(1));
    }
    Ok(found)
}

/// None for bookkeeping.
fn arrival(stored: &StoredRecord) -> Option<QuarantinedEvent> {
    let event = match codec::decode(&stored.record).map(|envelope| envelope.content) {
        Ok(Content::Event(event)) => Some(event),
        Ok(Content::WriterStarted(_) | Content::Barrier | Content::EventSkipped(_)) => return None,
        Err(_unreadable) => None,
    };
    Some(QuarantinedEvent { offset: stored.offset, event })
}
