//! A topic that is deleted, or created again, is noticed by whoever reads it.

use event_log::{EventLog, KafkaLog, LogError, Partition, RecordStream};

use crate::support::{create_topic, delete_topic, follow_records, next, record, settings, store};

/// The error with which the tail ends, after whatever it still gives.
async fn end(tail: &mut RecordStream) -> String {
    loop {
        match next(tail).await {
            Ok(_) => {}
            Err(LogError::Unfit(what)) => {
                assert!(tail.recv().await.is_none(), "nothing follows an error");
                return what;
            }
            Err(unavailable @ LogError::Unavailable(_)) => panic!("{unavailable}"),
        }
    }
}

const RIGHT: [(&str, &str); 2] = [("retention.ms", "-1"), ("retention.bytes", "-1")];

#[tokio::test]
async fn a_topic_created_again_with_fewer_records_ends_the_following() {
    let settings = settings(testkit::kafka(), 2);
    let log = KafkaLog::open(settings.clone()).await.expect("the log opens");
    for _ in 0..5 {
        store(&*log, 1, record("a")).await;
    }
    let mut tail = log.follow(vec![(Partition(0), 0), (Partition(1), 0)]);
    follow_records(&mut tail, 5).await;
    delete_topic(testkit::kafka(), &settings.topic).await;
    create_topic(testkit::kafka(), &settings.topic, 2, &RIGHT).await;
    let what = end(&mut tail).await;
    assert!(
        what.contains("5 records of partition 1") && what.contains("deleted and created again"),
        "{what}"
    );
}

/// A writer asks for the end before it announces itself, and must not do that in a topic that is another one.
#[tokio::test]
async fn a_topic_created_again_with_fewer_records_has_no_end_for_who_knew_the_old_one() {
    let settings = settings(testkit::kafka(), 1);
    let log = KafkaLog::open(settings.clone()).await.expect("the log opens");
    for _ in 0..5 {
        store(&*log, 0, record("a")).await;
    }
    assert_eq!(log.end(Partition(0)).await.expect("an end"), 5);
    delete_topic(testkit::kafka(), &settings.topic).await;
    create_topic(testkit::kafka(), &settings.topic, 1, &RIGHT).await;
    let what = loop {
        match log.end(Partition(0)).await {
            Err(LogError::Unfit(what)) => break what,
            // What the brokers know of the topic takes a moment to get about.
            Ok(5) | Err(LogError::Unavailable(_)) => {}
            Ok(end) => panic!("it ends at {end}"),
        }
    };
    assert!(what.contains("5 records of partition 0") && what.contains("new topic"), "{what}");
}

#[tokio::test]
async fn a_topic_created_again_with_fewer_partitions_ends_the_following() {
    let settings = settings(testkit::kafka(), 2);
    let log = KafkaLog::open(settings.clone()).await.expect("the log opens");
    store(&*log, 1, record("a")).await;
    let mut tail = log.follow(vec![(Partition(0), 0), (Partition(1), 0)]);
    follow_records(&mut tail, 1).await;
    delete_topic(testkit::kafka(), &settings.topic).await;
    create_topic(testkit::kafka(), &settings.topic, 1, &RIGHT).await;
    let what = end(&mut tail).await;
    assert!(what.contains("partition 1 of the topic") && what.contains("any more"), "{what}");
}

#[tokio::test]
async fn a_deleted_topic_ends_the_following() {
    let settings = settings(testkit::kafka(), 1);
    let log = KafkaLog::open(settings.clone()).await.expect("the log opens");
    store(&*log, 0, record("a")).await;
    let mut tail = log.follow(vec![(Partition(0), 0)]);
    follow_records(&mut tail, 1).await;
    delete_topic(testkit::kafka(), &settings.topic).await;
    let what = end(&mut tail).await;
    assert!(what.contains("does not exist any more"), "{what}");
}

#[tokio::test]
async fn a_position_that_a_new_topic_does_not_have_is_refused() {
    let settings = settings(testkit::kafka(), 1);
    let log = KafkaLog::open(settings.clone()).await.expect("the log opens");
    store(&*log, 0, record("a")).await;
    let mut tail = log.follow(vec![(Partition(0), 7)]);
    let what = end(&mut tail).await;
    assert!(what.contains("7 records of partition 0") && what.contains("it has 1"), "{what}");
}
