//! Logs with everything in them that an operator should hear of, before and after the doctor.

use std::sync::Arc;

use domain::{
    CustomerCreated, Event, ProductPurchased,
    testing::{product_priced, quantity},
};
use event_log::{
    Content, EmbeddedLog, Envelope, EventLog, EventSkipped, Headers, KafkaLog, KafkaSettings,
    LogId, NewRecord, Partition, RecordId, Stamp, Timestamp, Trace, WriterId, WriterStarted, codec,
};
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, AlterConfig, NewPartitions, ResourceSpecifier},
    client::DefaultClientContext,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::house::{House, Stores, folder, run, sklep, unread};

const LOG: LogId = LogId(Uuid::from_u128(7));
/// 2026-11-22 in the morning.
const MORNING: i64 = 1_795_330_800_000;

async fn store(log: &dyn EventLog, partition: u16, record: NewRecord) {
    let (tell, told) = tokio::sync::oneshot::channel();
    log.append(Partition(partition), record, Box::new(move |fate| drop(tell.send(fate))));
    told.await.unwrap().unwrap();
}

fn writer(epoch: u64) -> WriterId {
    WriterId(Uuid::from_u128(u128::from(epoch)))
}

fn record(stamp: Stamp, minute: i64, content: Content) -> NewRecord {
    let time = Timestamp(MORNING.saturating_add(minute.saturating_mul(60_000)));
    let id = Uuid::from_u128(9);
    codec::encode(&Envelope { id, time, stamp, trace: Trace::default(), content }, LOG)
}

fn starts(epoch: u64, log_id: LogId) -> NewRecord {
    let stamp = Stamp { epoch, writer: writer(epoch), sequence: 0 };
    let started = WriterStarted { log_id, partitions: 2, address: None, settings: None };
    record(stamp, 0, Content::WriterStarted(started))
}

/// A customer whose events belong to this one of two partitions.
fn of(partition: u16) -> String {
    let mut ids = ('a'..='z').map(String::from);
    ids.find(|id| event_log::partition_of(id.as_bytes(), 2).0 == partition).unwrap()
}

/// A customer is created.
fn created(id: &str, epoch: u64, sequence: u64, minute: i64) -> NewRecord {
    let text = |text: &str| text.parse().unwrap();
    let created = CustomerCreated {
        customer_id: id.parse().unwrap(),
        first_name: text("Anna"),
        last_name: text("Kowalska"),
        address: "Krótka 1".parse().unwrap(),
    };
    let stamp = Stamp { epoch, writer: writer(epoch), sequence };
    record(stamp, minute, Content::Event(Event::CustomerCreated(created)))
}

fn with(mut record: NewRecord, header: &str, value: &str) -> NewRecord {
    assert!(record.headers.last(header).is_some(), "{header}");
    record.headers.set(header, Some(value.as_bytes()));
    record
}

fn foreign(value: usize) -> NewRecord {
    let (key, value) = (Some("stranger".into()), Some(vec![b'x'; value].into()));
    NewRecord { key, value, headers: Headers::default(), timestamp: MORNING }
}

/// Records of every sort among good ones.
async fn plant(log: &dyn EventLog) {
    let (a, b) = (&of(1), &of(0));
    let unknown = with(created(b, 2, 3, 3), "ce_type", "sklep.CustomerMoved");
    let first = [
        starts(1, LOG),              // 0
        created(b, 1, 1, 1),         // 1
        created(b, 1, 1, 1),         // 2 stored twice
        foreign(10),                 // 3
        starts(2, LOG),              // 4
        created(b, 1, 2, 2),         // 5 late
        starts(2, LOG),              // 6 lost the race
        created(b, 2, 1, 3),         // 7
        created(b, 2, 2, 2),         // 8 goes back
        unknown,                     // 9 cannot be read
        created(b, 2, 5, 4),         // 10 after a gap
        created(b, 2, 6, 4),         // 11 the same gap
        created(a, 2, 4, 4),         // 12 of the other partition
        foreign(100_000),            // 13
        created(b, 2, 5, 90 * 1440), // 14 in the future
    ];
    for record in first {
        store(log, 0, record).await;
    }
    for record in [starts(1, LogId(Uuid::from_u128(8))), created(a, 1, 1, 1)] {
        store(log, 1, record).await;
    }
}

/// What the doctor says, and his exit code.
fn examined(stores: &Stores) -> (Value, i32) {
    let output = run(&stores.arguments(&["doctor", "--json"]));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let found = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{told}"));
    (found, output.status.code().unwrap())
}

