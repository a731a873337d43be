//! Which log it is: the first `WriterStarted` that counts in partition 0 has said so for ever.
//!
//! A store can be emptied and filled again under its old name; the id tells the logs apart. With the id stands what decides
//! what the events mean, which no option may change later ([`LogSettings`]). Logs of earlier programs lack it: `older` says
//! what holds there.

mod older;

use tokio::sync::oneshot;

use crate::{
    Content, Envelope, EventLog, Ledger, LogError, LogId, LogIdentity, LogSettings, NewRecord,
    Offset, Partition, Stamp, StoredRecord, Timestamp, Trace, Verdict, WriterId, WriterStarted,
    codec,
};

/// The partition that holds the identity.
const FIRST: Partition = Partition(0);
/// How many records are read at once; the first that counts is nearly always the very first.
const PAGE: usize = 100;

/// The identity of this log; begins the log when nobody has.
///
/// An empty log gets a `WriterStarted` with the id `fresh`. When several processes begin the same log at once,
/// one of them counts first and all agree on its id. `writer` must be a new nonce. Fails with [`LogError::Unfit`]
/// when the log was begun with another number of partitions than it has now.
pub async fn begin(
    log: &dyn EventLog,
    fresh: LogId,
    writer: WriterId,
    now: Timestamp,
) -> Result<LogIdentity, LogError> {
    begin_as(log, fresh, writer, now, LogSettings::USUAL).await
}

/// The same for whoever wants these settings. A log that has its own keeps them: the answer says which.
pub async fn begin_as(
    log: &dyn EventLog,
    fresh: LogId,
    writer: WriterId,
    now: Timestamp,
    wanted: LogSettings,
) -> Result<LogIdentity, LogError> {
    let start = Start { writer, now, settings: wanted };
    let mut search = Search::default();
    let mut found = search.go_on(log).await?;
    if found.is_none() {
        append(log, codec::encode(&start.begun(log, fresh, 1), fresh)).await?;
        found = search.go_on(log).await?;
    }
    let Some(found) = found else {
        return Err(LogError::Unavailable("the log does not show its first record yet".into()));
    };
    check(log, found.identity)?;
    if found.is_whole {
        return Ok(found.identity);
    }
    older::bind(log, found.identity, &start).await
}

/// The identity of this log; none when nobody has begun it. Writes nothing. Fails as [`begin`] does.
pub async fn read(log: &dyn EventLog) -> Result<Option<LogIdentity>, LogError> {
    recorded(log).await?.map(|found| check(log, found)).transpose()
}

/// What the log's own record says of it, also when the log has another number of partitions by now.
pub async fn recorded(log: &dyn EventLog) -> Result<Option<LogIdentity>, LogError> {
    match Search::default().go_on(log).await? {
        Some(Found { identity, is_whole: false }) => older::read(log, identity).await.map(Some),
        found => Ok(found.map(|found| found.identity)),
    }
}

/// What the first record that counts says.
struct Found {
    identity: LogIdentity,
    /// Whether it names the settings too.
    is_whole: bool,
}

/// A start that somebody wishes to write.
struct Start {
    writer: WriterId,
    now: Timestamp,
    settings: LogSettings,
}

/// A search for the first record that counts, which can only be a `WriterStarted`.
#[derive(Default)]
struct Search {
    ledger: Ledger,
    next: Offset,
}

impl Search {
    async fn go_on(&mut self, log: &dyn EventLog) -> Result<Option<Found>, LogError> {
        loop {
            let page = log.read(FIRST, self.next, PAGE).await?;
            let Some(last) = page.last() else { return Ok(None) };
            self.next = last.offset.saturating_add(1);
            let mut records = page.iter();
            if let Some(first) = records.find(|stored| self.counts(stored)) {
                return identity_in(first).map(Some);
            }
        }
    }

    fn counts(&mut self, stored: &StoredRecord) -> bool {
        self.ledger.judge(codec::claim(&stored.record)) == Verdict::Counts
    }
}

fn identity_in(first: &StoredRecord) -> Result<Found, LogError> {
    let offset = first.offset;
    match codec::decode(&first.record).map(|envelope| envelope.content) {
        Ok(Content::WriterStarted(started)) => {
            let WriterStarted { log_id: id, partitions, settings, .. } = started;
            let is_whole = settings.is_some();
            let settings = settings.unwrap_or(LogSettings::USUAL);
            Ok(Found { identity: LogIdentity { id, partitions, settings }, is_whole })
        }
        Ok(Content::Barrier | Content::EventSkipped(_) | Content::Event(_)) => {
            // The ledger counts nothing before a WriterStarted.
            Err(LogError::Unfit(format!(
                "the record at offset {offset} of partition 0 counts without a writer"
            )))
        }
        Err(why) => Err(LogError::Unfit(format!(
            "the log cannot be told from others, since the record at offset {offset} of partition 0 cannot be read \
             ({why}). It was written by a newer Sklep, or not by Sklep: use that one, or another topic or folder"
        ))),
    }
}

fn check(log: &dyn EventLog, found: LogIdentity) -> Result<LogIdentity, LogError> {
    let (has, begun) = (log.partitions(), found.partitions);
    if has == begun {
        return Ok(found);
    }
    Err(LogError::Unfit(format!(
        "the log {} was begun with {begun} partitions and now has {has}, so that the events of one customer or product \
         could stand in two of them. Nobody can take partitions away: `sklep export` writes the {begun} that it was begun \
         with, and `sklep import` fills a new topic from that",
        found.id
    )))
}

impl Start {
    fn begun(&self, log: &dyn EventLog, log_id: LogId, epoch: u64) -> Envelope {
        let &Self { writer, now, settings } = self;
        let partitions = log.partitions();
        let settings = Some(settings);
        Envelope {
            // The nonce is unique to this record already.
            id: writer.0,
            time: now,
            stamp: Stamp { epoch, writer, sequence: 0 },
            trace: Trace::default(),
            content: Content::WriterStarted(WriterStarted {
                log_id,
                partitions,
                address: None,
                settings,
            }),
        }
    }
}

async fn append(log: &dyn EventLog, record: NewRecord) -> Result<(), LogError> {
    let (told, receipt) = oneshot::channel();
    log.append(
        FIRST,
        record,
        Box::new(move |outcome| {
            // The caller may have given up; the record is stored or not all the same.
            _ = told.send(outcome);
        }),
    );
    match receipt.await {
        Ok(outcome) => outcome.map(drop),
        Err(gone) => Err(LogError::Unavailable(Box::new(gone))),
    }
}

#[cfg(test)]
mod tests;
