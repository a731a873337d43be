//! A shop to knock at.

mod counting;

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use api::{
    ApiConfig, Hosts,
    metrics::{Family, Kind},
    operator::Operator,
};
use command::{Commands, Dependencies, Subscriptions};
use domain::Currency;
use event_log::{
    EventLog, Follower, LogId, LogIdentity, MemoryLog, Subscribers, Timestamp, WriterId, identity,
};
use futures::FutureExt;
use projector::Projector;
use query::Queries;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use views::MemoryViews;

pub(crate) use self::counting::CountingViews;

/// A running shop; everything ends when it is dropped.
pub(crate) struct Shop {
    pub(crate) views: Arc<CountingViews>,
    pub(crate) identity: LogIdentity,
    pub(crate) log: Arc<dyn EventLog>,
    address: SocketAddr,
    client: Client,
    stop: CancellationToken,
    served: JoinHandle<io::Result<()>>,
    _projector: Option<Projector>,
}

/// What a shop is opened with.
pub(crate) struct Parts {
    pub(crate) commands: bool,
    pub(crate) queries: bool,
    pub(crate) projector: bool,
    /// Why the shop is not ready.
    pub(crate) waiting: Vec<String>,
    pub(crate) settings: query::Settings,
    pub(crate) operator: Option<Arc<dyn Operator>>,
    /// The log of another instance; none for a log of its own.
    pub(crate) log: Option<Arc<dyn EventLog>>,
}

impl Default for Parts {
    /// A shop that waits a short while for its views.
    fn default() -> Self {
        let within = Duration::from_millis(300);
        let settings = query::Settings { within, ..query::Settings::default() };
        Self {
            commands: true,
            queries: true,
            projector: true,
            waiting: Vec::new(),
            settings,
            operator: None,
            log: None,
        }
    }
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::with(Parts::default()).await
    }

    pub(crate) async fn with(parts: Parts) -> Self {
        let log = parts.log.unwrap_or_else(|| Arc::new(MemoryLog::new(4)));
        let (clock, mint) = (clock(), mint());
        let identity =
            identity::begin(&*log, LogId(mint()), WriterId(mint()), clock()).await.unwrap();
        let mut subscribers = Subscribers::default();
        let feeds =
            parts.commands.then(|| Subscriptions::subscribe(&mut subscribers, identity.partitions));
        let follower = Follower::start(&*log, identity, subscribers);
        let commands = feeds.map(|feeds| {
            let (log, follower) = (Arc::clone(&log), follower.clone());
            let (settings, ids) = (command::Settings::default(), mint);
            let stands_on = Dependencies { log, follower, feeds, settings, clock, ids };
            Arc::new(Commands::start(stands_on))
        });
        if let Some(commands) = &commands {
            commands.served().await.unwrap();
        }
        let store = Arc::new(MemoryViews::new());
        let stop = CancellationToken::new();
        let projector = parts.projector.then(|| {
            let settings = projector::Settings::new("test", "test", 7);
            let (log, store) = (Arc::clone(&log), Arc::clone(&store));
            Projector::start(log, identity, store, settings, &stop)
        });
        let views = Arc::new(CountingViews::of(store));
        let queries = parts.queries.then(|| {
            let settings = parts.settings;
            let views = Arc::<CountingViews>::clone(&views);
            Arc::new(Queries::start(views, Arc::clone(&log), follower, settings))
        });
        let ready = readiness(parts.waiting);
        let hosts = Hosts::Loopback { also: Some("shop.example:443".into()) };
        let (currency, gauges, operator) = (Currency::PLN, gauges(), parts.operator);
        let front = ApiConfig { commands, queries, currency, ready, hosts, gauges, operator };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let until = stop.clone().cancelled_owned();
        let app = api::router(front).into();
        let served = tokio::spawn(api::serve(listener, app, api::Limits::default(), until));
        let client = client();
        Self { views, identity, log, address, client, stop, served, _projector: projector }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A request to this path.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    /// Asks, and gives the whole answer.
    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let answer = self.request(Method::POST, "/graphql").json(&body).send().await.unwrap();
        answer.json().await.unwrap()
    }

    /// Asks what must have an answer without errors.
    pub(crate) async fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.ask(query, variables).await;
        assert_eq!(answer["errors"], Value::Null, "{query}");
        answer["data"].take()
    }

    /// The code of the only error of a question.
    pub(crate) async fn code(&self, query: &str, variables: Value) -> String {
        let answer = self.ask(query, variables).await;
        assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1), "{answer}");
        answer["errors"][0]["extensions"]["code"].as_str().unwrap().to_owned()
    }

    /// Stops the front door and waits until it is shut.
    pub(crate) async fn stop(&mut self) {
        self.stop.cancel();
        (&mut self.served).await.unwrap().unwrap();
    }

    pub(crate) async fn create(&self, id: &str, name: &str) -> Value {
        let mutation = "mutation($id: ID!, $name: String!) { createCustomer(input: {id: $id, firstName: $name, \
             lastName: \"Kowalska\", address: \"ul. Krótka 1\"}) { position repeated rejection { code field } } }";
        self.data(mutation, json!({ "id": id, "name": name })).await["createCustomer"].take()
    }

    pub(crate) async fn price(&self, id: &str, price: &str) -> Value {
        let mutation = "mutation($id: ID!, $price: Decimal!) { priceProduct(input: {productId: $id, \
             name: \"Chleb wiejski\", type: \"chleb\", price: $price}) { position rejection { code field } } }";
        self.data(mutation, json!({ "id": id, "price": price })).await["priceProduct"].take()
    }

    pub(crate) async fn buy(&self, customer: &str, product: &str, quantity: &str) -> Value {
        let mutation = "mutation($c: ID!, $p: ID!, $q: Decimal!) { purchaseProduct(input: {customerId: $c, \
             productId: $p, quantity: $q}) { position event { purchaseId total { amount } } rejection { code field } } }";
        let variables = json!({ "c": customer, "p": product, "q": quantity });
        self.data(mutation, variables).await["purchaseProduct"].take()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn readiness(waiting: Vec<String>) -> api::Readiness {
    Arc::new(move || {
        let waiting = waiting.clone();
        async move { waiting }.boxed()
    })
}

fn gauges() -> api::MetricSource {
    Arc::new(|| {
        let odd = "a \"quoted\" \\ name\nof two lines";
        let family = Family::new("sklep_odd", Kind::Gauge, "A label that is odd.");
        async move { vec![family.with(&[("name", &odd)], 7)] }.boxed()
    })
}

/// A clock that goes on by a millisecond with each look.
fn clock() -> command::Clock {
    let now = AtomicI64::new(1_795_000_000_000);
    Arc::new(move || Timestamp(now.fetch_add(1, Ordering::Relaxed)))
}

fn mint() -> command::IdGenerator {
    let minted = AtomicU64::new(0);
    Arc::new(move || Uuid::from_u64_pair(7, minted.fetch_add(1, Ordering::Relaxed)))
}

fn client() -> Client {
    Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}
