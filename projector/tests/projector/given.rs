//! A log that is written, and a projector that is waited for.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use domain::Event;
use event_log::{
    Content, Envelope, EventLog, EventSkipped, LogId, LogIdentity, LogSettings, MemoryLog,
    NewRecord, Partition, RecordId, Stamp, Timestamp, Trace, WriterId, WriterStarted, codec,
};
use projector::{Projector, Settings, fold::RecordedEvent, fold::keys};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use views::{Document, Key, ViewStore};

use crate::history::PARTITIONS;

pub(crate) const IDENTITY: LogIdentity = LogIdentity {
    id: LogId(Uuid::from_u128(77)),
    partitions: PARTITIONS,
    settings: LogSettings::USUAL,
};

/// The writer of every partition.
pub(crate) struct Writer {
    pub(crate) log: Arc<MemoryLog>,
    stamps: BTreeMap<Partition, Stamp>,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self::at(Arc::new(MemoryLog::new(PARTITIONS)), 1)
    }

    /// Takes every partition over at this epoch.
    pub(crate) fn at(log: Arc<MemoryLog>, epoch: u64) -> Self {
        let stamp = Stamp { epoch, writer: WriterId(Uuid::from_u128(epoch.into())), sequence: 0 };
        let stamps = Partition::all(PARTITIONS).map(|partition| (partition, stamp)).collect();
        let writer = Self { log, stamps };
        let started = WriterStarted {
            log_id: IDENTITY.id,
            partitions: PARTITIONS,
            address: None,
            settings: None,
        };
        for partition in Partition::all(PARTITIONS) {
            writer.put(partition, stamp, Content::WriterStarted(started.clone()), Timestamp(0));
        }
        writer
    }

    /// Somebody else who follows the same log.
    pub(crate) fn reader(&self) -> Self {
        Self { log: Arc::clone(&self.log), stamps: BTreeMap::new() }
    }

    /// Appends facts where they say that they stand.
    pub(crate) fn write(&mut self, facts: &[RecordedEvent]) {
        for fact in facts {
            let content = Content::Event(fact.event.clone());
            let offset = self.next(fact.place.partition, content, fact.time);
            assert_eq!(offset, fact.place.offset);
        }
    }

    /// Appends a fact where it says that it stands, as a later program would.
    pub(crate) fn write_later(&mut self, fact: &RecordedEvent) {
        let stamp = self.stamp(fact.place.partition);
        let envelope = envelope(stamp, Content::Event(fact.event.clone()), fact.time);
        let record = codec::test_v2::encode(&envelope, IDENTITY.id);
        assert_eq!(self.log.put(fact.place.partition, record).unwrap(), fact.place.offset);
    }

    pub(crate) fn event(&mut self, partition: Partition, event: Event) {
        self.next(partition, Content::Event(event), Timestamp(5));
    }

    /// Appends that an operator has given up the event that stands there.
    pub(crate) fn skip(&mut self, place: RecordId, key: &str) {
        let (key, by, reason) = (key.to_owned(), "the test".into(), "it is a test".into());
        let skipped = EventSkipped { place, key, by, reason };
        self.next(place.partition, Content::EventSkipped(skipped), Timestamp(5));
    }

    pub(crate) fn barrier(&mut self, partition: Partition) {
        self.next(partition, Content::Barrier, Timestamp(5));
    }

    /// Appends an event that counts and has no meaning.
    pub(crate) fn unreadable(&mut self, partition: Partition, event: Event) {
        let stamp = self.stamp(partition);
        let mut record = encoded(stamp, Content::Event(event), Timestamp(5));
        record.value = Some("{".into());
        self.log.put(partition, record).unwrap();
    }

    fn next(&mut self, partition: Partition, content: Content, time: Timestamp) -> u64 {
        let stamp = self.stamp(partition);
        self.put(partition, stamp, content, time)
    }

    fn stamp(&mut self, partition: Partition) -> Stamp {
        let stamp = self.stamps.get_mut(&partition).unwrap();
        stamp.sequence += 1;
        *stamp
    }

    fn put(&self, partition: Partition, stamp: Stamp, content: Content, time: Timestamp) -> u64 {
        self.log.put(partition, encoded(stamp, content, time)).unwrap()
    }
}

fn encoded(stamp: Stamp, content: Content, time: Timestamp) -> NewRecord {
    codec::encode(&envelope(stamp, content, time), IDENTITY.id)
}

fn envelope(stamp: Stamp, content: Content, time: Timestamp) -> Envelope {
    let id = Uuid::from_u128(u128::from(stamp.sequence));
    Envelope { id, time, stamp, trace: Trace::default(), content }
}

/// Starts a projector under this name.
pub(crate) fn projector(writer: &Writer, store: &Arc<dyn ViewStore>, name: &str) -> Projector {
    let log: Arc<dyn EventLog> = Arc::<MemoryLog>::clone(&writer.log);
    let seed = name.bytes().map(u64::from).sum();
    let settings = Settings::new(name, name, seed);
    Projector::start(log, IDENTITY, Arc::clone(store), settings, &CancellationToken::new())
}

/// Waits until the store has taken in everything that the log holds in these partitions.
pub(crate) async fn caught_up(
    writer: &Writer,
    store: &dyn ViewStore,
    partitions: impl IntoIterator<Item = u16>,
) {
    for partition in partitions.into_iter().map(Partition) {
        let end = writer.log.end(partition).await.unwrap();
        until(|| async {
            let Ok(Some(control)) = store.control().await else { return false };
            let checkpoints = store.checkpoints(&control.live).await;
            checkpoints.is_ok_and(|all| all.get(&partition).is_some_and(|it| it.at >= end))
        })
        .await;
    }
}

/// Waits until something holds. Fails after a time that no machine needs.
pub(crate) async fn until<F: Future<Output = bool>>(holds: impl Fn() -> F) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(2), wait).await.expect("it does not come about");
}

/// Every document that these facts touch.
pub(crate) async fn documents(store: &dyn ViewStore, facts: &[RecordedEvent]) -> Vec<Document> {
    let control = store.control().await.unwrap().unwrap();
    let mut all: Vec<Key> = facts.iter().flat_map(keys).collect();
    all.sort();
    all.dedup();
    store.load(&control.live, &all).await.unwrap()
}
