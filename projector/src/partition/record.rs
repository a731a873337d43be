//! What one record means for the views.

use domain::Currency;
use event_log::{
    Content, EventSkipped, Ledger, NewRecord, Offset, Partition, RecordId, StoredRecord, Timestamp,
    Verdict, codec,
};

use crate::fold::RecordedEvent;

/// One record, judged and read.
#[derive(Debug)]
pub(crate) struct DecodedRecord {
    pub(crate) offset: Offset,
    pub(crate) meaning: RecordKind,
}

/// What it means for the views.
#[derive(Debug)]
pub(crate) enum RecordKind {
    /// Nothing: it does not count, or it is bookkeeping.
    Nothing,
    /// An event that this program understands.
    Fact(RecordedEvent),
    /// A record that counts, and that this program does not understand, or that is not in the log's currency.
    Unreadable { key: String, reason: String, time: Timestamp },
    /// An event was given up.
    Skip(EventSkipped, Timestamp),
}

impl DecodedRecord {
    /// The partition's next record.
    pub(crate) fn judged(ledger: &mut Ledger, partition: Partition, stored: &StoredRecord) -> Self {
        let reading = codec::ParsedHeaders::of(&stored.record);
        match ledger.judge(reading.claim()) {
            Verdict::Counts => Self::of(partition, stored, &reading),
            Verdict::Void | Verdict::Foreign => {
                Self { offset: stored.offset, meaning: RecordKind::Nothing }
            }
        }
    }

    /// A record that counts.
    pub(crate) fn read(partition: Partition, stored: &StoredRecord) -> Self {
        Self::of(partition, stored, &codec::ParsedHeaders::of(&stored.record))
    }

    fn of(partition: Partition, stored: &StoredRecord, reading: &codec::ParsedHeaders<'_>) -> Self {
        let StoredRecord { offset, record } = stored;
        let meaning = reading.decode().map_or_else(
            |why| unreadable(record, why.to_string()),
            |envelope| match envelope.content {
                Content::WriterStarted(_) | Content::Barrier => RecordKind::Nothing,
                // No writer stores a skip elsewhere than behind its event. What is not there yet cannot have been looked at by
                // whoever gave it up, and may become any event: it is not skipped.
                Content::EventSkipped(skipped)
                    if skipped.place.partition != partition || skipped.place.offset >= *offset =>
                {
                    RecordKind::Nothing
                }
                Content::EventSkipped(skipped) => RecordKind::Skip(skipped, envelope.time),
                Content::Event(event) => {
                    let place = RecordId { partition, offset: *offset };
                    RecordKind::Fact(RecordedEvent { event, place, time: envelope.time })
                }
            },
        );
        Self { offset: *offset, meaning }
    }

    /// The same for a log of this currency: money in another one cannot be taken in, since it may be added to nothing.
    pub(crate) fn in_currency(self, own: Currency) -> Self {
        let RecordKind::Fact(fact) = &self.meaning else { return self };
        let Some(foreign) = fact.event.foreign_currency(own) else { return self };
        let reason = format!(
            "its money is in {foreign}, and the shop's currency is {own}: two currencies are never added"
        );
        let (key, time) = (fact.key().to_owned(), fact.time);
        Self { meaning: RecordKind::Unreadable { key, reason, time }, ..self }
    }

    /// The same for whoever wants this key alone.
    pub(crate) fn of_key(self, only: Option<&str>) -> Self {
        if only.is_none_or(|only| self.key() == only) {
            return self;
        }
        Self { meaning: RecordKind::Nothing, ..self }
    }

    /// The key that waits when this one cannot be taken in.
    pub(crate) fn key(&self) -> &str {
        match &self.meaning {
            RecordKind::Fact(fact) => fact.key(),
            RecordKind::Unreadable { key, .. } => key,
            RecordKind::Skip(skipped, _) => &skipped.key,
            RecordKind::Nothing => "",
        }
    }
}

fn unreadable(record: &NewRecord, reason: String) -> RecordKind {
    let time = codec::time(record).unwrap_or(Timestamp(record.timestamp));
    RecordKind::Unreadable { key: codec::key(record).into_owned(), reason, time }
}
