//! What the records of a log come to, taken one after the other.

use std::collections::BTreeMap;

use domain::{Currency, Event};
use event_log::{
    Content, Ledger, LogIdentity, NewRecord, Offset, Partition, RecordId, StoredRecord, Timestamp,
    Verdict, WriterClaim, WriterStarted, codec, partition_of,
};

use super::causes::Causes;

/// How many of the largest records are named.
const LARGEST: usize = 3;

/// How often something was met, and where first.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) all: u64,
    /// The first in order of partition and offset, and what there is to say of it.
    pub(super) first: Option<(RecordId, String)>,
}

/// What the records of a log come to.
#[derive(Debug)]
pub(super) struct Survey {
    pub(super) partitions: u16,
    pub(super) identity: Option<LogIdentity>,
    pub(super) records: u64,
    pub(super) counted: u64,
    /// Writers that took a partition over.
    pub(super) writers: u64,
    pub(super) foreign: Seen,
    /// Void because their writer had been replaced.
    pub(super) late: Seen,
    /// Void because they are stored already.
    pub(super) repeated: Seen,
    /// Void because records before them are missing.
    pub(super) after_gap: Seen,
    /// Counted events that this program cannot read and nobody has given up.
    pub(super) unreadable: Seen,
    /// Counted events that an operator has given up.
    pub(super) skipped: Seen,
    /// Counted events whose key belongs to another partition.
    pub(super) misplaced: Seen,
    /// Counted events with money in another currency than the log's, that nobody has given up.
    pub(super) other_currency: Seen,
    /// Counted writers that took the log for another.
    pub(super) mistaken: Seen,
    /// Counted records that give up an event which stands behind them, or in another partition.
    pub(super) skips_nothing: Seen,
    /// Partitions whose epochs are used up.
    pub(super) exhausted: Seen,
    /// Whether each purchase's price is there.
    pub(super) causes: Causes,
    /// Counted records whose time is before that of one before them.
    pub(super) backwards: Seen,
    /// The newest time of a counted record.
    pub(super) newest: Option<(Timestamp, RecordId)>,
    /// Sizes in bytes, largest first.
    pub(super) largest: Vec<(usize, RecordId)>,
}

/// One partition's records.
#[derive(Debug)]
pub(super) struct LogScan {
    partition: Partition,
    ledger: Ledger,
    newest: Option<Timestamp>,
    /// Events that cannot be read, until it is known that nobody gave them up.
    unreadable: BTreeMap<Offset, String>,
    /// Events in another currency, likewise.
    foreign: BTreeMap<Offset, Currency>,
}

impl Seen {
    pub(super) fn meet(&mut self, place: RecordId, note: impl FnOnce() -> String) {
        self.all = self.all.saturating_add(1);
        if self.first.as_ref().is_none_or(|(first, _)| place < *first) {
            self.first = Some((place, note()));
        }
    }
}

impl Survey {
    pub(super) fn of(partitions: u16, identity: Option<LogIdentity>) -> Self {
        Self {
            partitions,
            identity,
            records: 0,
            counted: 0,
            writers: 0,
            foreign: Seen::default(),
            late: Seen::default(),
            repeated: Seen::default(),
            after_gap: Seen::default(),
            unreadable: Seen::default(),
            skipped: Seen::default(),
            misplaced: Seen::default(),
            other_currency: Seen::default(),
            mistaken: Seen::default(),
            skips_nothing: Seen::default(),
            exhausted: Seen::default(),
            causes: Causes::default(),
            backwards: Seen::default(),
            newest: None,
            largest: Vec::new(),
        }
    }

    fn weigh(&mut self, record: &NewRecord, place: RecordId) {
        let size = size(record);
        let smallest = self.largest.last().map_or(0, |(size, _)| *size);
        if self.largest.len() < LARGEST || size > smallest {
            let index = self.largest.partition_point(|(other, _)| *other >= size);
            self.largest.insert(index, (size, place));
            self.largest.truncate(LARGEST);
        }
    }

    fn started(&mut self, started: &WriterStarted, place: RecordId) {
        self.writers = self.writers.saturating_add(1);
        let Some(LogIdentity { id, partitions, .. }) = self.identity else { return };
        let WriterStarted { log_id, partitions: says, .. } = started;
        if (*log_id, *says) != (id, partitions) {
            self.mistaken.meet(place, || format!("it names log {log_id} of {says} partitions"));
        }
    }
}

impl LogScan {
    pub(super) fn along(partition: Partition) -> Self {
        Self {
            partition,
            ledger: Ledger::default(),
            newest: None,
            unreadable: BTreeMap::new(),
            foreign: BTreeMap::new(),
        }
    }

    /// Takes the partition's next record.
    pub(super) fn take(&mut self, stored: &StoredRecord, survey: &mut Survey) {
        let place = RecordId { partition: self.partition, offset: stored.offset };
        survey.records = survey.records.saturating_add(1);
        survey.weigh(&stored.record, place);
        let (claim, before) = (codec::claim(&stored.record), self.ledger);
        match self.ledger.judge(claim) {
            Verdict::Foreign => survey.foreign.meet(place, || look(&stored.record)),
            Verdict::Void => void(claim, before, place, survey),
            Verdict::Counts => {
                survey.counted = survey.counted.saturating_add(1);
                self.read(stored, place, survey);
            }
        }
    }

