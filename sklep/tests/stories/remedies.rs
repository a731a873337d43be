//! What the shop tells people to type about a topic, typed.

mod running;

use std::{path::Path, time::Duration};

use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    admin::{
        AdminClient, AdminOptions, AlterConfig, NewPartitions, NewTopic, ResourceSpecifier,
        TopicReplication,
    },
    client::DefaultClientContext,
    producer::{FutureProducer, FutureRecord},
};
use serde_json::{Value, json};

use crate::house::{House, SOON, Stores, folder, refused, run, say, sklep};

fn admin() -> AdminClient<DefaultClientContext> {
    ClientConfig::new().set("bootstrap.servers", testkit::kafka()).create().unwrap()
}

/// Sets this configuration, and no other, for a topic.
async fn alter(topic: &str, config: &[(&str, &str)]) {
    let mut change = AlterConfig::new(ResourceSpecifier::Topic(topic));
    change.entries.extend([("retention.ms", "-1"), ("retention.bytes", "-1")]);
    change.entries.extend(config.iter().copied());
    let answers = admin().alter_configs([&change], &AdminOptions::new()).await;
    assert!(answers.unwrap().iter().all(Result::is_ok));
}

async fn grow(topic: &str, partitions: usize) {
    let grown = NewPartitions::new(topic, partitions);
    let answers = admin().create_partitions(&[grown], &AdminOptions::new()).await;
    assert!(answers.unwrap().iter().all(Result::is_ok));
}

async fn remove_the_first_record(topic: &str) {
    let mut records = TopicPartitionList::new();
    records.add_partition_offset(topic, 0, Offset::Offset(1)).unwrap();
    admin().delete_records(&records, &AdminOptions::new()).await.unwrap();
}

async fn delete(topic: &str) {
    let deleted = admin().delete_topics(&[topic], &AdminOptions::new()).await.unwrap();
    assert!(deleted.iter().all(Result::is_ok));
}

