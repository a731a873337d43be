//! What only Kafka can do to a shop.

use std::time::Duration;

use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    producer::{BaseProducer, BaseRecord, FutureProducer, FutureRecord, Producer},
};
use serde_json::Value;
use testkit::Program;

use crate::{
    house::{House, SOON, Stores, folder, refused, run, say, sklep},
    import,
};

async fn create(topic: &str, partitions: i32, retention: &str) {
    let config = ClientConfig::new().set("bootstrap.servers", testkit::kafka()).clone();
    let admin: AdminClient<DefaultClientContext> = config.create().unwrap();
    let topic =
        NewTopic::new(topic, partitions, TopicReplication::Fixed(1)).set("retention.ms", retention);
    let created = admin.create_topics([&topic], &AdminOptions::new()).await.unwrap();
    assert!(created.iter().all(Result::is_ok), "{created:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_forgets_is_refused_with_what_to_type() {
    let topic = testkit::unique("forgetful");
    create(&topic, 12, "1000000").await;
    let stores = Stores::topic(&topic);
    let error = refused(&stores.arguments(&["serve", "--listen", "127.0.0.1:0"]), 1);
    assert!(error.contains("retention.ms") && error.contains("kafka-configs"), "{error}");
    let output = run(&stores.arguments(&["doctor"]));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("wrong") && text.contains("retention.ms"), "{text}");
}

#[test]
fn a_topic_that_is_not_there_is_a_failure_for_whoever_would_read_it() {
    let topic = testkit::unique("missing");
    let stores = Stores::topic(&topic);
    let error = refused(&stores.arguments(&["export", "/tmp/never-written"]), 1);
    assert!(error.contains(&topic), "{error}");
    assert_eq!(run(&stores.arguments(&["doctor"])).status.code(), Some(3));
}

#[test]
fn brokers_that_are_away_are_waited_for() {
    let program =
        Program::start(&sklep(&["serve", "--listen", "127.0.0.1:0", "--kafka", "127.0.0.1:1"]))
            .unwrap();
    program.wait_for("waiting for Kafka at 127.0.0.1:1", SOON).unwrap();
    program.terminate().unwrap();
    let mut program = program;
    assert!(program.wait(SOON).unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_of_the_older_shop_is_imported_once() {
    let folder = folder();
    let topic = testkit::unique("clientflow");
    create(&topic, 1, "-1").await;
    produce(&topic, &import::messages()).await;
    let house = House::open(&Stores::embedded(folder.path()));
    let command = [
        "import-clientflow",
        "--kafka",
        testkit::kafka(),
        "--from-topic",
        topic.as_str(),
        "--json",
    ];
    import::check(&house.say(&command), true);
    import::check_purchases(&house);
    import::check(&house.say(&command), false);
    import::check_purchases(&house);

    let follow: Vec<&str> = command.into_iter().chain(["--follow"]).collect();
    let program = Program::start(&sklep(&house.against(&follow))).unwrap();
    let more = br#"{"first_name":"Jan","last_name":"K","address":"x","id":"jan","event_type":"new_customer"}"#;
    produce(&topic, &[&more[..]]).await;
    let began = std::time::Instant::now();
    while !house.say(&["customers"]).contains("Jan K (jan)") {
        assert!(began.elapsed() < SOON, "{}", program.output());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    program.interrupt().unwrap();
    let mut program = program;
    assert!(program.wait(SOON).unwrap().success(), "{}", program.output());
    house.close();
    let error = refused(
        &[
            "import-clientflow",
            "--kafka",
            testkit::kafka(),
            "--from-topic",
            "none",
            "--server",
            "http://127.0.0.1:1",
        ],
        1,
    );
    assert!(error.contains("no shop answers"), "{error}");
}

/// Without key or headers, as the older shop did; an empty message is a record without a body.
async fn produce(topic: &str, messages: &[&[u8]]) {
    let config = ClientConfig::new().set("bootstrap.servers", testkit::kafka()).clone();
    let producer: FutureProducer = config.create().unwrap();
    for message in messages {
        let record: FutureRecord<'_, [u8], [u8]> = FutureRecord::to(topic);
        let record = if message.is_empty() { record } else { record.payload(*message) };
        producer.send(record, SOON).await.unwrap();
    }
}

/// Whoever writes into the topic in a transaction must not hide what the shop has answered.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_open_transaction_hides_no_purchase() {
    let (folder, topic) = (folder(), testkit::unique("stranger"));
    let stores = Stores::topic(&topic);
    let house = House::open(&stores.clone().and("--partitions", "2"));
    let stranger = begin_transaction(&topic, 2);
    house.say(&["demo", "--customers", "5", "--purchases", "30"]);
    let events = house.events();
    assert!(events.len() > 35, "{}", events.len());
    let status: Value = serde_json::from_str(&house.say(&["status", "--json"])).unwrap();
    let log = &status["system"]["log"];
    // Each partition has a writer's start, and the stranger's record.
    let records: usize = log["records"].as_str().unwrap().parse().unwrap();
    assert!(records >= events.len() + 4, "{log}");
    house.close();
    let found = run(&stores.arguments(&["doctor", "--json"]));
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    let of = |check| found["findings"].as_array().unwrap().iter().find(|it| it["check"] == check);
    let counted = of("counted").unwrap()["what"].as_str().unwrap();
    assert!(counted.contains(&format!("of {records} records count")), "{counted}");
    assert_eq!(of("foreign").unwrap()["records"], 2, "{found}");
    let file = folder.path().join("export");
    say(&stores.arguments(&["export", file.to_str().unwrap()]));
    let restored = Stores::embedded(&folder.path().join("restored"));
    say(&restored.arguments(&["import", file.to_str().unwrap()]));
    let house = House::open(&restored);
    assert_eq!(house.events(), events);
    house.close();
    drop(stranger);
}

/// A transaction with a record in each partition that nobody ends.
fn begin_transaction(topic: &str, partitions: i32) -> BaseProducer {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", testkit::kafka())
        .set("transactional.id", testkit::unique("stranger"))
        .create()
        .unwrap();
    producer.init_transactions(SOON).unwrap();
    producer.begin_transaction().unwrap();
    for partition in 0..partitions {
        let record = BaseRecord::<(), str>::to(topic).partition(partition).payload("theirs");
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
    producer.flush(SOON).unwrap();
    producer
}

#[test]
fn roles_may_be_apart_on_kafka_and_mongodb() {
    let database = testkit::unique("story");
    let stores = Stores::kafka().and("--mongodb", testkit::mongodb()).and("--database", &database);
    let projector = House::open(&stores.clone().and("--roles", "projector"));
    let rest = House::open(&stores.and("--roles", "command,query"));
    rest.say(&["demo", "--customers", "5", "--purchases", "20"]);
    assert_eq!(rest.say(&["customers", "--json"]).lines().count(), 5);
    rest.close();
    projector.close();
    assert!(say(&["--version"]).starts_with("sklep "));
}
