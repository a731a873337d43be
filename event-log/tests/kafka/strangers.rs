//! Others on the same topic: plain readers, and writers that do as they please.

use std::time::Duration;

use event_log::{EventLog, KafkaLog, NewRecord, Partition, transfer};
use rdkafka::{
    ClientConfig, Message,
    consumer::{BaseConsumer, Consumer},
    message::Headers,
    producer::{BaseProducer, BaseRecord, Producer},
};

use crate::support::{PATIENCE, follow_records, new_log, offsets, record, settings, store, texts};

/// A consumer as anybody would write it.
#[tokio::test]
async fn a_plain_consumer_reads_headers_and_values() {
    let settings = settings(testkit::kafka(), 1);
    let log = KafkaLog::open(settings.clone()).await.expect("the log opens");
    let headers = [("ce_specversion", Some("1.0")), ("ce_type", Some("CustomerCreated"))];
    let headers = headers.into_iter().collect();
    store(&*log, 0, NewRecord { headers, ..record(r#"{"customer_id":"anna"}"#) }).await;
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", testkit::kafka())
        .set("group.id", testkit::unique("plain"))
        .set("auto.offset.reset", "earliest")
        .create()
        .expect("a consumer");
    consumer.subscribe(&[&settings.topic]).expect("subscribed");
    let read = tokio::task::spawn_blocking(move || {
        // The first polls join the group and give nothing.
        let message = std::iter::repeat_with(|| consumer.poll(PATIENCE)).flatten().next();
        let message = message.expect("endless").expect("no error").detach();
        let headers = message.headers().expect("headers").iter();
        let texts: Vec<_> = headers
            .map(|header| {
                format!(
                    "{}: {}",
                    header.key,
                    String::from_utf8_lossy(header.value.expect("a value"))
                )
            })
            .collect();
        (message.payload().map(<[u8]>::to_vec), message.key().map(<[u8]>::to_vec), texts)
    });
    let (value, key, headers) = read.await.expect("no panic");
    assert_eq!(value.as_deref(), Some(br#"{"customer_id":"anna"}"#.as_slice()));
    assert_eq!(key.as_deref(), Some(b"anna".as_slice()));
    assert_eq!(headers, ["ce_specversion: 1.0", "ce_type: CustomerCreated"]);
}

/// Its markers take offsets and hold nothing; they must stop nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_transaction_leaves_no_hole() {
    let settings = settings(testkit::kafka(), 1);
    let log = KafkaLog::open(settings.clone()).await.expect("the log opens");
    let mut tail = log.follow(vec![(Partition(0), 0)]);
    store(&*log, 0, record("before")).await;
    transaction(settings.topic.clone(), true).await;
    await_end(&log, 3).await;
    store(&*log, 0, record("between")).await;
    transaction(settings.topic.clone(), false).await;
    // 0 before, 1 theirs, 2 marker, 3 between, 4 theirs (aborted, but there), 5 marker
    await_end(&log, 6).await;
    let expected = ["before", "theirs", "", "between", "theirs", ""];
    let followed = follow_records(&mut tail, 6).await;
    assert_eq!(texts(&followed), expected);
    assert_eq!(offsets(&followed), [0, 1, 2, 3, 4, 5]);
    let read = log.read(Partition(0), 0, 100).await.expect("readable");
    assert_eq!(read, followed);
    assert_eq!(log.read(Partition(0), 5, 1).await.expect("readable"), followed[5..]);
    store(&*log, 0, record("after")).await;
    assert_eq!(texts(&follow_records(&mut tail, 1).await), ["after"]);
}

/// Kafka writes the marker a moment after it said that the transaction has ended.
async fn await_end(log: &KafkaLog, end: u64) {
    while log.end(Partition(0)).await.expect("an end") < end {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Somebody who has begun a transaction and stays there. The end of a partition is what was stored, not what stands
/// before that.
#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_open_transaction_hides_nothing() {
    let settings = settings(testkit::kafka(), 2);
    let log = KafkaLog::open(settings.clone()).await.expect("the log opens");
    store(&*log, 0, record("before")).await;
    let stranger = open_transaction(settings.topic.clone()).await;
    store(&*log, 0, record("after")).await;
    store(&*log, 1, record("elsewhere")).await;
    assert_eq!(log.end(Partition(0)).await.expect("an end"), 3);
    let read = log.read(Partition(0), 0, 100).await.expect("readable");
    assert_eq!(texts(&read), ["before", "theirs", "after"]);
    let followed = follow_records(&mut log.follow(vec![(Partition(0), 0)]), 3).await;
    assert_eq!(followed, read);
    let mut file = Vec::new();
    let moved = transfer::export(&*log, &mut file, |_| ()).await.expect("exported");
    assert_eq!(moved.records, 4);
    let file = String::from_utf8(file).expect("text");
    assert!(file.contains("after") && file.contains("elsewhere"), "{file}");
    let abort = move || stranger.abort_transaction(PATIENCE).expect("aborted");
    tokio::task::spawn_blocking(abort).await.expect("no panic");
}

async fn transaction(topic: String, commits: bool) {
    let producer = open_transaction(topic).await;
    let end = move || {
        let ended = if commits {
            producer.commit_transaction(PATIENCE)
        } else {
            producer.abort_transaction(PATIENCE)
        };
        ended.expect("ended");
    };
    tokio::task::spawn_blocking(end).await.expect("no panic");
}

/// A record in partition 0 by a transaction that has not ended.
async fn open_transaction(topic: String) -> BaseProducer {
    let theirs = move || {
        let producer: BaseProducer = ClientConfig::new()
            .set("bootstrap.servers", testkit::kafka())
            .set("transactional.id", testkit::unique("stranger"))
            .create()
            .expect("a producer");
        producer.init_transactions(PATIENCE).expect("initialised");
        producer.begin_transaction().expect("begun");
        let record = BaseRecord::<(), str>::to(&topic).partition(0).payload("theirs");
        producer.send(record).map_err(|(error, _)| error).expect("sent");
        producer.flush(PATIENCE).expect("flushed");
        producer
    };
    tokio::task::spawn_blocking(theirs).await.expect("no panic")
}

#[tokio::test]
async fn a_slow_follower_gets_everything() {
    let log = new_log(2).await;
    for n in 0..30_000 {
        log.append(
            Partition(n % 2),
            record(&n.to_string()),
            Box::new(|fate| assert!(fate.is_ok(), "{fate:?}")),
        );
    }
    let mut tail = log.follow(vec![(Partition(0), 100), (Partition(1), 0)]);
    let mut last = [99, -1_i64];
    let mut seen = 0;
    while seen < 29_900 {
        let batch = crate::support::next(&mut tail).await.expect("a batch");
        if seen < 5000 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        seen += batch.records.len();
        let last = &mut last[usize::from(batch.partition.0)];
        for stored in &batch.records {
            assert_eq!(i64::try_from(stored.offset).expect("small"), *last + 1, "no gap");
            *last += 1;
        }
    }
    assert_eq!(last, [14_999, 14_999]);
}
