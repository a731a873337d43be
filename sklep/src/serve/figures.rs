//! What `/metrics` says of log and views.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use api::metrics::{Family, Kind};
use command::Commands;
use event_log::{Follower, Offset, Partition, Timestamp};
use projector::{FeedState, Projector};
use query::{Phase, Projection, Queries, Rebuild};

use super::{
    app::App, contract::Contract, counting_log::Appends, disputes, last_known::LastKnown,
    readiness::Readiness, startup,
};
use crate::clock;

/// Knows whom to ask.
pub(super) struct ShopMetrics {
    follower: Follower,
    commands: Option<Arc<Commands>>,
    appends: Arc<Appends>,
    contract: Option<Arc<Contract>>,
    projector: Option<Arc<Projector>>,
    /// Reads how far the views are, also where no queries are answered.
    observed: Option<Arc<Queries>>,
    known: LastKnown<Known>,
    readiness: Arc<Readiness>,
    roles: String,
}

/// What was known of the views.
#[derive(Debug, Clone)]
struct Known {
    projection: Projection,
    at: Timestamp,
}

impl ShopMetrics {
    pub(super) fn of(opened: &App, readiness: &Arc<Readiness>, roles: String) -> Arc<Self> {
        Arc::new(Self {
            follower: opened.follower.clone(),
            commands: opened.commands.clone(),
            appends: Arc::clone(&opened.appends),
            contract: opened.contract.clone(),
            projector: opened.projector.clone(),
            observed: opened.observed.clone(),
            known: LastKnown::default(),
            readiness: Arc::clone(readiness),
            roles,
        })
    }

    /// For `/metrics`.
    pub(super) fn for_front(this: &Arc<Self>) -> api::MetricSource {
        let this = Arc::downgrade(this);
        Arc::new(move || {
            let this = this.upgrade();
            Box::pin(async move {
                match this {
                    Some(this) => this.all().await,
                    None => Vec::new(),
                }
            })
        })
    }

    async fn all(&self) -> Vec<Family> {
        let (waits_for, of_views) = tokio::join!(self.readiness.waits_for(), self.of_views());
        let mut all = vec![build_info(&self.roles), startup::ready(waits_for.is_empty())];
        all.extend(self.of_log());
        all.extend(self.commands.iter().flat_map(|it| disputes::figures(it)));
        all.extend(self.contract.as_ref().map(|contract| contract.figures()));
        if let Some(projector) = &self.projector {
            all.push(of_projector(projector));
        }
        all.extend(of_views);
        all
    }

    fn of_log(&self) -> [Family; 2] {
        let mut records = Family::new(
            "sklep_log_records_total",
            Kind::Counter,
            "Records of the log that were read, by partition and by what they come to: counted, void or foreign.",
        );
        for partition in self.partitions() {
            let tally = self.follower.tally(partition);
            for (verdict, count) in
                [("counted", tally.counted), ("void", tally.void), ("foreign", tally.foreign)]
            {
                records = records.with(&[("partition", &partition), ("verdict", &verdict)], count);
            }
        }
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let appends = Family::new(
            "sklep_appends_total",
            Kind::Counter,
            "Appends of this process to the log: stored, refused, or doubtful when they failed or nobody knows.",
        )
        .with(&[("outcome", &"stored")], read(&self.appends.stored))
        .with(&[("outcome", &"refused")], read(&self.appends.refused))
        .with(&[("outcome", &"doubtful")], read(&self.appends.doubtful));
        [records, appends]
    }

    /// How far the views are that queries read, or else those that this process feeds.
    async fn of_views(&self) -> Vec<Family> {
        let known = self.known.or_ask(self.ask()).await;
        let projection = known.as_ref().map(|known| &known.projection);
        let at = |partition| match (projection, &self.projector) {
            (Some(projection), _) => Some(projection.position.seen(partition)),
            (None, Some(projector)) => fed(projector, partition),
            (None, None) => None,
        };
        let mut position = Family::new(
            "sklep_views_position",
            Kind::Gauge,
            "Records of each partition that are in the views.",
        );
        let mut lag = Family::new(
            "sklep_views_lag_records",
            Kind::Gauge,
            "Records of each partition that are not in the views yet.",
        );
        for (partition, at) in self.partitions().filter_map(|it| Some((it, at(it)?))) {
            position = position.with(&[("partition", &partition)], at);
            let behind = self.follower.seen(partition).saturating_sub(at);
            lag = lag.with(&[("partition", &partition)], behind);
        }
        let mut families = vec![position, lag];
        families.extend(known.iter().flat_map(|it| {
            let waited = self.waited(it);
            of_projection(&it.projection, waited)
        }));
        families
    }

