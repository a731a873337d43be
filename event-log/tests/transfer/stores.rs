use std::{io::Cursor, sync::Arc};

use bytes::Bytes;
use domain::testing::{customer_created, product_priced};
use event_log::{
    Content, EmbeddedLog, Envelope, EventLog, Follower, KafkaLog, KafkaSettings, LogId, MemoryLog,
    NewRecord, Partition, Stamp, Subscribers, Timestamp, Trace, WriterId, WriterStarted, codec,
    identity,
    transfer::{TransferError, export, import},
};
use uuid::Uuid;

const LOG: LogId = LogId(Uuid::from_u128(7));
const WRITER: WriterId = WriterId(Uuid::from_u128(8));

/// A log with everything that a real one has: bookkeeping, events, a late writer's void record, foreign ones.
async fn lived_in() -> MemoryLog {
    let log = MemoryLog::new(3);
    identity::begin(&log, LOG, WRITER, Timestamp(5)).await.unwrap();
    let binary = Some(Bytes::from_static(&[0xFF, 0x00]));
    let headers = [("trace", binary.clone())].into_iter().collect();
    let foreign = NewRecord { key: binary.clone(), headers, value: binary, timestamp: 17 };
    for partition in Partition::all(3) {
        let started = WriterStarted { log_id: LOG, partitions: 3, address: None, settings: None };
        log.put(partition, record(2, 0, Content::WriterStarted(started))).unwrap();
        log.put(partition, record(2, 1, Content::Event(product_priced("chleb_1", "0.36"))))
            .unwrap();
        log.put(partition, record(1, 1, Content::Barrier)).unwrap();
        log.put(partition, foreign.clone()).unwrap();
        log.put(partition, NewRecord { timestamp: 1, ..NewRecord::default() }).unwrap();
        for sequence in 2..400 {
            let event = customer_created(&format!("anna_{sequence}"));
            log.put(partition, record(2, sequence, Content::Event(event))).unwrap();
        }
    }
    log
}

fn record(epoch: u64, sequence: u64, content: Content) -> NewRecord {
    let envelope = Envelope {
        id: Uuid::from_u128(9),
        time: Timestamp(1_795_352_759_123),
        stamp: Stamp { epoch, writer: WRITER, sequence },
        trace: Trace::default(),
        content,
    };
    codec::encode(&envelope, LOG)
}

async fn exported(log: &dyn EventLog) -> Vec<u8> {
    let mut file = Vec::new();
    export(log, &mut file, |_| ()).await.unwrap();
    file
}

/// What the ledger says of each partition.
async fn judged(log: &dyn EventLog) -> Vec<(u64, u64, u64)> {
    let identity = identity::read(log).await.unwrap().unwrap();
    let follower = Follower::start(log, identity, Subscribers::default());
    let mut tallies = Vec::new();
    for partition in Partition::all(identity.partitions) {
        follower.reached(partition, log.end(partition).await.unwrap()).await.unwrap();
        let tally = follower.tally(partition);
        tallies.push((tally.counted, tally.void, tally.foreign));
    }
    tallies
}

#[tokio::test(flavor = "multi_thread")]
async fn from_memory_to_a_folder_and_back() {
    let old = lived_in().await;
    let file = exported(&old).await;
    let folder = tempfile::tempdir().unwrap();
    let embedded: Arc<EmbeddedLog> = EmbeddedLog::open(folder.path(), Some(3)).unwrap();
    import(Cursor::new(&file), &*embedded, |_| ()).await.unwrap();
    assert_eq!(exported(&*embedded).await, file);
    assert_eq!(judged(&*embedded).await, judged(&old).await);
    assert_eq!(judged(&old).await, [(401, 1, 2), (400, 1, 2), (400, 1, 2)]);

    let back = MemoryLog::new(3);
    import(Cursor::new(exported(&*embedded).await), &back, |_| ()).await.unwrap();
    assert_eq!(exported(&back).await, file);
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_folder_to_kafka_and_back() {
    let file = exported(&lived_in().await).await;
    let folder = tempfile::tempdir().unwrap();
    let embedded = EmbeddedLog::open(folder.path(), Some(3)).unwrap();
    import(Cursor::new(&file), &*embedded, |_| ()).await.unwrap();

    let kafka = new_topic(3).await;
    import(Cursor::new(exported(&*embedded).await), &*kafka, |_| ()).await.unwrap();
    assert_eq!(exported(&*kafka).await, file);
    assert_eq!(judged(&*kafka).await, judged(&*embedded).await);

    let back_folder = tempfile::tempdir().unwrap();
    let back = EmbeddedLog::open(back_folder.path(), Some(3)).unwrap();
    import(Cursor::new(exported(&*kafka).await), &*back, |_| ()).await.unwrap();
    assert_eq!(exported(&*back).await, file);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_has_records_is_left_as_it_is() {
    let file = exported(&lived_in().await).await;
    let kafka = new_topic(3).await;
    import(Cursor::new(&file), &*kafka, |_| ()).await.unwrap();
    let again = import(Cursor::new(&file), &*kafka, |_| ()).await;
    assert!(matches!(again, Err(TransferError::Refused(_))), "{again:?}");
    assert_eq!(exported(&*kafka).await, file);
    let other = import(Cursor::new(&file), &*new_topic(4).await, |_| ()).await;
    assert!(matches!(other, Err(TransferError::Refused(_))), "{other:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_begin_one_topic_at_once_agree() {
    let kafka = new_topic(3).await;
    let racers = (1..=8_u128).map(|n| {
        let kafka = Arc::clone(&kafka);
        let id = Uuid::from_u128(n);
        tokio::spawn(async move {
            identity::begin(&*kafka, LogId(id), WriterId(id), Timestamp(5)).await.unwrap()
        })
    });
    let mut found = Vec::new();
    for racer in racers.collect::<Vec<_>>() {
        found.push(racer.await.unwrap());
    }
    found.dedup();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(identity::read(&*kafka).await.unwrap(), found.pop());
}

async fn new_topic(partitions: u16) -> Arc<KafkaLog> {
    let settings = KafkaSettings::new(testkit::kafka(), testkit::unique("transfer"));
    KafkaLog::open(KafkaSettings { partitions: Some(partitions), ..settings }).await.unwrap()
}
