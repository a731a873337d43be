//! What a position is good for: `atLeast` waits for what the answer depends on, `after` gives what happened since.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use event_log::{Partition, Position, RecordId, Token, codec};
use futures::future::join_all;
use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};
use tokio::{runtime::Runtime, time::timeout};

use crate::shop::{Parts, Shop};

/// What one client of the shop wants; few of everything, so that clients meet at the same ones.
#[derive(Debug, Clone)]
enum Wish {
    Create(u8),
    Price(u8, u8),
    Buy(u8, u8),
}

/// A mutation that had an event, and when it was asked and answered by one clock of all clients.
#[derive(Debug)]
struct Answered {
    asked: u64,
    done: u64,
    event: String,
    repeated: bool,
    position: Token,
    own: Token,
}

fn any_wish() -> impl Strategy<Value = Wish> {
    prop_oneof![
        (0..4_u8).prop_map(Wish::Create),
        (0..2_u8, 1..4_u8).prop_map(|(product, price)| Wish::Price(product, price)),
        (0..4_u8, 0..2_u8).prop_map(|(customer, product)| Wish::Buy(customer, product)),
    ]
}

fn token(of: &Value) -> Token {
    of.as_str().unwrap().parse().unwrap()
}

impl Wish {
    async fn ask(&self, shop: &Shop, clock: &AtomicU64) -> Option<Answered> {
        let input = match self {
            Self::Create(id) => format!(
                "createCustomer(input: {{id: \"customer-{id}\", firstName: \"Anna\", lastName: \"Kowalska\", address: \"ul. Krótka 1\"}})"
            ),
            Self::Price(id, price) => format!(
                "priceProduct(input: {{productId: \"product-{id}\", name: \"Chleb\", type: \"chleb\", price: \"{price}\"}})"
            ),
            Self::Buy(customer, product) => format!(
                "purchaseProduct(input: {{customerId: \"customer-{customer}\", productId: \"product-{product}\", quantity: \"1\"}})"
            ),
        };
        let mutation =
            format!("mutation {{ it: {input} {{ position repeated event {{ id position }} }} }}");
        let asked = clock.fetch_add(1, Ordering::SeqCst);
        let answer = shop.data(&mutation, Value::Null).await["it"].take();
        let done = clock.fetch_add(1, Ordering::SeqCst);
        let event = answer["event"]["id"].as_str()?.to_owned();
        let repeated = answer["repeated"] == json!(true);
        let (position, own) = (token(&answer["position"]), token(&answer["event"]["position"]));
        Some(Answered { asked, done, event, repeated, position, own })
    }
}

/// Where each event stands, from the log itself.
async fn places(shop: &Shop) -> BTreeMap<String, RecordId> {
    let mut places = BTreeMap::new();
    for partition in Partition::all(shop.identity.partitions) {
        for stored in shop.log.read(partition, 0, 10_000).await.unwrap() {
            if codec::kind(&stored.record).is_some_and(codec::Kind::is_event) {
                let id = codec::decode(&stored.record).unwrap().id.to_string();
                places.insert(id, RecordId { partition, offset: stored.offset });
            }
        }
    }
    places
}

/// The events after this position, in pages of `first`, each with its own position. The shop may read an event a little after
/// it was answered, so the walk goes on until there are as many as there must be.
async fn events_after(shop: &Shop, after: &Token, first: u8, must: usize) -> Vec<(String, Token)> {
    let query = "query($first: Int, $after: Position) { events(first: $first, after: $after) {
         position hasMore events { id position } } }";
    let (mut told, mut after) = (Vec::new(), after.to_string());
    let walk = async {
        loop {
            let variables = json!({ "first": first, "after": after });
            let page = shop.data(query, variables).await["events"].take();
            page["position"].as_str().unwrap().clone_into(&mut after);
            for event in page["events"].as_array().unwrap() {
                told.push((event["id"].as_str().unwrap().to_owned(), token(&event["position"])));
            }
            if page["hasMore"] == json!(false) && told.len() >= must {
                break;
            }
        }
    };
    timeout(Duration::from_secs(30), walk).await.expect("events are missing");
    told
}

fn ids(told: &[(String, Token)]) -> BTreeSet<&str> {
    told.iter().map(|(id, _)| id.as_str()).collect()
}

/// After an answer: what was not read yet when it was given, each once; nothing that was answered before it was asked for,
/// and everything that was asked for since.
fn is_what_came_after(
    answer: &Answered,
    all: &[Answered],
    told: &[(String, Token)],
    unread: &BTreeSet<&str>,
) {
    assert_eq!(ids(told), *unread);
    assert_eq!(told.len(), unread.len(), "an event was told twice");
    assert!(!unread.contains(answer.event.as_str()), "the answered event was told again");
    for other in all.iter().filter(|other| !other.repeated) {
        let is_told = unread.contains(other.event.as_str());
        assert!(other.asked < answer.done || is_told, "{other:?} came after {answer:?}");
        assert!(other.done > answer.asked || !is_told, "{other:?} was before {answer:?}");
    }
}

