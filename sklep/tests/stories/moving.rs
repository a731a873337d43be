//! A log that moves between a folder and Kafka.

use serde_json::json;

use crate::house::{House, Stores, folder, refused, say};

#[tokio::test(flavor = "multi_thread")]
async fn a_log_moves_to_kafka_and_back_unchanged() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let here = Stores::embedded(&folder.path().join("here"));
    let topic = Stores::kafka();
    let back = Stores::embedded(&folder.path().join("back"));
    let (first, second, third) = (path("first"), path("second"), path("third"));

    let house = House::open(&here);
    house.say(&["demo", "--customers", "10", "--purchases", "100"]);
    let (events, customers) = (house.events(), house.say(&["customers"]));
    house.close();
    say(&here.arguments(&["export", &first]));
    say(&topic.arguments(&["import", &first]));
    say(&topic.arguments(&["export", &second]));
    say(&back.arguments(&["import", &second]));
    say(&back.arguments(&["export", &third]));
    let read = |name: &str| std::fs::read(name).unwrap();
    assert!(read(&first) == read(&second) && read(&first) == read(&third));

    let error = refused(&topic.arguments(&["import", &first]), 1);
    assert!(error.contains("empty log"), "{error}");
    let error = refused(&here.arguments(&["export", &first]), 2);
    assert!(error.contains("exists"), "{error}");

    for stores in [&topic, &back] {
        let house = House::open(stores);
        assert_eq!(house.events(), events);
        assert_eq!(house.say(&["customers"]), customers);
        // And it goes on as the same shop.
        let anna = house.create_customer("anna", "Anna", "Kowalska").await;
        assert_eq!(anna["rejection"], json!(null));
        house.close();
    }
}

/// Whatever is there already, the remedy is one that `import` has.
#[test]
fn an_export_of_another_number_of_partitions_goes_into_a_new_topic_or_folder() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let two = Stores::embedded(&folder.path().join("two"));
    House::open(&two.clone().and("--partitions", "2")).close();
    say(&two.arguments(&["export", &path("export")]));
    let there = Stores::embedded(&folder.path().join("there"));
    let topic = Stores::kafka();
    for three in [&there, &topic] {
        House::open(&three.clone().and("--partitions", "3")).close();
        let error = refused(&three.arguments(&["import", &path("export")]), 1);
        assert!(error.contains("into a new topic or folder"), "{error}");
        assert!(!error.contains("--partitions"), "{error}");
    }
    for new in [Stores::embedded(&folder.path().join("new")), Stores::kafka()] {
        say(&new.arguments(&["import", &path("export")]));
        House::open(&new).close();
    }
}

#[test]
fn what_is_no_export_is_refused() {
    let folder = folder();
    let wrong = crate::house::file(&folder, "wrong", "{\"a\":1}\n");
    let stores = Stores::embedded(&folder.path().join("data"));
    let error = refused(&stores.arguments(&["import", wrong.to_str().unwrap()]), 1);
    assert!(error.contains("no export"), "{error}");
}

#[test]
fn the_doctor_finds_a_healthy_log_healthy() {
    let folder = folder();
    let stores = Stores::embedded(folder.path());
    let house = House::open(&stores);
    house.say(&["demo", "--customers", "3", "--purchases", "10"]);
    house.close();
    let found: serde_json::Value =
        serde_json::from_str(&say(&stores.arguments(&["doctor", "--json"]))).unwrap();
    assert_eq!(found["healthy"], true, "{found}");
    let text = say(&stores.arguments(&["doctor"]));
    assert!(text.contains("the log's id is") && text.contains(" 0 records are void"), "{text}");
    assert!(!text.contains("doubtful") && !text.contains("wrong"), "{text}");
}
