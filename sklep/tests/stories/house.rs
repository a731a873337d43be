//! A shop that runs, and what a test asks of it.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::Program;

/// Generous: several test binaries may share two cores.
pub(crate) const SOON: Duration = Duration::from_mins(1);

const READY: &str = "Sklep is ready: ";

/// The program with these arguments, in a world of its own.
pub(crate) fn sklep(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sklep"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SKLEP_")) {
        command.env_remove(name);
    }
    command.args(arguments).env_remove("RUST_LOG").env("TZ", "Europe/Warsaw");
    // In the home of whoever runs the tests they leave nothing behind.
    command.env("XDG_STATE_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/state"));
    command
}

/// Runs it to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    sklep(arguments).output().unwrap()
}

/// Runs it to its end, which must be a good one, and gives what it wrote to standard output.
#[track_caller]
pub(crate) fn say(arguments: &[&str]) -> String {
    let output = run(arguments);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {}\n{told}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// Runs it to its end, which must be with this exit code, and gives what it wrote to standard error.
#[track_caller]
pub(crate) fn refused(arguments: &[&str], code: i32) -> String {
    let output = run(arguments);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}:\n{told}");
    told
}

/// Runs it to its end while nobody reads what it writes to standard output, and gives its exit code.
pub(crate) fn unread(arguments: &[&str]) -> Option<i32> {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    sklep(arguments).stdout(writer).status().unwrap().code()
}

/// Where a shop keeps its log and its views.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stores {
    arguments: Vec<String>,
}

impl Stores {
    pub(crate) fn embedded(folder: &Path) -> Self {
        Self::default().and("--data", folder.to_str().unwrap())
    }

    /// A topic of its own on the tests' Kafka.
    pub(crate) fn kafka() -> Self {
        Self::topic(&testkit::unique("story"))
    }

    pub(crate) fn topic(topic: &str) -> Self {
        Self::default().and("--kafka", testkit::kafka()).and("--topic", topic)
    }

    pub(crate) fn and(mut self, option: &str, value: &str) -> Self {
        self.arguments.extend([option.to_owned(), value.to_owned()]);
        self
    }

    /// The arguments of a command that works on these stores.
    pub(crate) fn arguments<'a>(&'a self, command: &[&'a str]) -> Vec<&'a str> {
        command.iter().copied().chain(self.arguments.iter().map(String::as_str)).collect()
    }
}

/// A running shop.
pub(crate) struct House {
    pub(crate) program: Program,
    pub(crate) server: String,
    http: reqwest::Client,
}

impl House {
    /// Starts a shop on these stores and waits until it is ready.
    pub(crate) fn open(stores: &Stores) -> Self {
        Self::open_at(stores, "127.0.0.1:0")
    }

    /// The same at a given address.
    pub(crate) fn open_at(stores: &Stores, address: &str) -> Self {
        Self::start(&sklep(&stores.arguments(&["serve", "--listen", address])))
    }

    /// Starts this command, which must be one that serves, and waits until the shop is ready.
    pub(crate) fn start(command: &Command) -> Self {
        let program = Program::start(command).unwrap();
        let line = program.wait_for(READY, SOON).unwrap();
        let server = line.strip_prefix(READY).unwrap().strip_suffix("/graphql").unwrap();
        Self::at(program, server.to_owned())
    }

    /// Starts this command, which must be one that serves at this address, and waits until it says something.
    pub(crate) fn start_telling(command: &Command, address: &str, told: &str) -> Self {
        let program = Program::start(command).unwrap();
        program.wait_for(told, SOON).unwrap();
        Self::at(program, format!("http://{address}"))
    }

    /// Waits until the shop is put together, though it may not be ready; until then it answers nobody but probes.
    pub(crate) async fn put_together(self) -> Self {
        while self.text("{ __typename }", json!({})).await.contains("the shop is starting") {}
        self
    }

    fn at(program: Program, server: String) -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(SOON).build().unwrap();
        Self { program, server, http }
    }

