//! A shop that is killed while many buy, again and again: what was answered is there once.
//!
//! `SKLEP_TEST_KILLS` says how often (2).

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use event_log::{Position, Token};
use serde_json::{Value, json};

use crate::house::{BUY, House, Stores, count, folder, moment, tell};

const CLIENTS: usize = 64;
/// Retries that are checked for each client and round, besides the one in doubt: the newest are the interesting ones.
const RETRIES: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn killed_on_the_embedded_log_it_keeps_what_it_answered() {
    let folder = folder();
    kill_and_check(&Stores::embedded(folder.path())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_on_kafka_it_keeps_what_it_answered() {
    kill_and_check(&Stores::kafka()).await;
}

/// What a client knows when its shop was killed.
#[derive(Default)]
struct Memory {
    /// Command ids and the purchases that they were answered with.
    answered: Vec<(String, Value)>,
    in_doubt: Option<String>,
}

async fn kill_and_check(stores: &Stores) {
    let rounds = count("SKLEP_TEST_KILLS", 2);
    let mut answered: HashMap<String, Value> = HashMap::new();
    let house = House::open(stores);
    house.price("chleb", "Chleb", "chleb", "0.36").await;
    for client in 0..CLIENTS {
        house.create_customer(&format!("c{client}"), "Anna", "Kowalska").await;
    }
    house.close();
    for round in 0..rounds {
        let memories = buy_until_killed(stores, round).await;
        let house = House::open(stores);
        let count: usize = memories.iter().map(|memory| memory.answered.len()).sum();
        for memory in memories {
            for (id, purchase) in memory.answered.iter().rev().take(RETRIES) {
                let again = retry(&house, id).await;
                assert_eq!(again["repeated"], true, "{id}: {again}");
                assert_eq!(stored(&again["event"]), stored(purchase), "{id}");
            }
            answered.extend(memory.answered);
            if let Some(id) = memory.in_doubt {
                let answer = retry(&house, &id).await;
                answered.insert(id, answer["event"].clone());
            }
        }
        check_log(&house, &answered);
        tell(&format!("round {round}: {count} purchases answered before the kill"));
        house.close();
    }
}

/// The wish that belongs to a command id, `<round>-<client>-<number>`.
fn wish(id: &str) -> Value {
    let client = id.split('-').nth(1).unwrap();
    json!({ "customerId": format!("c{client}"), "productId": "chleb", "quantity": "1", "commandId": id })
}

/// The event and where it stands, without how far the log had been read when it was told.
fn stored(event: &Value) -> (Value, Position) {
    let mut event = event.clone();
    let position = event["position"].take();
    (event, position.as_str().unwrap().parse::<Token>().unwrap().needs().clone())
}

async fn retry(house: &House, id: &str) -> Value {
    house.buy(wish(id)).await
}

async fn buy_until_killed(stores: &Stores, round: u64) -> Vec<Memory> {
    let mut house = House::open(stores);
    let answers = Arc::new(AtomicU64::new(0));
    let shop =
        Arc::new((house.server.clone(), reqwest::Client::builder().no_proxy().build().unwrap()));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| tokio::spawn(buy(Arc::clone(&shop), Arc::clone(&answers), round, client)))
        .collect();
    while answers.load(Ordering::Relaxed) < 100 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(moment(round, Duration::from_millis(700))).await;
    house.program.kill().unwrap();
    let mut memories = Vec::new();
    for client in clients {
        memories.push(client.await.unwrap());
    }
    memories
}

async fn buy(
    shop: Arc<(String, reqwest::Client)>,
    answers: Arc<AtomicU64>,
    round: u64,
    client: usize,
) -> Memory {
    let mut memory = Memory::default();
    for number in 0.. {
        let id = format!("{round}-{client}-{number}");
        let body = json!({ "query": BUY, "variables": { "input": wish(&id) } });
        let sent = shop.1.post(format!("{}/graphql", shop.0)).json(&body).send().await;
        let answer = match sent {
            Ok(sent) => sent.bytes().await.ok(),
            Err(_killed) => None,
        };
        let answer = answer.and_then(|body| serde_json::from_slice::<Value>(&body).ok());
        match answer.map(|answer| answer["data"]["purchaseProduct"]["event"].clone()) {
            Some(event) if event.is_object() => {
                memory.answered.push((id, event));
                answers.fetch_add(1, Ordering::Relaxed);
            }
            _ => {
                memory.in_doubt = Some(id);
                break;
            }
        }
    }
    memory
}

/// Every answered purchase is in the log once, where it was answered, and each customer's purchases have no holes.
fn check_log(house: &House, answered: &HashMap<String, Value>) {
    let mut found: HashMap<String, Value> = HashMap::new();
    let mut numbers: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for event in house.events() {
        if event["type"] != "ProductPurchased" {
            continue;
        }
        let purchase = event["purchaseId"].as_str().unwrap();
        let (customer, number) = purchase.split_once(':').unwrap();
        numbers.entry(customer.to_owned()).or_default().push(number.parse().unwrap());
        let id = event["commandId"].as_str().unwrap().to_owned();
        assert!(found.insert(id, event.clone()).is_none(), "stored twice: {event}");
    }
    for (id, purchase) in answered {
        let event = found.get(id).unwrap_or_else(|| panic!("{id} was answered and is lost"));
        assert_eq!(event["purchaseId"], purchase["purchaseId"], "{id}");
        assert_eq!(event["total"], purchase["total"], "{id}");
    }
    assert_eq!(found.len(), answered.len(), "purchases that nobody was answered");
    for (customer, numbers) in numbers {
        assert!(
            (1..).zip(&numbers).all(|(expected, number)| expected == *number),
            "{customer}: {numbers:?}"
        );
    }
}
