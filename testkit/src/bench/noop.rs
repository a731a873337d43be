//! What a mutation costs that does nothing: the same request and an answer of the same shape, over the shop's own HTTP
//! handler.

use std::{io::Write as _, process::Command, time::Duration};

use anyhow::{Context as _, Result};
use async_graphql::{
    EmptySubscription, ID, InputObject, Object, Schema, SimpleObject, ValidationMode,
};
use tokio::net::TcpListener;

use crate::Program;

/// Said when it serves, and where.
const READY: &str = "the no-op mutation is served at ";

/// The no-op's server.
#[derive(Debug)]
pub(super) struct Noop {
    pub(super) address: String,
    _program: Program,
}

impl Noop {
    /// Starts it as a process of its own, as the shop is one.
    pub(super) fn start() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("noop");
        let program = Program::start(&command)?;
        let line = program.wait_for(READY, Duration::from_secs(10))?;
        let address = line.strip_prefix(READY).context("no address")?.to_owned();
        Ok(Self { address, _program: program })
    }
}

/// Serves until it is killed.
pub(super) fn run() -> Result<()> {
    // As the shop's own runtime.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let schema = Schema::build(Query, Mutation, EmptySubscription)
            .validation_mode(ValidationMode::Fast)
            .finish();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mut out = std::io::stdout();
        writeln!(out, "{READY}{}", listener.local_addr()?)?;
        out.flush()?;
        let door = api::door_to(schema.clone(), &schema.sdl());
        api::serve(listener, door.into(), api::Limits::default(), std::future::pending()).await?;
        Ok(())
    })
}

struct Query;

#[Object]
impl Query {
    async fn nothing(&self) -> bool {
        true
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn purchase_product(&self, input: PurchaseProductInput) -> PurchaseProductPayload {
        let event = ProductPurchased {
            id: ID::from("019379fc-7e2f-7cc1-a2fd-6b5a3f1d2c44"),
            purchase_id: ID(format!("{}:17", *input.customer_id)),
        };
        PurchaseProductPayload {
            event: Some(event),
            position: Some("MDE5Mzc5ZmM3ZTJmN2NjMWEyZmQ2YjVhM2YxZDJjNDQvMy4xNy81LjE".to_owned()),
        }
    }
}

#[derive(InputObject)]
struct PurchaseProductInput {
    customer_id: ID,
    product_id: ID,
    quantity: String,
}

#[derive(SimpleObject)]
struct PurchaseProductPayload {
    event: Option<ProductPurchased>,
    position: Option<String>,
}

#[derive(SimpleObject)]
struct ProductPurchased {
    id: ID,
    purchase_id: ID,
}
