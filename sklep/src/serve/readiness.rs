//! Whether the shop serves: takes purchases and answers queries, as far as that is this process's role.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use command::Commands;
use event_log::{Follower, LogError, Partition, Position};
use projector::Projector;
use query::Queries;
use tokio::time::timeout;

use super::{app::App, counting_log::Appends, last_known::SOON, log_health::LogHealth};

/// Between two looks while the shop starts.
const LOOK: Duration = Duration::from_millis(50);

/// Knows whom to ask.
pub(super) struct Readiness {
    commands: Option<Arc<Commands>>,
    projector: Option<Arc<Projector>>,
    queries: Option<Arc<Queries>>,
    follower: Follower,
    appends: Arc<Appends>,
    reach: LogHealth,
    /// How far the views must have come before a shop that starts is ready; none where others may feed them.
    wanted: Option<Position>,
    caught_up: AtomicBool,
}

impl Readiness {
    pub(super) async fn of(opened: &App) -> Result<Self, LogError> {
        Ok(Self {
            commands: opened.commands.clone(),
            projector: opened.projector.clone(),
            queries: opened.queries.clone(),
            follower: opened.follower.clone(),
            appends: Arc::clone(&opened.appends),
            reach: LogHealth::of(&opened.log),
            wanted: if opened.alone { Some(end(opened).await?) } else { None },
            caught_up: AtomicBool::new(false),
        })
    }

    /// For `/readyz`.
    pub(super) fn for_front(this: &Arc<Self>) -> api::Readiness {
        let this = Arc::downgrade(this);
        Arc::new(move || {
            let this = this.upgrade();
            Box::pin(async move {
                match this {
                    Some(this) => this.waits_for().await,
                    None => vec!["the shop is stopping".into()],
                }
            })
        })
    }

    /// Waits until the shop serves.
    pub(super) async fn reached(&self) {
        while !self.waits_for().await.is_empty() {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Everything that keeps the shop from serving.
    pub(super) async fn waits_for(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        if let Some(failed) = self.follower.failed() {
            reasons.push(format!("the log: {failed}"));
        } else if self.needs_log() {
            reasons.extend(self.reach.trouble().map(|trouble| format!("the log: {trouble}")));
        }
        if self.commands.as_ref().is_some_and(|commands| !commands.ready()) {
            reasons.push("commands: not every partition has its writer yet".into());
            reasons.extend(self.appends.refusal().map(|why| format!("the log: {why}")));
            reasons.extend(self.follower.exhausted().map(|why| format!("the log: {why}")));
        }
        let behind = self.behind().await;
        // Views that stand still are shown as they are, and purchases go on. It keeps nobody waiting, but for a process that
        // does nothing else, and says why there is nothing to be shown.
        let only_feeds = self.commands.is_none() && self.queries.is_none();
        if only_feeds || behind.is_some() {
            let trouble = self.projector.as_ref().and_then(|it| it.status().trouble());
            reasons.extend(trouble.map(|trouble| format!("views: {trouble}")));
        }
        reasons.extend(behind);
        reasons
    }

    /// Whether the log must be within reach. Who only answers queries shows the views as they are meanwhile.
    fn needs_log(&self) -> bool {
        self.commands.is_some() || self.queries.is_none()
    }

    async fn behind(&self) -> Option<String> {
        let queries = self.queries.as_ref()?;
        let at = match timeout(SOON, queries.position()).await {
            Ok(Ok(at)) => at,
            Ok(Err(failure)) => {
                return Some(match failure.unfit() {
                    // That is for the operator to mend.
                    Some(why) => format!("queries: {why}"),
                    None => format!("queries: {failure}"),
                });
            }
            Err(_late) => return Some("queries: the views do not answer".into()),
        };
        if self.caught_up.load(Ordering::Relaxed) {
            return None;
        }
        let there = self.wanted.as_ref().is_none_or(|wanted| at.covers(wanted));
        self.caught_up.store(there, Ordering::Relaxed);
        (!there)
            .then(|| "views: they have not reached the end yet that the log had at start".into())
    }
}

async fn end(opened: &App) -> Result<Position, LogError> {
    let mut end = Position::start(opened.follower.identity().id);
    for partition in Partition::all(opened.log.partitions()) {
        end.see(partition, opened.log.end(partition).await?);
    }
    Ok(end)
}
