//! What the front door stands before.

use std::{fmt, sync::Arc};

use async_graphql::Executor;
use axum::{
    Router, middleware,
    response::Redirect,
    routing::{any, get},
};
use command::Commands;
use domain::Currency;
use query::Queries;

use crate::{
    Hosts, MetricSource, clock,
    health::{self, Readiness},
    host,
    http::{self, AnswerMemory, HttpState},
    metrics::{self, Counters, Metrics},
    operation::Contract,
    operator::Operator,
    playground,
    schema::{self, ResolverContext, Schema},
};

/// What the front door stands before.
#[derive(Clone)]
pub struct ApiConfig {
    /// Who takes mutations; none in a process without that role.
    pub commands: Option<Arc<Commands>>,
    /// Who answers queries; none in a process without that role.
    pub queries: Option<Arc<Queries>>,
    /// The shop's one currency.
    pub currency: Currency,
    /// What `/readyz` asks.
    pub ready: Readiness,
    /// Under which names the shop may be asked.
    pub hosts: Hosts,
    /// What `/metrics` asks, beside what the front door counts itself.
    pub gauges: MetricSource,
    /// Who does what an operator asks of this process; none where nobody does.
    pub operator: Option<Arc<dyn Operator>>,
}

impl fmt::Debug for ApiConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Front")
            .field("commands", &self.commands)
            .field("queries", &self.queries)
            .field("currency", &self.currency)
            .field("hosts", &self.hosts)
            .finish_non_exhaustive()
    }
}

/// All paths of the front door.
pub fn router(front: ApiConfig) -> Router {
    let ApiConfig { commands, queries, currency, ready, hosts, gauges, operator } = front;
    let counters = Arc::new(Counters::default());
    let shop = Arc::new(ResolverContext {
        commands,
        currency,
        mint: clock::mint,
        counters: Arc::clone(&counters),
        operator,
    });
    let contract = Arc::new(Contract::of(&schema::sdl()));
    let (schema, metered) = (schema::of(Arc::clone(&shop)), schema::metered(shop));
    let door = HttpState {
        schema,
        metered,
        contract,
        queries,
        counters: Arc::clone(&counters),
        memory: AnswerMemory::new(),
    };
    Router::new()
        .route("/", get(Redirect::temporary("/graphql")))
        .route("/graphql", any(http::graphql::<Schema>).with_state(door))
        .route("/graphql/schema.graphql", get(playground::schema))
        .route("/graphql/graphiql", get(playground::graphiql))
        .route("/graphql/simple", get(playground::simple))
        .route("/graphql/assets/{name}", get(playground::asset))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready).with_state(ready))
        .route("/metrics", get(metrics::metrics).with_state(Metrics { counters, gauges }))
        .layer(middleware::from_fn_with_state(hosts, host::check))
}

/// Another schema behind the same door, also told in GraphQL's own language: what the shop's own mutations are measured against.
pub fn door_to(schema: impl Executor, sdl: &str) -> Router {
    let contract = Arc::new(Contract::of(sdl));
    let metered = schema.clone();
    let door = HttpState {
        schema,
        metered,
        contract,
        queries: None,
        counters: Arc::default(),
        memory: AnswerMemory::new(),
    };
    Router::new().route("/graphql", any(http::graphql).with_state(door))
}
