//! People who ask and buy all the time, and what they were told.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::house::{BUY, House, SOON};

/// What every answer must show in full: a page of the customers that the demonstration made.
const CUSTOMERS: &str = "{ customers(first: 100) { nodes { id firstName } } \
                         products(first: 100) { nodes { id price { amount } } } }";

const SEEN: &str =
    "query ($id: ID!, $at: Position) { customer(id: $id, atLeast: $at) { purchaseCount
    purchases(first: 1) { nodes { id } } } }";

/// People who ask and buy all the time; what goes wrong for one of them fails the test.
pub(super) struct Clients {
    shop: Shop,
    over: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
    bought: Arc<AtomicU64>,
    people: JoinSet<()>,
}

#[derive(Clone)]
struct Shop {
    server: String,
    http: reqwest::Client,
}

impl Shop {
    /// Asks, and gives the data; everybody always gets an answer without errors.
    async fn ask(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let sent = self.http.post(format!("{}/graphql", self.server)).json(&body).send().await;
        let answer: Value = sent.unwrap().json().await.unwrap();
        assert!(answer["errors"].is_null(), "{query}: {answer}");
        answer["data"].clone()
    }
}

impl Clients {
    /// So many who ask and so many who buy.
    pub(super) async fn start(house: &House, asking: u64, buying: u64) -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(SOON).build().unwrap();
        let shop = Shop { server: house.server.clone(), http };
        let over = Arc::<AtomicBool>::default();
        let (asked, bought) = (Arc::<AtomicU64>::default(), Arc::<AtomicU64>::default());
        let mut people = JoinSet::new();
        let whole = shop.ask(CUSTOMERS, json!({})).await;
        let count = |of: &Value, list: &str| of[list]["nodes"].as_array().unwrap().len();
        let (customers, products) = (count(&whole, "customers"), count(&whole, "products"));
        assert!(customers == 100 && products > 5, "{customers} {products}");
        for _ in 0..asking {
            let (shop, over, asked) = (shop.clone(), Arc::clone(&over), Arc::clone(&asked));
            people.spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    let seen = shop.ask(CUSTOMERS, json!({})).await;
                    let seen = (count(&seen, "customers"), count(&seen, "products"));
                    assert_eq!(seen, (customers, products), "half an answer");
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let product = whole["products"]["nodes"][0]["id"].clone();
        for number in 0..buying {
            let id = format!("buyer-{number}");
            house.create_customer(&id, "Jan", "Nowak").await;
            let (shop, over, product) = (shop.clone(), Arc::clone(&over), product.clone());
            people.spawn(buy(shop, over, id, product, Arc::clone(&bought)));
        }
        Self { shop, over, asked, bought, people }
    }

    /// Waits until queries are answered from this generation. The others go on.
    pub(super) async fn see_generation(&self, number: u64) {
        let begun = std::time::Instant::now();
        loop {
            let told = self.shop.ask("{ projections { generation } }", json!({})).await;
            if told["projections"][0]["generation"] == number {
                return;
            }
            // The command has ended only after the flip, which is seen within a second.
            assert!(begun.elapsed().as_secs() < 2, "{told}");
        }
    }

    /// Lets everybody finish, and tells what they did; fails when anything went wrong for anybody.
    pub(super) async fn stop(mut self) -> String {
        self.over.store(true, Ordering::Relaxed);
        while let Some(ended) = self.people.join_next().await {
            ended.unwrap();
        }
        let did = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let (asked, bought) = (did(&self.asked), did(&self.bought));
        assert!(asked > 10 && bought > 10, "{asked} {bought}");
        format!("meanwhile {asked} pages were answered in full, and {bought} purchases read back")
    }
}

/// Buys, and reads each purchase back at its position.
async fn buy(
    shop: Shop,
    over: Arc<AtomicBool>,
    id: String,
    product: Value,
    bought: Arc<AtomicU64>,
) {
    for number in 1_u64.. {
        if over.load(Ordering::Relaxed) {
            return;
        }
        let input = json!({ "customerId": id, "productId": product, "quantity": "1" });
        let told = shop.ask(BUY, json!({ "input": input })).await["purchaseProduct"].clone();
        assert_eq!(told["event"]["purchaseId"], format!("{id}:{number}"), "{told}");
        let seen = shop.ask(SEEN, json!({ "id": id, "at": told["position"] })).await;
        let newest = &seen["customer"]["purchases"]["nodes"][0]["id"];
        assert_eq!(seen["customer"]["purchaseCount"], number, "{seen}");
        assert_eq!(newest, &told["event"]["purchaseId"], "{seen}");
        bought.fetch_add(1, Ordering::Relaxed);
    }
}

/// Questions with the answers that they had.
pub(super) struct Saved {
    at: Value,
    answers: Vec<(String, String)>,
}

impl Saved {
    /// Asks so many different questions, when the views are as far as the log.
    pub(super) async fn ask(house: &House, count: usize) -> Self {
        let events = house.events();
        let at = events.last().unwrap()["position"].clone();
        let ids = |kind: &str, field: &str| -> Vec<String> {
            let of = events.iter().filter(|event| event["type"] == kind);
            of.map(|event| event[field].as_str().unwrap().to_owned()).collect()
        };
        let customers = ids("CustomerCreated", "customerId");
        let purchases = ids("ProductPurchased", "purchaseId");
        let products = ids("ProductPriced", "productId");
        let mut questions = Vec::new();
        for number in 0..count {
            let pick =
                |of: &[String]| of.iter().cycle().nth(number.wrapping_mul(7)).unwrap().clone();
            questions.push(match number % 5 {
                0 => format!(
                    "customer(id: \"{}\", atLeast: $at) {{ firstName address createdAt purchaseCount totalSpent {{ amount }} \
                     purchases(first: 40) {{ edges {{ cursor node {{ id total {{ amount }} quantity }} }} }} }}",
                    pick(&customers)
                ),
                1 => format!(
                    "purchase(id: \"{}\", atLeast: $at) {{ purchasedAt productName unitPrice {{ amount }} customer {{ id }} }}",
                    pick(&purchases)
                ),
                2 => format!(
                    "product(id: \"{}\", atLeast: $at) {{ name price {{ amount }} version unitsSold revenue {{ amount }} \
                     priceHistory {{ nodes {{ version from to changePercent purchases unitsSold }} }} }}",
                    pick(&products)
                ),
                3 => format!(
                    "customers(last: {}, atLeast: $at) {{ edges {{ cursor node {{ id lastName }} }} pageInfo {{ startCursor }} }}",
                    (number % 90).max(1)
                ),
                _ => format!(
                    "products(first: {}, filter: {{ name: \"{}\" }}, atLeast: $at) {{ nodes {{ id type pricedAt }} }}",
                    (number % 50).max(1),
                    ["a", "e", "chleb", "mas"][number % 4]
                ),
            });
        }
        let mut saved = Self { at, answers: Vec::new() };
        for question in questions {
            let answer = saved.answer(house, &question).await;
            saved.answers.push((question, answer));
        }
        saved
    }

    /// Asks the same again: the answers are equal to the byte.
    pub(super) async fn check_again(&self, house: &House) {
        for (question, before) in &self.answers {
            assert_eq!(self.answer(house, question).await, *before, "{question}");
        }
    }

    async fn answer(&self, house: &House, question: &str) -> String {
        let query = format!("query ($at: Position) {{ {question} }}");
        let text = house.text(&query, json!({ "at": self.at })).await;
        assert!(!text.contains("\"errors\""), "{question}: {text}");
        text
    }
}
