//! Putting the shop together.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use command::{Commands, Dependencies, Subscriptions};
use domain::Currency;
use event_log::{
    EventLog, Follower, LogError, LogId, LogIdentity, LogSettings, Subscribers, WriterId, identity,
};
use projector::Projector;
use query::Queries;
use tokio_util::sync::CancellationToken;
use views::ViewStore;

use super::{
    ServeArgs,
    contract::Contract,
    counting_log::{Appends, CountingLog},
    disputes,
    roles::Role,
    startup::Startup,
};
use crate::{
    clock,
    status::Reporter,
    stores::LOOK_AT_KAFKA,
    views_ops::{self, Jobs},
    wait::Wait,
};

/// Between two tries at a log that does not answer.
const BETWEEN_TRIES: Duration = Duration::from_secs(1);
/// How soon it is noticed that the log is lost.
const LOOK: Duration = Duration::from_millis(500);

/// Everything that runs.
pub(super) struct App {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) follower: Follower,
    pub(super) commands: Option<Arc<Commands>>,
    pub(super) projector: Option<Arc<Projector>>,
    pub(super) queries: Option<Arc<Queries>>,
    /// Reads how far the views are, for the figures; also where no queries are answered.
    pub(super) observed: Option<Arc<Queries>>,
    /// Views of a shop that nobody else can feed: they are ready only when they have caught up.
    pub(super) alone: bool,
    pub(super) appends: Arc<Appends>,
    /// Watches the topic; none where the log is a folder.
    pub(super) contract: Option<Arc<Contract>>,
    pub(super) jobs: Arc<Jobs>,
}

/// What this process calls itself, for people: where others reach it, or else where it listens.
fn instance(args: &ServeArgs, address: SocketAddr) -> String {
    let known_as = args.advertise.clone().unwrap_or_else(|| address.to_string());
    format!("{known_as} (process {})", std::process::id())
}

/// Opens the stores and starts the roles.
pub(super) async fn all(
    args: &ServeArgs,
    address: SocketAddr,
    startup: &Startup,
) -> anyhow::Result<App> {
    startup.waits_for(format!("the log: {} is being opened", args.log.name()));
    // Before anything is begun: a typing error must leave nothing behind.
    let store = args.views.name().await?;
    let appends = Arc::<Appends>::default();
    let log = args.log.open(args.partitions).await?;
    let log: Arc<dyn EventLog> = Arc::new(CountingLog::new(log, &appends));
    let identity = identify(log.as_ref(), args.currency).await?;
    let currency = kept(identity, args)?;
    // Now that the log is begun: an import that began to fill it at the same moment is seen at the latest here.
    let contract = contract(args, identity).await?;
    tracing::info!(log = %identity.id, partitions = identity.partitions, %currency, of = args.log.name(), "the log is open");
    startup.waits_for(format!("the views: {} is being opened", args.views.told()));
    let store = store.open(identity, args.rebuild_when_needed).await?;
    let mut subscribers = Subscribers::default();
    let decides = args.roles.has(Role::Command);
    let feeds = decides.then(|| Subscriptions::subscribe(&mut subscribers, identity.partitions));
    let follower = Follower::start(log.as_ref(), identity, subscribers);
    let commands = feeds.map(|feeds| commands(args, &log, &follower, feeds));
    let feeds_views = args.roles.has(Role::Projector);
    let instance = instance(args, address);
    let ground = views_ops::Context { log: Arc::clone(&log), identity, store, instance };
    let projector = feeds_views.then(|| Arc::new(projector(&ground, args.rebuild_when_needed)));
    let answers = args.roles.has(Role::Query);
    let observed = (answers || feeds_views)
        .then(|| Arc::new(observer(args, &ground, &follower, projector.clone())));
    let queries = observed.clone().filter(|_| answers);
    let jobs = Jobs::new(Reporter {
        ground,
        log: args.log.name(),
        views: Some(args.views.told()),
        kafka: args.log.kafka.settings(None)?,
        follower: Some(follower.clone()),
        commands: commands.clone(),
        projector: projector.clone(),
        roles: args.roles.names(),
        appends: Some(Arc::clone(&appends)),
    });
    let alone = args.views.mongodb.is_none();
    Ok(App {
        log,
        follower,
        commands,
        projector,
        queries,
        observed,
        alone,
        appends,
        contract,
        jobs,
    })
}

/// Looks at the topic while the shop runs; a folder cannot be changed by others.
async fn contract(
    args: &ServeArgs,
    identity: LogIdentity,
) -> anyhow::Result<Option<Arc<Contract>>> {
    let Some(settings) = args.log.kafka.settings(None)? else { return Ok(None) };
    Ok(Some(Contract::watch(settings, identity.partitions, args.log.options()).await?))
}