    /// Stops it as a service supervisor does; it must leave in order.
    pub(crate) fn close(mut self) {
        self.program.terminate().unwrap();
        let status = self.program.wait(SOON).unwrap();
        assert!(status.success(), "{status}\n{}", self.program.output());
    }

    /// Sends a request; none when the connection was lost.
    pub(crate) async fn send(&self, query: &str, variables: Value) -> Option<Value> {
        let body = json!({ "query": query, "variables": variables });
        let sent = self.http.post(format!("{}/graphql", self.server)).json(&body).send().await;
        serde_json::from_slice(&sent.ok()?.bytes().await.ok()?).ok()
    }

    /// Asks, and gives the answer to the byte.
    pub(crate) async fn text(&self, query: &str, variables: Value) -> String {
        let body = json!({ "query": query, "variables": variables });
        let sent = self.http.post(format!("{}/graphql", self.server)).json(&body).send().await;
        sent.unwrap().text().await.unwrap()
    }

    /// Gets a plain page, such as `/metrics`.
    pub(crate) async fn page(&self, path: &str) -> String {
        let answer = self.http.get(format!("{}{path}", self.server)).send().await.unwrap();
        answer.text().await.unwrap()
    }

    /// Asks, and gives the data of an answer without errors.
    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Value {
        let answer = self.send(query, variables).await.expect("the shop answers");
        assert!(answer["errors"].is_null(), "{answer}");
        answer["data"].clone()
    }

    /// Runs a command of the program against this shop and gives what it wrote.
    pub(crate) fn say(&self, arguments: &[&str]) -> String {
        say(&self.against(arguments))
    }

    pub(crate) fn against<'a>(&'a self, arguments: &[&'a str]) -> Vec<&'a str> {
        let server = ["--server", self.server.as_str()];
        arguments.iter().copied().chain(server).collect()
    }

    pub(crate) async fn create_customer(&self, id: &str, first: &str, last: &str) -> Value {
        let mutation = "mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) {
            position repeated rejection { code } event { customerId } } }";
        let input =
            json!({ "id": id, "firstName": first, "lastName": last, "address": "ul. Krótka 1" });
        self.ask(mutation, json!({ "input": input })).await["createCustomer"].clone()
    }

    pub(crate) async fn price(&self, id: &str, name: &str, of: &str, price: &str) -> Value {
        let mutation = "mutation ($input: PriceProductInput!) { priceProduct(input: $input) {
            position repeated rejection { code } event { version } } }";
        let input = json!({ "productId": id, "name": name, "type": of, "price": price });
        self.ask(mutation, json!({ "input": input })).await["priceProduct"].clone()
    }

    pub(crate) async fn buy(&self, input: Value) -> Value {
        self.ask(BUY, json!({ "input": input })).await["purchaseProduct"].clone()
    }

    /// Everything in the log, as `events --json` shows it.
    pub(crate) fn events(&self) -> Vec<Value> {
        let text = self.say(&["events", "--json"]);
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Buys, and asks for what the tests compare.
pub(crate) const BUY: &str =
    "mutation ($input: PurchaseProductInput!) { purchaseProduct(input: $input) {
    position repeated rejection { code }
    event { position purchaseId unitPrice { amount } quantity total { amount currency } } } }";

/// A folder for one test.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A file in it.
pub(crate) fn file(folder: &TempDir, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// How much of something a story does: what this variable says, or else this.
pub(crate) fn count(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |count| count.parse().unwrap())
}

/// Some moment that nobody chose, another one in each run and round.
pub(crate) fn moment(round: u64, below: Duration) -> Duration {
    let some = u64::from(std::process::id()).wrapping_mul(7919);
    let some = some.wrapping_add(round.wrapping_mul(104_729));
    let below = u64::try_from(below.as_millis()).unwrap();
    Duration::from_millis(some.checked_rem(below).unwrap())
}

#[expect(clippy::print_stdout, reason = "evidence for whoever asks with --nocapture")]
pub(crate) fn tell(text: &str) {
    println!("{text}");
}
