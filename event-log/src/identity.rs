//! Which log it is: the first `WriterStarted` that counts in partition 0 has said so for ever.
//!
//! A store can be emptied and filled again under its old name; the id tells the logs apart.

use tokio::sync::oneshot;

use crate::{
    Content, Envelope, EventLog, Ledger, LogError, LogId, LogIdentity, NewRecord, Offset,
    Partition, Stamp, StoredRecord, Timestamp, Trace, Verdict, WriterId, WriterStarted, codec,
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
    let mut search = Search::default();
    if let Some(found) = search.go_on(log).await? {
        return check(log, found);
    }
    append(log, codec::encode(&begun(log, fresh, writer, now), fresh)).await?;
    match search.go_on(log).await? {
        Some(found) => check(log, found),
        None => Err(LogError::Unavailable("the log does not show its first record yet".into())),
    }
}

/// The identity of this log; none when nobody has begun it. Writes nothing. Fails as [`begin`] does.
pub async fn read(log: &dyn EventLog) -> Result<Option<LogIdentity>, LogError> {
    recorded(log).await?.map(|found| check(log, found)).transpose()
}

/// What the log's own record says of it, also when the log has another number of partitions by now.
pub async fn recorded(log: &dyn EventLog) -> Result<Option<LogIdentity>, LogError> {
    Search::default().go_on(log).await
}

/// A search for the first record that counts, which can only be a `WriterStarted`.
#[derive(Default)]
struct Search {
    ledger: Ledger,
    next: Offset,
}

impl Search {
    async fn go_on(&mut self, log: &dyn EventLog) -> Result<Option<LogIdentity>, LogError> {
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

fn identity_in(first: &StoredRecord) -> Result<LogIdentity, LogError> {
    let offset = first.offset;
    match codec::decode(&first.record).map(|envelope| envelope.content) {
        Ok(Content::WriterStarted(started)) => {
            Ok(LogIdentity { id: started.log_id, partitions: started.partitions })
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

fn begun(log: &dyn EventLog, fresh: LogId, writer: WriterId, now: Timestamp) -> Envelope {
    let started = WriterStarted { log_id: fresh, partitions: log.partitions(), address: None };
    Envelope {
        // The nonce is unique to this record already.
        id: writer.0,
        time: now,
        stamp: Stamp { epoch: 1, writer, sequence: 0 },
        trace: Trace::default(),
        content: Content::WriterStarted(started),
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