/// Reads the views.
fn observer(
    args: &ServeArgs,
    ground: &views_ops::Context,
    follower: &Follower,
    projector: Option<Arc<Projector>>,
) -> Queries {
    let store = Arc::<dyn ViewStore>::clone(&ground.store);
    let settings = query::Settings {
        deadline: Duration::from_secs(args.query_timeout),
        stopped: projector.map(stopped),
        beats: Some(beats(Arc::clone(&store))),
        ..query::Settings::default()
    };
    Queries::start(store, Arc::clone(&ground.log), follower.clone(), settings)
}

/// What the jobs of rebuilds say of themselves.
fn beats(store: Arc<dyn ViewStore>) -> query::Beats {
    Arc::new(move || {
        let store = Arc::clone(&store);
        Box::pin(async move { store.beats().await })
    })
}

/// Whether the projector of this process has stopped feeding a partition.
fn stopped(projector: Arc<Projector>) -> query::Stopped {
    Arc::new(move || projector.status().stopped())
}

/// The log's currency, unless another one is wished for: what was sold stays in the one that it was sold in.
fn kept(identity: LogIdentity, args: &ServeArgs) -> anyhow::Result<Currency> {
    let own = identity.settings.currency;
    match args.currency {
        Some(wanted) if wanted != own => anyhow::bail!(
            "the shop of {} sells in {own}, which its log has said since it was begun, and --currency (SKLEP_CURRENCY) wants \
             {wanted}. A shop has one currency for ever: leave the option away to go on in {own}, or begin another shop in {wanted} \
             with another --{}",
            args.log.name(),
            if args.log.kafka.kafka.is_some() { "topic" } else { "data" },
        ),
        Some(_) | None => Ok(own),
    }
}

async fn identify(log: &dyn EventLog, currency: Option<Currency>) -> Result<LogIdentity, LogError> {
    let wanted = currency.map_or(LogSettings::USUAL, LogSettings::of);
    let (fresh, writer) = (LogId(clock::mint()), WriterId(clock::mint()));
    let mut wait = Wait::new("the log to be begun", LOOK_AT_KAFKA);
    loop {
        match identity::begin_as(log, fresh, writer, clock::now(), wanted).await {
            // That does not pass by waiting.
            Err(error) if error.refusal().is_some() => return Err(error),
            Err(LogError::Unavailable(why)) => {
                wait.failed(why);
                tokio::time::sleep(BETWEEN_TRIES).await;
            }
            known => return known,
        }
    }
}

fn commands(
    args: &ServeArgs,
    log: &Arc<dyn EventLog>,
    follower: &Follower,
    feeds: Subscriptions,
) -> Arc<Commands> {
    let settings = command::Settings { address: args.advertise.clone(), ..Default::default() };
    let commands = Arc::new(Commands::start(Dependencies {
        log: Arc::clone(log),
        follower: follower.clone(),
        feeds,
        settings,
        clock: Arc::new(clock::now),
        ids: Arc::new(clock::mint),
    }));
    tokio::spawn(disputes::watch(Arc::downgrade(&commands), follower.identity().partitions));
    commands
}

fn projector(ground: &views_ops::Context, rebuild_when_needed: bool) -> Projector {
    let tag: String = clock::mint().simple().to_string().chars().take(5).collect();
    let seed = clock::mint().as_u64_pair().0;
    let views_ops::Context { log, identity, store, instance } = ground.clone();
    let at_once = views_ops::cores();
    let settings = projector::Settings {
        at_once,
        rebuild_when_needed,
        ..projector::Settings::new(instance, tag, seed)
    };
    Projector::start(log, identity, store, settings, &CancellationToken::new())
}

impl App {
    /// Waits until the log cannot be followed any more, and says why.
    pub(super) async fn lost(&self) -> anyhow::Error {
        loop {
            if let Some(failed) = self.follower.failed() {
                return anyhow::Error::new(failed).context("the log is lost");
            }
            if let Some(fault) = self.fault().await {
                return anyhow::anyhow!("{fault}; start the shop again");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// What has ended by a fault of this program. A shop that goes on without it would seem to be well.
    async fn fault(&self) -> Option<String> {
        if self.projector.as_ref().is_some_and(|projector| projector.is_broken()) {
            return Some("the projector ended by a fault of this program".into());
        }
        match &self.commands {
            Some(commands) => commands.fault().await,
            None => None,
        }
    }

    /// Leaves everything in order: first those who write.
    pub(super) async fn close(self) {
        let Self { log, follower, commands, projector, queries, observed, contract, jobs, .. } =
            self;
        jobs.stop().await;
        if let Some(commands) = commands {
            commands.stop().await;
        }
        if let Some(projector) = projector {
            projector.stop().await;
        }
        drop((queries, observed, jobs, contract));
        drop(follower);
        drop(log);
    }
}