    async fn ask(&self) -> Option<Known> {
        let queries = self.observed.as_ref()?;
        let asked = queries.read(|reading| async move { reading.projections().await }).await;
        // All views are as far as each other.
        let projection = asked.and_then(|found| found).ok()?.into_iter().next()?;
        Some(Known { projection, at: clock::now() })
    }

    /// For how many seconds the oldest record has waited that is not in the views. What is known may be old: then the
    /// records that have come since wait since then at the latest.
    fn waited(&self, known: &Known) -> u64 {
        let position = &known.projection.position;
        let behind = self.partitions().any(|it| self.follower.seen(it) > position.seen(it));
        let since = known.projection.waiting_since.or_else(|| behind.then_some(known.at));
        let waited = since.map_or(0, |since| clock::now().0.saturating_sub(since.0));
        u64::try_from(waited).unwrap_or_default().checked_div(1_000).unwrap_or_default()
    }

    fn partitions(&self) -> impl Iterator<Item = Partition> {
        Partition::all(self.follower.identity().partitions)
    }
}

/// What the program is, as a figure.
pub(super) fn build_info(roles: &str) -> Family {
    let (help, version) =
        ("The program and what this process does; always 1.", env!("CARGO_PKG_VERSION"));
    Family::new("sklep_build_info", Kind::Gauge, help)
        .with(&[("version", &version), ("roles", &roles)], 1)
}

fn fed(projector: &Projector, partition: Partition) -> Option<Offset> {
    projector.status().partitions.iter().find(|it| it.partition == partition).map(|it| it.at)
}

fn of_projector(projector: &Projector) -> Family {
    let partitions = projector.status().partitions;
    let (mut running, mut waiting, mut paused, mut stopped): (u64, u64, u64, u64) = (0, 0, 0, 0);
    for partition in partitions {
        let count = match partition.state {
            FeedState::Running => &mut running,
            FeedState::Waiting { .. } => &mut waiting,
            FeedState::Paused => &mut paused,
            FeedState::Stopped { .. } => &mut stopped,
        };
        *count = count.saturating_add(1);
    }
    Family::new(
        "sklep_projector_partitions",
        Kind::Gauge,
        "Partitions that this process feeds, by how that goes.",
    )
    .with(&[("state", &"running")], running)
    .with(&[("state", &"waiting")], waiting)
    .with(&[("state", &"paused")], paused)
    .with(&[("state", &"stopped")], stopped)
}

fn of_projection(projection: &Projection, waited: u64) -> Vec<Family> {
    let Projection { generation, parked, rebuild, .. } = projection;
    let mut families = vec![
        gauge(
            "sklep_views_generation",
            "The number of the generation that queries read.",
            *generation,
        ),
        gauge(
            "sklep_views_lag_seconds",
            "How long the oldest record has waited that is not in the views yet.",
            waited,
        ),
        gauge(
            "sklep_quarantined",
            "Customers and products of which an event waits in quarantine.",
            *parked,
        ),
        gauge(
            "sklep_rebuild_running",
            "Whether a rebuild is in progress: 1 or 0.",
            u64::from(rebuild.is_some()),
        ),
    ];
    families.extend(rebuild.iter().flat_map(of_rebuild));
    families
}

fn of_rebuild(rebuild: &Rebuild) -> [Family; 4] {
    let Rebuild { done, total, rate, .. } = rebuild;
    let phase = rebuild.phase.map_or("begun", phase);
    [
        gauge("sklep_rebuild_done_records", "Records that the rebuild has taken in.", *done),
        gauge("sklep_rebuild_all_records", "Records that the rebuild is to take in.", *total),
        gauge("sklep_rebuild_rate_records", "Records that the rebuild takes in a second.", *rate),
        Family::new("sklep_rebuild_phase", Kind::Gauge, "What the rebuild is doing; always 1.")
            .with(&[("phase", &phase)], 1),
    ]
}

fn gauge(name: &'static str, help: &'static str, value: u64) -> Family {
    Family::new(name, Kind::Gauge, help).with(&[], value)
}

/// What a rebuild is doing, in a word for programs.
fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Filling => "filling",
        Phase::Indexing => "indexing",
        Phase::CatchingUp => "catching-up",
        Phase::Verifying => "verifying",
        Phase::Flipped => "flipped",
        Phase::Cancelled => "cancelled",
        Phase::Paused => "paused",
    }
}
