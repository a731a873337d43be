//! What a query may cost.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use query::Settings;
use serde_json::{Value, json};

use crate::shop::{Parts, Shop};

/// A shop in which much has happened, and in which nobody else has.
async fn busy(settings: Settings) -> Shop {
    let shop = Shop::with(Parts { settings, ..Parts::default() }).await;
    for number in 0..60 {
        shop.create(&format!("c{number}"), &"ż".repeat(200)).await;
    }
    shop
}

fn aliases(count: usize, field: &str) -> String {
    let mut fields = String::new();
    (0..count).for_each(|n| write!(fields, "a{n}: {field} ").unwrap());
    format!("{{ {fields} }}")
}

#[tokio::test]
async fn records_that_are_looked_at_are_charged_and_not_those_that_are_found() {
    let shop = busy(Settings { looked_at: 1_000, ..Settings::default() }).await;
    let nobody = "events(first: 1, customerId: \"nobody\") { hasMore }";
    let one = shop.data(&aliases(1, nobody), Value::Null).await;
    assert_eq!(one["a0"], json!({ "hasMore": false }));
    let answer = shop.ask(&aliases(600, nobody), Value::Null).await;
    assert_eq!(answer["data"], Value::Null);
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "QUERY_TOO_LARGE");
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains("1000 records"));
    // The next one has a budget of its own.
    shop.data(&aliases(1, nobody), Value::Null).await;
}

#[tokio::test]
async fn documents_that_are_looked_at_are_charged() {
    let shop = busy(Settings { looked_at: 5_000, ..Settings::default() }).await;
    let search = "customers(first: 1, filter: {name: \"nobody\"}) { nodes { id } }";
    while shop.ask("{ customers { nodes { id } } }", Value::Null).await["data"].is_null() {}
    shop.data(&aliases(2, search), Value::Null).await;
    assert_eq!(shop.code(&aliases(100, search), Value::Null).await, "QUERY_TOO_LARGE");
    let asked = shop.views.asked();
    assert!(asked < 10, "asked {asked} times");
}

#[tokio::test]
async fn an_answer_has_an_upper_size() {
    let shop = busy(Settings { told: 200_000, ..Settings::default() }).await;
    let mut names = String::new();
    (0..100).for_each(|n| write!(names, "n{n}: firstName ").unwrap());
    let query = |first: usize| {
        format!(
            "{{ events(first: {first}) {{ events {{ ... on CustomerCreated {{ {names} }} }} }} }}"
        )
    };
    shop.data(&query(3), Value::Null).await;
    assert_eq!(shop.code(&query(60), Value::Null).await, "QUERY_TOO_LARGE");
    let schema =
        "{ __schema { types { description fields { description args { description } } } } }";
    assert!(shop.ask(schema, Value::Null).await["data"].is_object());
    let many = aliases(20, "__schema { types { description fields { description } } }");
    assert_eq!(shop.code(&many, Value::Null).await, "QUERY_TOO_LARGE");
}

#[tokio::test]
async fn a_query_has_a_deadline_also_while_it_waits() {
    let within = Duration::from_mins(1);
    let deadline = Duration::from_millis(300);
    let shop = busy(Settings { within, deadline, ..Settings::default() }).await;
    let far = event_log::RecordId { partition: event_log::Partition(1), offset: 1_000_000 };
    let far = event_log::Token::from(event_log::Position::after(shop.identity.id, far)).to_string();
    let query = "query($at: Position) { customer(id: \"anna\", atLeast: $at) { id } }";
    let begun = Instant::now();
    let answer = shop.ask(query, json!({ "at": far })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TIMED_OUT");
    assert_eq!(answer["data"], Value::Null);
    assert!((deadline..Duration::from_secs(20)).contains(&begun.elapsed()));
}

#[tokio::test]
async fn a_mutation_is_not_ended_by_what_a_query_may_cost() {
    let deadline = Duration::from_nanos(1);
    let settings = Settings { deadline, told: 1, looked_at: 1, ..Settings::default() };
    let shop = Shop::with(Parts { settings, ..Parts::default() }).await;
    let created = shop.create("anna", "Anna").await;
    assert_eq!((&created["repeated"], &created["rejection"]), (&json!(false), &Value::Null));
    assert_eq!(shop.code("{ events { hasMore } }", Value::Null).await, "QUERY_TOO_LARGE");
}

#[tokio::test]
async fn introspection_that_is_asked_over_and_over_is_refused() {
    let shop = Shop::open().await;
    let types = "__type(name: \"Event\") { possibleTypes { interfaces { possibleTypes { interfaces { possibleTypes { interfaces { \
                 possibleTypes { fields { name description type { name } } } } } } } } } }";
    shop.data(&aliases(1, types), Value::Null).await;
    let code = shop.code(&aliases(120, types), Value::Null).await;
    assert_eq!(code, "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn a_mutation_with_very_many_fields_is_refused_before_it_is_executed() {
    let shop = Shop::open().await;
    let fields = aliases(2_000, "address");
    let mutation = format!(
        "mutation {{ createCustomer(input: {{id: \"anna\", firstName: \"A\", lastName: \"K\", address: \"x\"}}) {{ event {fields} }} }}"
    );
    assert_eq!(shop.code(&mutation, Value::Null).await, "GRAPHQL_VALIDATION_FAILED");
    let events = shop.data("{ events { events { id } } }", Value::Null).await;
    assert_eq!(events["events"]["events"], json!([]));
}
