//! Probes answer while what they observe does not.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use testkit::{Kafka, Mongo};

use crate::house::{House, Stores, folder, sklep};

/// How long a probe may take; the tests share two cores with others.
const AT_ONCE: Duration = Duration::from_millis(1500);

/// The page, which must come at once whatever else does not.
async fn probe(house: &House, path: &str) -> (u16, String) {
    let begun = Instant::now();
    let answer = reqwest::get(format!("{}{path}", house.server)).await.unwrap();
    let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
    assert!(begun.elapsed() < AT_ONCE, "{path} took {:?}", begun.elapsed());
    (status, text)
}

/// Probes until `/readyz` says this, which must not take long.
async fn until_ready_says(house: &House, said: &str) {
    let begun = Instant::now();
    loop {
        let (_, text) = probe(house, "/readyz").await;
        if text.contains(said) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{text}");
        assert_eq!(probe(house, "/healthz").await.0, 200);
        probe(house, "/metrics").await;
    }
}

pub(crate) fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_waits_for_kafka_at_start_answers_its_probes() {
    let (address, nobody) = (free_address(), free_address());
    let command = sklep(&["serve", "--listen", &address, "--kafka", &nobody]);
    let house = House::start_telling(&command, &address, "waiting for Kafka");
    assert_eq!(probe(&house, "/healthz").await.0, 200);
    let (status, text) = probe(&house, "/readyz").await;
    assert!(status == 503 && text.contains("sklep.events") && text.contains(&nobody), "{text}");
    let (status, text) = probe(&house, "/metrics").await;
    assert!(status == 200 && text.contains("sklep_ready 0"), "{text}");
    let (status, text) = probe(&house, "/graphql?query=%7B__typename%7D").await;
    assert!(status == 503 && text.contains("UNAVAILABLE"), "{text}");
    house.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn views_that_do_not_answer_hold_up_no_probe() {
    let mongo = Mongo::start_private().unwrap();
    let folder = folder();
    let house = House::open(&Stores::embedded(folder.path()).and("--mongodb", mongo.uri()));
    assert!(probe(&house, "/metrics").await.1.contains("sklep_views_lag_seconds 0"));
    mongo.pause().unwrap();
    until_ready_says(&house, "queries").await;
    house.create_customer("anna", "Anna", "Kowalska").await;
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let (_, text) = probe(&house, "/metrics").await;
    let lag = text.lines().find_map(|line| line.strip_prefix("sklep_views_lag_seconds "));
    assert!(lag.unwrap().parse::<u64>().unwrap() >= 2, "what is not in the views waits: {text}");
    mongo.resume().unwrap();
    until_ready_says(&house, "\"ready\":true").await;
    house.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_does_not_answer_holds_up_no_probe() {
    let kafka = Kafka::start_private().unwrap();
    let topic = testkit::unique("probes");
    let stores = Stores::default().and("--kafka", kafka.bootstrap()).and("--topic", &topic);
    let house = House::open(&stores);
    kafka.pause().unwrap();
    until_ready_says(&house, "the log").await;
    probe(&house, "/metrics").await;
    kafka.resume().unwrap();
    until_ready_says(&house, "\"ready\":true").await;
    house.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_only_feeds_the_views_says_how_far_behind_they_are() {
    let mongo = Mongo::start_private().unwrap();
    let database = testkit::unique("probes");
    let stores = Stores::kafka().and("--mongodb", mongo.uri()).and("--database", &database);
    let feeder = House::open(&stores.clone().and("--roles", "projector"));
    let shop = House::open(&stores.and("--roles", "command,query"));
    shop.create_customer("anna", "Anna", "Kowalska").await;
    let begun = Instant::now();
    loop {
        let (_, text) = probe(&feeder, "/metrics").await;
        if text.contains("sklep_views_lag_seconds 0") && text.contains("sklep_views_generation") {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{text}");
    }
    feeder.close();
    shop.close();
}
