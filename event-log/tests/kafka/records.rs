//! Records are stored as they are, and found again where they stand.

use std::sync::Arc;

use bytes::Bytes;
use event_log::{EventLog, Headers, LogError, NewRecord, Partition};

use crate::support::{append, follow_records, new_log, offsets, record, store, texts};

#[tokio::test]
async fn a_record_comes_back_as_it_was() {
    let log = new_log(3).await;
    let headers = [
        ("ce_type", Some(&b"x"[..])),
        ("without", None),
        ("empty", Some(b"")),
        ("ce_type", Some(b"twice")),
        ("ż", Some(&[0xff, 0x00])),
    ];
    let headers = headers.into_iter().collect();
    let some = |bytes: &[u8]| Some(Bytes::copy_from_slice(bytes));
    let odd = [
        NewRecord { key: some(b"k"), headers, value: some(b"{}"), timestamp: 1 },
        NewRecord {
            key: None,
            headers: Headers::default(),
            value: None,
            timestamp: 1_795_352_759_123,
        },
        NewRecord {
            key: some(b""),
            headers: Headers::default(),
            value: some(b""),
            timestamp: 4_102_444_800_000,
        },
        NewRecord { timestamp: -1, ..NewRecord::default() },
        NewRecord {
            key: None,
            headers: [("", None::<&[u8]>)].into_iter().collect(),
            value: some(&[0, 159, 146, 150]),
            timestamp: 2,
        },
    ];
    for (offset, record) in (0..).zip(&odd) {
        assert_eq!(store(&*log, 2, record.clone()).await, Some(offset));
    }
    let read = log.read(Partition(2), 0, 100).await.expect("readable");
    assert_eq!(read.iter().map(|stored| stored.record.clone()).collect::<Vec<_>>(), odd);
    let mut tail = log.follow(vec![(Partition(2), 0)]);
    assert_eq!(follow_records(&mut tail, odd.len()).await, read);
}

#[tokio::test]
async fn a_record_that_kafka_would_date_itself_is_not_stored() {
    let log = new_log(1).await;
    let undated = NewRecord { timestamp: 0, ..record("a") };
    let fate = append(&*log, 0, undated).await.expect("a receipt");
    assert!(matches!(fate, Err(LogError::Unfit(_))), "{fate:?}");
    assert_eq!(log.end(Partition(0)).await.expect("an end"), 0);
}

#[tokio::test]
async fn a_record_that_is_too_large_fails_at_once() {
    let log = new_log(1).await;
    let large = NewRecord { value: Some(Bytes::from(vec![0; 2_000_000])), ..record("a") };
    let fate = append(&*log, 0, large).await.expect("a receipt");
    assert!(fate.is_err(), "{fate:?}");
    assert_eq!(store(&*log, 0, record("b")).await, Some(0));
}

#[tokio::test]
async fn records_are_read_from_anywhere_and_the_end_is_empty() {
    let log = new_log(2).await;
    let waiting: Vec<_> = (0..500).map(|n| append(&*log, 1, record(&n.to_string()))).collect();
    for (offset, told) in (0..).zip(waiting) {
        assert_eq!(told.await.expect("a receipt").expect("stored"), Some(offset));
    }
    assert_eq!(log.end(Partition(1)).await.expect("an end"), 500);
    assert_eq!(log.end(Partition(0)).await.expect("an end"), 0);
    let read = async |from, at_most| log.read(Partition(1), from, at_most).await.expect("readable");
    assert_eq!(texts(&read(17, 1).await), ["17"]);
    assert_eq!(offsets(&read(490, 100).await), (490..500).collect::<Vec<_>>());
    assert_eq!(offsets(&read(100, 3).await), [100, 101, 102]);
    assert_eq!(read(0, 1000).await.len(), 500);
    assert!(read(500, 10).await.is_empty());
    assert!(read(0, 0).await.is_empty());
    let beyond = log.read(Partition(1), 501, 1).await.expect_err("there are no 501 records");
    assert!(beyond.to_string().contains("501 records of partition 1"), "{beyond}");
}

#[tokio::test]
async fn many_reads_at_once_each_get_their_own() {
    let log = new_log(4).await;
    for partition in 0..4 {
        for n in 0..20 {
            store(&*log, partition, record(&format!("{partition}:{n}"))).await;
        }
    }
    let reads = (0..200_u16).map(|n| {
        let log = Arc::clone(&log);
        tokio::spawn(async move {
            let (partition, offset) = (n % 4, u64::from(n) % 20);
            let read = log.read(Partition(partition), offset, 1).await.expect("readable");
            assert_eq!(texts(&read), [format!("{partition}:{offset}")]);
        })
    });
    for read in reads.collect::<Vec<_>>() {
        read.await.expect("no panic");
    }
}
