//! The shop itself: the very program, as its users start it.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use event_log::{EventLog, Partition, Position, Token, identity};
use serde_json::{Value, json};

use super::{
    http::{Connection, request},
    say,
};
use crate::{Program, port};

/// What is bought. The same document goes to the no-op.
const PURCHASE: &str = "mutation Buy($input: PurchaseProductInput!) { purchaseProduct(input: $input) { event { id purchaseId } position } }";
const PRODUCT: &str = "chleb_2";
/// A shop on a new Kafka serves after two or three seconds.
const READY: Duration = Duration::from_mins(1);
/// It answers what it accepted, and the embedded log is put in order.
const STOPPED: Duration = Duration::from_secs(30);

/// A running shop with customers and one product.
#[derive(Debug)]
pub(super) struct Shop {
    pub(super) address: String,
    program: Program,
}

impl Shop {
    /// Starts one and fills it.
    pub(super) async fn start(sklep: &Path, options: &[&str], customers: usize) -> Result<Self> {
        let address = format!("127.0.0.1:{}", port::free()?);
        let mut command = Command::new(sklep);
        command.args(["serve", "--listen", &address]).args(options).env("RUST_LOG", "warn");
        let program = Program::start(&command)?;
        let shop = Self { address, program };
        shop.fill(customers).await.with_context(|| shop.program.output())?;
        Ok(shop)
    }

    /// Stops it in order.
    pub(super) fn stop(mut self) -> Result<()> {
        self.program.terminate()?;
        let status = self.program.wait(STOPPED)?;
        if !status.success() {
            bail!("the shop ended with {status}:\n{}", self.program.output());
        }
        Ok(())
    }

    async fn fill(&self, customers: usize) -> Result<()> {
        let product = json!({ "productId": PRODUCT, "name": "Chleb wiejski", "type": "chleb", "price": "0.36" });
        let price =
            "mutation($input: PriceProductInput!) { priceProduct(input: $input) { position } }";
        let begun = Instant::now();
        while let Err(error) = self.mutate(price, &product).await {
            if begun.elapsed() > READY {
                return Err(error);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let create =
            "mutation($input: CreateCustomerInput!) { createCustomer(input: $input) { position } }";
        for number in 0..customers {
            let anna = json!({
                "id": customer(number), "firstName": "Anna", "lastName": "Kowalska",
                "address": "ul. Polna 1, 00-001 Warszawa",
            });
            self.mutate(create, &anna).await?;
        }
        Ok(())
    }

    /// Asks, and fails unless there is a position in the answer's only field.
    async fn mutate(&self, document: &str, input: &Value) -> Result<()> {
        let answer = ask(&self.address, document, &json!({ "input": input })).await?;
        let fields = answer.get("data").and_then(Value::as_object);
        let position = fields.and_then(|fields| fields.values().next()?.get("position")?.as_str());
        position.map(drop).with_context(|| format!("the shop answered {answer}"))
    }
}

/// Asks once, on a connection of its own.
pub(super) async fn ask(address: &str, document: &str, variables: &Value) -> Result<Value> {
    let mut connection = Connection::open(address).await?;
    Ok(serde_json::from_slice(&connection.ask(&request(document, variables)).await?)?)
}

/// The log's end, as clients get it.
pub(super) async fn end(log: &dyn EventLog) -> Result<String> {
    let identity = identity::read(log).await?.context("the log was never begun")?;
    let mut end = Position::start(identity.id);
    for partition in Partition::all(identity.partitions) {
        end.see(partition, log.end(partition).await?);
    }
    Ok(Token::from(end).to_string())
}

/// The id of a client's own customer.
pub(super) fn customer(number: usize) -> String {
    format!("customer-{number}")
}

/// One purchase for each client.
pub(super) fn purchases(clients: usize) -> Vec<Arc<[u8]>> {
    let purchase = |number| {
        let input =
            json!({ "customerId": customer(number), "productId": PRODUCT, "quantity": "6" });
        request(PURCHASE, &json!({ "input": input })).into()
    };
    (0..clients).map(purchase).collect()
}

/// The program to measure: the given one, or the one that stands beside this one after it was built.
///
/// It is built by itself, since the features of this program (the simulation's faults) must not get into it.
pub(super) fn program(given: Option<&PathBuf>) -> Result<PathBuf> {
    if let Some(path) = given {
        return Ok(path.clone());
    }
    say(format_args!("building sklep …"));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let own = std::env::current_exe()?;
    let target = own.parent().and_then(Path::parent).context("no target folder")?;
    let mut command = Command::new(cargo);
    // What the outer cargo says of this package is no matter of theirs, but some build again when it changes.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_")
            || name.to_string_lossy().starts_with("CARGO_MANIFEST_")
        {
            command.env_remove(name);
        }
    }
    let built = command
        .args(["build", "--release", "--package", "sklep", "--target-dir"])
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()?;
    if !built.success() {
        bail!("sklep could not be built; --sklep names a built one");
    }
    Ok(target.join("release").join("sklep"))
}