async fn positions_are_points_to_go_on_from(clients: Vec<Vec<Wish>>, first: u8, at: Index) {
    let shop = Shop::open().await;
    let log = Some(Arc::clone(&shop.log));
    let replica = Shop::with(Parts { commands: false, projector: false, log, ..Parts::default() });
    let (clock, replica) = (AtomicU64::new(0), replica.await);
    let (shop, replica, clock) = (&shop, &replica, &clock);
    let clients = clients.iter().map(|wishes| async move {
        let mut answers = Vec::new();
        for wish in wishes {
            answers.extend(wish.ask(shop, clock).await);
        }
        answers
    });
    let all: Vec<Answered> = join_all(clients).await.into_iter().flatten().collect();
    let places = places(shop).await;
    for answer in &all {
        let is_unread =
            |place: &RecordId| answer.position.read().seen(place.partition) <= place.offset;
        let unread: BTreeSet<&str> = places
            .iter()
            .filter(|(_, place)| is_unread(place))
            .map(|(id, _)| id.as_str())
            .collect();
        for (shop, after) in
            [(shop, &answer.position), (replica, &answer.position), (shop, &answer.own)]
        {
            let told = events_after(shop, after, first, unread.len()).await;
            is_what_came_after(answer, &all, &told, &unread);
            // Whoever stops after any event goes on behind it, with all the others.
            if !told.is_empty() {
                let (before, rest) = told.split_at(at.index(told.len()).saturating_add(1));
                let (_, position) = before.last().unwrap();
                let on = events_after(shop, position, first, rest.len()).await;
                assert_eq!(on, rest);
            }
        }
        let place = places[&answer.event];
        assert_eq!(answer.own.needs(), &Position::after(shop.identity.id, place));
        assert!(answer.position.needs().covers(answer.own.needs()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn after_an_answer_comes_what_was_not_read_when_it_was_given_and_each_once(
        clients in prop::collection::vec(prop::collection::vec(any_wish(), 1..6), 1..6),
        first in 1..6_u8,
        at in any::<Index>(),
    ) {
        Runtime::new().unwrap().block_on(positions_are_points_to_go_on_from(clients, first, at));
    }
}

#[tokio::test]
async fn at_least_waits_for_what_the_answer_depends_on_and_no_more() {
    let shop = Shop::open().await;
    let created = token(&shop.create("anna", "Anna").await["position"]);
    let partition = Partition::all(shop.identity.partitions)
        .find(|it| created.needs().seen(*it) == 0)
        .expect("a customer stands in one partition");
    let far = Position::after(shop.identity.id, RecordId { partition, offset: 1_000_000 });
    let at = json!({ "at": Token::new(created.needs().clone(), far).to_string() });
    let query = "query($at: Position) { customer(id: \"anna\", atLeast: $at) { firstName } }";
    assert_eq!(shop.data(query, at.clone()).await["customer"]["firstName"], "Anna");
    let buy = "mutation($at: Position) { purchaseProduct(input: {customerId: \"anna\", productId: \"p\", quantity: 1, \
         atLeast: $at}) { rejection { code } } }";
    let bought = shop.data(buy, at.clone()).await;
    assert_eq!(bought["purchaseProduct"]["rejection"]["code"], "PRODUCT_NOT_FOUND");
    // Nobody has read that far, so nothing comes after it.
    let events = "query($at: Position) { events(after: $at) { hasMore } }";
    assert_eq!(shop.code(events, at).await, "BAD_POSITION");
}

#[tokio::test]
async fn a_purchase_needs_its_price_too_and_nothing_else() {
    let shop = Shop::open().await;
    let customer = token(&shop.create("anna", "Anna").await["position"]);
    let price = token(&shop.price("chleb_1", "4.80").await["position"]);
    let others = join_all((0..20).map(|number| shop.price(["a", "b"][number % 2], "1"))).await;
    let bought = token(&shop.buy("anna", "chleb_1", "1").await["position"]);
    assert!(bought.needs().covers(price.needs()));
    let named =
        |it: &Token| it.needs().iter().map(|(partition, _)| partition).collect::<BTreeSet<_>>();
    assert_eq!(named(&bought), &named(&customer) | &named(&price));
    let answered = others.iter().map(|answer| token(&answer["position"]));
    answered.for_each(|answered| assert!(bought.read().covers(answered.needs())));
}

#[tokio::test]
async fn a_position_of_a_filtered_list_goes_on_with_the_same_filter() {
    let shop = Shop::open().await;
    shop.price("chleb_1", "4.80").await;
    for id in ["anna", "ewa", "jan"] {
        shop.create(id, "Anna").await;
        shop.buy(id, "chleb_1", "1").await;
        shop.buy(id, "chleb_1", "2").await;
    }
    for filter in [
        "customerId: \"ewa\"",
        "productId: \"chleb_1\"",
        "types: [PRODUCT_PURCHASED]",
        "types: [PRODUCT_PRICED], productId: \"chleb_1\"",
        "types: [CUSTOMER_CREATED, PRODUCT_PRICED]",
    ] {
        let all =
            shop.data(&format!("{{ events({filter}) {{ events {{ id }} }} }}"), Value::Null).await;
        let query = format!(
            "query($after: Position) {{ events({filter}, first: 1, after: $after) {{ hasMore events {{ id position }} }} }}"
        );
        let (mut told, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = shop.data(&query, json!({ "after": after })).await["events"].take();
            let Some(event) = page["events"].get(0) else { break };
            told.push(json!({ "id": event["id"] }));
            after = event["position"].clone();
        }
        assert_eq!(all["events"]["events"], json!(told), "{filter}");
    }
}