    /// What can be said only when everything was seen.
    pub(super) fn end(self, survey: &mut Survey) {
        for (offset, why) in self.unreadable {
            survey.unreadable.meet(RecordId { partition: self.partition, offset }, || why);
        }
        for (offset, currency) in self.foreign {
            let place = RecordId { partition: self.partition, offset };
            survey.other_currency.meet(place, || format!("it is in {currency}"));
        }
    }

    fn look_at_currency(&mut self, event: &Event, place: RecordId, survey: &Survey) {
        let own = survey.identity.map(|identity| identity.settings.currency);
        if let Some(foreign) = own.and_then(|own| event.foreign_currency(own)) {
            self.foreign.insert(place.offset, foreign);
        }
    }

    fn read(&mut self, stored: &StoredRecord, place: RecordId, survey: &mut Survey) {
        match codec::decode(&stored.record).map(|envelope| envelope.content) {
            Ok(Content::WriterStarted(started)) => {
                if self.ledger.is_exhausted() {
                    survey.exhausted.meet(place, || format!("its epoch is {}", u64::MAX));
                }
                return survey.started(&started, place);
            }
            Ok(Content::EventSkipped(skipped))
                if skipped.place.partition != place.partition
                    || skipped.place.offset >= place.offset =>
            {
                let RecordId { partition, offset } = skipped.place;
                survey
                    .skips_nothing
                    .meet(place, || format!("it names offset {offset} of partition {partition}"));
            }
            Ok(Content::EventSkipped(skipped)) => {
                self.unreadable.remove(&skipped.place.offset);
                self.foreign.remove(&skipped.place.offset);
                survey.skipped.meet(skipped.place, || skipped.reason);
            }
            Ok(Content::Barrier) => {}
            Ok(Content::Event(event)) => {
                self.check_key(&stored.record, place, survey);
                self.look_at_currency(&event, place, survey);
                survey.causes.take(event, place);
            }
            Err(why) => {
                self.check_key(&stored.record, place, survey);
                survey.causes.cannot_be_read(&codec::key(&stored.record));
                self.unreadable.insert(place.offset, why.to_string());
            }
        }
        if let Some(time) = codec::time(&stored.record) {
            self.look_at_time(time, place, survey);
        }
    }

    fn check_key(&self, record: &NewRecord, place: RecordId, survey: &mut Survey) {
        let key = record.key.as_deref().unwrap_or_default();
        let home = partition_of(key, survey.partitions);
        if home != self.partition {
            let key = shown(key);
            survey.misplaced.meet(place, || format!("{key} belongs to partition {home}"));
        }
    }

    fn look_at_time(&mut self, time: Timestamp, place: RecordId, survey: &mut Survey) {
        match self.newest {
            Some(newest) if newest > time => {
                survey.backwards.meet(place, || format!("{time} after {newest}"));
            }
            Some(_) | None => self.newest = Some(time),
        }
        if survey.newest.is_none_or(|(newest, _)| newest < time) {
            survey.newest = Some((time, place));
        }
    }
}

/// Why a record is void.
fn void(claim: Option<WriterClaim>, before: Ledger, place: RecordId, survey: &mut Survey) {
    match claim {
        Some(WriterClaim::Follows(stamp))
            if stamp.epoch == before.epoch && Some(stamp.writer) == before.writer =>
        {
            let (is, was) = (stamp.sequence, before.sequence);
            if is > was {
                survey.after_gap.meet(place, || format!("sequence {is} after {was}"));
            } else {
                survey.repeated.meet(place, || format!("sequence {is} again"));
            }
        }
        Some(WriterClaim::Follows(stamp)) => survey.late.meet(place, || {
            format!("epoch {} when epoch {} was in force", stamp.epoch, before.epoch)
        }),
        Some(WriterClaim::Starts { epoch, .. }) => survey.late.meet(place, || {
            format!("a writer started at epoch {epoch} when epoch {} was in force", before.epoch)
        }),
        None => {}
    }
}

/// A record's own bytes, without those that a store adds.
fn size(record: &NewRecord) -> usize {
    let length = |bytes: Option<&[u8]>| bytes.map_or(0, <[u8]>::len);
    let headers = record.headers.iter().map(|it| it.name.len().saturating_add(length(it.value)));
    let own = [length(record.key.as_deref()), length(record.value.as_deref())];
    own.into_iter().chain(headers).fold(0, usize::saturating_add)
}

/// What a stranger's record looks like.
fn look(record: &NewRecord) -> String {
    if *record == (NewRecord { timestamp: record.timestamp, ..NewRecord::default() }) {
        return "it is empty, as the end of somebody's transaction is".into();
    }
    let key =
        record.key.as_deref().map_or_else(|| "no key".into(), |key| format!("key {}", shown(key)));
    let value = record
        .value
        .as_deref()
        .map_or_else(|| "no value".into(), |it| format!("{} bytes", it.len()));
    format!("{key}, {value}")
}

/// A key for people.
fn shown(key: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(key).chars().take(40).collect();
    format!("{text:?}")
}
