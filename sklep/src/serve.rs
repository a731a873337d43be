//! `sklep serve`: the shop.

mod app;
mod connections;
mod contract;
mod counting_log;
mod disputes;
mod figures;
mod last_known;
mod log_health;
mod readiness;
mod roles;
mod signals;
mod startup;

use std::{io, net::SocketAddr, sync::Arc};

use anyhow::Context as _;
use api::{ApiConfig, Hosts, Limits};
use clap::Args;
use domain::Currency;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    exit_code::Outcome,
    logging::{self, Format},
    stdout::Stdout,
    stores::{LogArgs, ViewArgs},
    views_ops::Jobs,
};
use app::App;
pub(crate) use counting_log::Appends;
pub(crate) use disputes::trouble as dispute;
use figures::ShopMetrics;
use readiness::Readiness;
use roles::Roles;
use startup::Startup;

/// Runs the shop, until Ctrl-C or SIGTERM
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Where to serve: GraphQL and its playground, /healthz, /readyz, /metrics
    #[arg(long, env = "SKLEP_LISTEN", value_name = "HOST:PORT", default_value = "127.0.0.1:8080", value_parser = address)]
    listen: String,
    #[command(flatten)]
    log: LogArgs,
    /// How many partitions a log gets when it is begun; an old one keeps its own (12 when nobody says)
    #[arg(long, env = "SKLEP_PARTITIONS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    partitions: Option<u16>,
    #[command(flatten)]
    views: ViewArgs,
    /// Rebuilds views by itself that another version of the program made, or that are of another log, instead of waiting
    /// for `sklep rebuild`
    #[arg(long, env = "SKLEP_REBUILD_WHEN_NEEDED", value_parser = clap::builder::BoolishValueParser::new())]
    rebuild_when_needed: bool,
    /// The shop's one currency, by its code of ISO 4217, when the log is begun; an old log keeps its own (PLN when nobody
    /// says)
    #[arg(long, env = "SKLEP_CURRENCY", value_name = "CODE")]
    currency: Option<Currency>,
    /// What this process does: any of command, projector and query. With Kafka and MongoDB others may do the rest, but only one
    /// process should have the role command
    #[arg(
        long,
        env = "SKLEP_ROLES",
        value_name = "ROLE,…",
        default_value = "command,projector,query"
    )]
    roles: Roles,
    /// Where others reach this one; a shop that listens on a loopback address answers under this name too
    #[arg(long, env = "SKLEP_ADVERTISE", value_name = "HOST:PORT", value_parser = address)]
    advertise: Option<String>,
    /// How many connections may be open at once; idle ones are closed for new ones when there are more
    #[arg(long, env = "SKLEP_MAX_CONNECTIONS", value_name = "N", default_value_t = 4096, value_parser = max_connections)]
    max_connections: usize,
    /// How long a query may take, what it waits for included, 1 to 20; then it is answered with `TIMED_OUT`. Mutations have
    /// their own 10 seconds
    #[arg(long, env = "SKLEP_QUERY_TIMEOUT", value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=20))]
    query_timeout: u64,
    /// How what happens is told on standard error; `RUST_LOG` says how much of it
    #[arg(long, env = "SKLEP_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    log_format: Format,
}

/// Serves until it is told to stop.
pub(crate) async fn run(args: ServeArgs) -> anyhow::Result<Outcome> {
    logging::to_stderr(args.log_format, "info");
    args.roles.check(args.log.kafka.kafka.is_some(), args.views.mongodb.is_some())?;
    let mut signal = signals::stop()?;
    // Taken first, since a port that is taken is the most frequent reason why a shop does not start.
    let listener = listen(&args.listen).await?;
    let address = listener.local_addr()?;
    let startup = Startup::new(args.roles.names().join(","));
    let hosts = hosts(address, args.advertise.clone());
    let front = api::starting(startup.readiness(), startup.gauges(), hosts.clone());
    let door = Door::open(listener, front.into(), args.max_connections);
    let opened = tokio::select! {
        opened = app::all(&args, address, &startup) => opened,
        _name = signal.recv() => return door.shut().await.map(|()| Outcome::Done),
    };
    match opened {
        Ok(opened) => serve(opened, door, address, hosts, &args, signal).await,
        Err(failed) => {
            door.shut().await?;
            Err(failed)
        }
    }
}

/// The listener, which answers from the first moment on.
struct Door {
    app: api::App,
    stop: CancellationToken,
    served: JoinHandle<io::Result<()>>,
}

impl Door {
    fn open(listener: TcpListener, app: api::App, max_connections: usize) -> Self {
        let stop = CancellationToken::new();
        let limits =
            Limits { connections: connections::allowed(max_connections), ..Limits::default() };
        let served = api::serve(listener, app.clone(), limits, stop.clone().cancelled_owned());
        Self { app, stop, served: tokio::spawn(served) }
    }

    /// Answers what was asked, and takes nothing more.
    async fn shut(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.served.await?.context("the server stopped")
    }
}

async fn serve(
    opened: App,
    mut door: Door,
    address: SocketAddr,
    hosts: Hosts,
    args: &ServeArgs,
    mut signal: signals::Stop,
) -> anyhow::Result<Outcome> {
    let readiness = Arc::new(Readiness::of(&opened).await?);
    let figures = ShopMetrics::of(&opened, &readiness, args.roles.names().join(","));
    door.app.replace(api::router(ApiConfig {
        commands: opened.commands.clone(),
        queries: opened.queries.clone(),
        currency: opened.follower.identity().settings.currency,
        ready: Readiness::for_front(&readiness),
        hosts,
        gauges: ShopMetrics::for_front(&figures),
        operator: Some(Arc::<Jobs>::clone(&opened.jobs)),
    }));
    let announced = tokio::spawn(announce(Arc::clone(&readiness), address));
    let lost = tokio::select! {
        name = signal.recv() => {
            tracing::info!(signal = name, "stopping: what was accepted is answered first");
            Ok(())
        }
        lost = opened.lost() => Err(lost),
        ended = &mut door.served => return Err(anyhow::anyhow!("the server ended: {ended:?}")),
    };
    announced.abort();
    signal.again_at_once();
    door.shut().await?;
    drop((figures, readiness));
    opened.close().await;
    lost.map(|()| Outcome::Done)
}

fn max_connections(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "write how many, such as 4096".into())
}

fn address(text: &str) -> Result<String, String> {
    let (host, port) = text.rsplit_once(':').unwrap_or_default();
    if !host.is_empty() && port.parse::<u16>().is_ok() {
        return Ok(text.to_owned());
    }
    Err("write HOST:PORT, such as 127.0.0.1:8080".into())
}

async fn listen(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address}; --listen names another address, such as 127.0.0.1:8081"
        )
    })
}

/// Who listens for this machine alone is asked under its names alone.
fn hosts(address: SocketAddr, advertised: Option<String>) -> Hosts {
    if address.ip().is_loopback() { Hosts::Loopback { also: advertised } } else { Hosts::Any }
}

/// Says once, on standard output, that the shop serves.
async fn announce(readiness: Arc<Readiness>, address: SocketAddr) {
    readiness.reached().await;
    let mut out = Stdout::new();
    let said = out.line(format_args!("Sklep is ready: http://{}/graphql", reachable(address)));
    if said.and_then(|()| out.flush()).is_err() {
        tracing::debug!("nobody reads standard output");
    }
}

/// An address that a browser on this machine can open.
fn reachable(address: SocketAddr) -> SocketAddr {
    let mut address = address;
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}
