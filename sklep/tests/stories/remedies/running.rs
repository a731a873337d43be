//! What is told of a topic while the shop runs on it.

use std::time::Duration;

use serde_json::json;

use super::{
    alter, check_export, examined, finding, grow, lived_in, path, remove_the_first_record,
};
use crate::house::{House, SOON, Stores, folder, say};

/// What somebody changes while the shop runs shows within a minute, and what is said then can be done.
#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_changed_under_the_shop_is_told_and_can_be_copied() {
    let (folder, topic) = (folder(), testkit::unique("changed"));
    let (stores, export) = (Stores::topic(&topic), path(folder.path(), "export"));
    lived_in(&topic);
    let house = House::open(&stores);
    let broken =
        |check: &str, is: u8| format!("sklep_log_contract_violations{{check=\"{check}\"}} {is}");
    let page = house.page("/metrics").await;
    assert!(
        page.contains(&broken("retention.ms", 0)) && !page.contains("check=\"topic\""),
        "{page}"
    );

    alter(&topic, &[("retention.ms", "3600000")]).await;
    grow(&topic, 3).await;
    let status = house.say(&["status"]);
    assert!(status.contains("retention.ms is 3600000"), "{status}");
    assert!(status.contains("3 partitions now, but the log was begun with 2"), "{status}");
    for check in ["retention.ms", "partition-count"] {
        wait_for(&house, &broken(check, 1)).await;
    }
    let told = house.program.output();
    let copy = format!("sklep export FILE --kafka {} --topic {topic}", testkit::kafka());
    assert!(told.contains("retention.ms is 3600000") && told.contains(&copy), "{told}");
    assert_eq!(house.create_customer("ola", "Ola", "Nowak").await["rejection"], json!(null));
    let events = house.events();
    say(&stores.arguments(&["export", &export]));
    check_export(&export, &events);

    alter(&topic, &[]).await;
    remove_the_first_record(&topic).await;
    wait_for(&house, &broken("retention.ms", 0)).await;
    wait_for(&house, &broken("start", 1)).await;
    let told = house.program.output();
    assert!(told.contains("this is in order again"), "{told}");
    assert!(told.contains("partition 0 begins at 1"), "{told}");
    house.close();
}

/// Kafka takes nothing any more, and says so; typing what the doctor says ends it.
#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_refuses_what_is_appended_is_told_as_that() {
    let topic = testkit::unique("refusing");
    let stores = Stores::topic(&topic);
    lived_in(&topic);
    let house = House::open(&stores);
    alter(&topic, &[("max.message.bytes", "200")]).await;
    let mutation =
        "mutation { createCustomer(input: { id: \"ola\", firstName: \"Ola\", lastName: \"Nowak\",
        address: \"ul. Krótka 1\" }) { position } }";
    let answer = house.send(mutation, json!({})).await.unwrap();
    assert!(answer["data"]["createCustomer"].is_null(), "{answer}");
    let told = house.program.wait_for("Kafka refuses the record", SOON).unwrap();
    assert!(told.contains("max.message.bytes"), "{told}");
    assert!(
        !house.program.output().contains("Kafka does not answer"),
        "{}",
        house.program.output()
    );
    let ready = house.page("/readyz").await;
    assert!(ready.contains("Kafka refuses the record"), "{ready}");
    let status = house.say(&["status"]);
    assert!(status.contains("trouble: the log: Kafka refuses the record"), "{status}");
    let refusals = |page: &str| page.contains("sklep_appends_total{outcome=\"refused\"} 0");
    assert!(!refusals(&house.page("/metrics").await));

    let remedy = finding(&examined(&stores), "max.message.bytes")["remedy"].clone();
    let (_, entry) = remedy.as_str().unwrap().split_once("--add-config ").unwrap();
    alter(&topic, &[entry.split_once('=').unwrap()]).await;
    let begun = std::time::Instant::now();
    while !house.page("/readyz").await.contains("\"ready\":true") {
        assert!(begun.elapsed() < SOON, "{}", house.program.output());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(house.create_customer("ewa", "Ewa", "Nowak").await["rejection"], json!(null));
    house.close();
}

async fn wait_for(house: &House, line: &str) {
    let begun = std::time::Instant::now();
    while !house.page("/metrics").await.contains(line) {
        // It is looked at once a minute.
        assert!(begun.elapsed() < Duration::from_secs(90), "{line}\n{}", house.program.output());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