/// Checks one finding: how bad, of how many records, and where the first of them stands.
#[track_caller]
fn check(found: &Value, name: &str, severity: &str, records: u64, first: Option<(u16, u64)>) {
    let finding = finding(found, name);
    assert_eq!(finding["severity"], severity, "{finding}");
    assert_eq!(finding["records"], json!(records), "{finding}");
    let first =
        first.map(|(partition, offset)| json!({ "partition": partition, "offset": offset }));
    assert_eq!(finding["first"], json!(first), "{finding}");
    let is_fine = severity == "fine";
    assert!(is_fine || finding["means"].is_string() && finding["remedy"].is_string(), "{finding}");
}

#[track_caller]
fn finding(found: &Value, name: &str) -> Value {
    let findings = found["findings"].as_array().unwrap();
    let finding = findings.iter().find(|it| it["check"] == name);
    finding.unwrap_or_else(|| panic!("no {name} in {found:#}")).clone()
}

fn check_planted(found: &Value) {
    assert_eq!(found["id"], LOG.to_string());
    assert_eq!(found["healthy"], false);
    check(found, "void-repeated", "fine", 1, Some((0, 2)));
    check(found, "foreign", "doubtful", 2, Some((0, 3)));
    check(found, "void-late", "fine", 2, Some((0, 5)));
    check(found, "time", "doubtful", 1, Some((0, 8)));
    check(found, "unreadable", "wrong", 1, Some((0, 9)));
    check(found, "sequence-gaps", "doubtful", 2, Some((0, 10)));
    check(found, "misplaced", "wrong", 1, Some((0, 12)));
    check(found, "mistaken", "wrong", 1, Some((1, 0)));
    let of = |name| finding(found, name)["what"].as_str().unwrap().to_owned();
    assert!(of("counted").starts_with("10 of 17 records count, 3 writers"), "{}", of("counted"));
    assert!(of("size").contains("100008 bytes at offset 13 of partition 0"), "{}", of("size"));
    assert!(of("future").contains("offset 14 of partition 0"), "{}", of("future"));
    assert!(of("unreadable").contains("sklep.CustomerMoved"), "{}", of("unreadable"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_names_records_of_every_sort_in_a_folder_and_changes_nothing() {
    let folder = folder();
    let log: Arc<dyn EventLog> = EmbeddedLog::open(folder.path(), Some(2)).unwrap();
    plant(&*log).await;
    drop(log);
    let stores = Stores::embedded(folder.path());
    let (found, code) = examined(&stores);
    assert_eq!(code, 3, "{found:#}");
    check_planted(&found);
    assert_eq!(examined(&stores), (found, 3));
    assert_eq!(unread(&stores.arguments(&["doctor"])), Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_names_records_of_every_sort_on_kafka() {
    let topic = testkit::unique("sick");
    let mut settings = KafkaSettings::new(testkit::kafka(), &topic);
    settings.partitions = Some(2);
    let log: Arc<dyn EventLog> = KafkaLog::open(settings).await.unwrap();
    plant(&*log).await;
    drop(log);
    let (found, code) = examined(&Stores::topic(&topic));
    assert_eq!(code, 3, "{found:#}");
    check_planted(&found);
    for (check, severity) in
        [("cleanup.policy", "fine"), ("start", "fine"), ("replication", "doubtful")]
    {
        assert_eq!(finding(&found, check)["severity"], severity);
    }
    // For people it is the same, with what to type.
    let text = run(&Stores::topic(&topic).arguments(&["doctor"])).stdout;
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("wrong    1 events that count cannot be read"), "{text}");
    assert!(text.contains("\n         -> use the newer Sklep"), "{text}");
}

/// What only somebody else can have written, and an old copy's gap.
async fn plant_the_impossible(log: &dyn EventLog) {
    let (a, b) = (&of(1), &of(0));
    let epoch = u64::MAX;
    let ahead = EventSkipped {
        place: RecordId { partition: Partition(0), offset: 9 },
        key: b.clone(),
        by: "somebody".into(),
        reason: "no reason".into(),
    };
    let elsewhere =
        EventSkipped { place: RecordId { partition: Partition(1), offset: 0 }, ..ahead.clone() };
    let skip = |sequence, skipped| {
        let stamp = Stamp { epoch, writer: writer(epoch), sequence };
        record(stamp, 2, Content::EventSkipped(skipped))
    };
    let Event::ProductPriced(priced) = product_priced("chleb_1", "0.36") else { panic!() };
    let bought = ProductPurchased {
        purchase_id: format!("{b}:1").parse().unwrap(),
        product_id: priced.product_id,
        product_name: priced.name,
        product_type: priced.product_type,
        unit_price: priced.price,
        quantity: quantity("1"),
        total: priced.price.money(),
        price_version: 2,
    };
    let stamp = Stamp { epoch, writer: writer(epoch), sequence: 4 };
    let bought = record(stamp, 3, Content::Event(Event::ProductPurchased(bought)));
    let first =
        [starts(epoch, LOG), created(b, epoch, 1, 1), skip(2, ahead), skip(3, elsewhere), bought];
    for record in first {
        store(log, 0, record).await;
    }
    for record in [starts(1, LOG), created(a, 1, 1, 1)] {
        store(log, 1, record).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_that_nobody_can_write_again_is_named_and_written_no_further() {
    let folder = folder();
    let log: Arc<dyn EventLog> = EmbeddedLog::open(folder.path(), Some(2)).unwrap();
    plant_the_impossible(&*log).await;
    drop(log);
    let stores = Stores::embedded(folder.path());
    let (found, code) = examined(&stores);
    assert_eq!(code, 3, "{found:#}");
    check(&found, "exhausted", "wrong", 1, Some((0, 0)));
    check(&found, "skips-nothing", "doubtful", 2, Some((0, 2)));
    check(&found, "causes", "wrong", 1, Some((0, 4)));
    let of = |name| finding(&found, name)["what"].as_str().unwrap().to_owned();
    assert!(of("causes").contains("chleb_1 was bought at version 2"), "{}", of("causes"));

    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let address = free.to_string();
    let serve = stores.arguments(&["serve", "--listen", &address]);
    let house = House::start_telling(&sklep(&serve), &address, "can never be written again");
    let house = house.put_together().await;
    let ready = house.page("/readyz").await;
    assert!(ready.contains("partition 0 can never be written again"), "{ready}");
    let status = house.say(&["status"]);
    assert!(
        status.contains("trouble: the log: partition 0 can never be written again"),
        "{status}"
    );
    // A writer that went on trying would have stored thousands of starts by now.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let records: u64 = {
        let status: Value = serde_json::from_str(&house.say(&["status", "--json"])).unwrap();
        status["system"]["log"]["records"].as_str().unwrap().parse().unwrap()
    };
    assert!(records < 12, "{records}");
    house.close();
}

fn admin() -> AdminClient<DefaultClientContext> {
    ClientConfig::new().set("bootstrap.servers", testkit::kafka()).create().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_reads_the_records_of_a_topic_that_the_shop_refuses() {
    let topic = testkit::unique("cut");
    let stores = Stores::topic(&topic);
    House::open(&stores.clone().and("--partitions", "2")).close();
    let (found, code) = examined(&stores);
    assert_eq!((code, &found["healthy"]), (0, &json!(true)), "{found:#}");
    assert_eq!(finding(&found, "partition-count")["severity"], "fine");

    let options = AdminOptions::new();
    let grown = admin().create_partitions(&[NewPartitions::new(&topic, 3)], &options).await;
    assert!(grown.unwrap().iter().all(Result::is_ok));
    let hour = AlterConfig::new(ResourceSpecifier::Topic(&topic)).set("retention.ms", "3600000");
    assert!(admin().alter_configs([&hour], &options).await.unwrap().iter().all(Result::is_ok));
    let (found, code) = examined(&stores);
    assert_eq!(code, 3, "{found:#}");
    let of = |name| finding(&found, name)["what"].as_str().unwrap().to_owned();
    assert!(of("partition-count").contains("begun with 2 partitions and now has 3"), "{found:#}");
    assert!(of("retention.ms").contains("3600000"), "{found:#}");
    assert_eq!(finding(&found, "unreadable")["severity"], "fine");

    let mut records = TopicPartitionList::new();
    records.add_partition_offset(&topic, 0, Offset::Offset(1)).unwrap();
    admin().delete_records(&records, &options).await.unwrap();
    let (found, code) = examined(&stores);
    assert_eq!(code, 3, "{found:#}");
    assert_eq!(finding(&found, "start")["severity"], "wrong");
    assert!(finding(&found, "records")["what"].as_str().unwrap().contains("not looked at"));
}