/// A shop of two partitions on this topic in which something was bought; gives its events.
fn lived_in(topic: &str) -> Vec<Value> {
    let house = House::open(&Stores::topic(topic).and("--partitions", "2"));
    house.say(&["demo", "--customers", "4", "--purchases", "20"]);
    let events = house.events();
    house.close();
    events
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

fn refuses_to_serve(stores: &Stores) -> String {
    refused(&stores.arguments(&["serve", "--listen", "127.0.0.1:0"]), 1)
}

/// The export is imported into a new topic, and the shop there is the one that it was.
fn check_export(export: &str, events: &[Value]) {
    let new = Stores::kafka();
    say(&new.arguments(&["import", export]));
    let house = House::open(&new);
    assert_eq!(house.events(), events);
    house.close();
}

fn examined(stores: &Stores) -> Value {
    serde_json::from_slice(&run(&stores.arguments(&["doctor", "--json"])).stdout).unwrap()
}

#[track_caller]
fn finding(found: &Value, check: &str) -> Value {
    let mut findings = found["findings"].as_array().unwrap().iter();
    findings.find(|it| it["check"] == check).unwrap_or_else(|| panic!("{check}: {found}")).clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_grew_is_exported_as_it_was_begun_and_moves() {
    let (folder, topic) = (folder(), testkit::unique("grown"));
    let (stores, export) = (Stores::topic(&topic), path(folder.path(), "export"));
    let events = lived_in(&topic);
    grow(&topic, 3).await;
    let producer: FutureProducer =
        ClientConfig::new().set("bootstrap.servers", testkit::kafka()).create().unwrap();
    let record = FutureRecord::<str, str>::to(&topic).partition(2).payload("a stranger's");
    producer.send(record, SOON).await.unwrap();

    // However many are asked for, nobody is sent from one wrong number to the next.
    for partitions in [None, Some("2"), Some("3")] {
        let asked = partitions.map_or(stores.clone(), |it| stores.clone().and("--partitions", it));
        let told = refuses_to_serve(&asked);
        assert!(told.contains("begun with 2") && told.contains("sklep export"), "{told}");
        assert!(!told.contains("--partitions"), "{told}");
    }
    let found = examined(&stores);
    let grown = finding(&found, "partition-count");
    assert!(grown["what"].as_str().unwrap().contains("partition 2 holds 1 records"), "{grown}");
    let remedy = grown["remedy"].as_str().unwrap();
    assert!(remedy.contains(&format!("sklep export FILE --kafka {}", testkit::kafka())), "{grown}");
    let others = found["findings"].as_array().unwrap().iter();
    let wrong: Vec<_> = others.filter(|it| it["severity"] == "wrong").collect();
    assert_eq!(wrong, [&grown], "nobody else is to blame");

    let output = run(&stores.arguments(&["export", &export]));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    assert!(told.contains("partition 2 was added") && told.contains("its 1 records"), "{told}");
    check_export(&export, &events);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_lost_its_beginning_is_brought_back_from_an_export() {
    let (folder, topic) = (folder(), testkit::unique("cut"));
    let (stores, export) = (Stores::topic(&topic), path(folder.path(), "export"));
    let events = lived_in(&topic);
    say(&stores.arguments(&["export", &export]));
    remove_the_first_record(&topic).await;
    let told = refuses_to_serve(&stores);
    assert!(told.contains("sklep import FILE") && told.contains("--topic NAME"), "{told}");
    // A copy of what is left would be taken for the log.
    let told = refused(&stores.arguments(&["export", &path(folder.path(), "rest")]), 1);
    assert!(told.contains("partition 0 begins at 1"), "{told}");
    check_export(&export, &events);
}

#[test]
fn a_number_of_partitions_that_the_log_does_not_have_can_be_left_out_or_corrected() {
    let topic = testkit::unique("asked");
    let stores = Stores::topic(&topic);
    let events = lived_in(&topic);
    let told = refuses_to_serve(&stores.clone().and("--partitions", "4"));
    assert!(told.contains("leave `--partitions` out, or say `--partitions 2`"), "{told}");
    for stores in [stores.clone(), stores.and("--partitions", "2")] {
        let house = House::open(&stores);
        assert_eq!(house.events(), events);
        house.close();
    }
}

#[test]
fn a_topic_that_is_not_there_is_created_by_serve() {
    let stores = Stores::kafka();
    let found = examined(&stores);
    assert!(finding(&found, "topic")["remedy"].as_str().unwrap().contains("sklep serve"));
    House::open(&stores).close();
    assert_eq!(examined(&stores)["healthy"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_deleted_under_the_shop_is_brought_back_under_its_name() {
    let (folder, topic) = (folder(), testkit::unique("deleted"));
    let (stores, export) = (Stores::topic(&topic), path(folder.path(), "export"));
    let events = lived_in(&topic);
    say(&stores.arguments(&["export", &export]));
    let mut house = House::open(&stores);
    delete(&topic).await;
    assert!(!house.program.wait(SOON).unwrap().success());
    let told = house.program.output();
    assert!(told.contains("it was deleted") && told.contains("sklep import"), "{told}");
    say(&stores.arguments(&["import", &export]));
    let house = House::open(&stores);
    assert_eq!(house.events(), events);
    house.close();
}

/// The old shop stops, leaves nothing in the new topic, and the new topic can become the shop's log.
#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_created_again_under_the_shop_can_be_the_new_log() {
    let (topic, database) = (testkit::unique("again"), testkit::unique("again"));
    let mongodb = ["--mongodb", testkit::mongodb(), "--database", &database];
    let stores = Stores::topic(&topic).and(mongodb[0], mongodb[1]).and(mongodb[2], mongodb[3]);
    lived_in(&topic);
    let mut house = House::open(&stores);
    house.say(&["demo", "--customers", "4", "--purchases", "20"]);
    delete(&topic).await;
    create(&topic).await;
    assert!(!house.program.wait(SOON).unwrap().success());
    let told = house.program.output();
    assert!(told.contains("created again") || told.contains("it was deleted"), "{told}");
    let told = refuses_to_serve(&stores);
    assert!(told.contains("the log that runs is"), "{told}");

    let serve = stores.arguments(&["serve", "--listen", "127.0.0.1:0", "--rebuild-when-needed"]);
    let house = House::start(&sklep(&serve));
    assert_eq!(house.create_customer("ewa", "Ewa", "Nowak").await["rejection"], json!(null));
    assert_eq!(house.events().len(), 1);
    house.close();
    let found = examined(&Stores::topic(&topic));
    assert_eq!(found["healthy"], true, "{found}");
}

async fn create(topic: &str) {
    let new = NewTopic::new(topic, 2, TopicReplication::Fixed(1));
    let new = new.set("retention.ms", "-1").set("retention.bytes", "-1");
    // One of the same name may still be going.
    loop {
        let created = admin().create_topics([&new], &AdminOptions::new()).await.unwrap();
        if created.iter().all(Result::is_ok) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
