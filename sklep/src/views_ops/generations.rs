//! Generations: made, exchanged and removed.

use std::num::NonZeroU32;

use projector::{RebuildError, RebuildSettings, Rebuilt, RolledBack};
use serde_json::json;
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;
use views::{ControlConflict, GenerationName};

use super::{Context, TaskReport, relay, verify};
use crate::stages::{Grouped, JobProgress, Span};

pub(super) async fn rebuild(
    ground: &Context,
    settings: RebuildSettings,
    stages: &watch::Sender<JobProgress>,
    shutdown: &CancellationToken,
) -> anyhow::Result<TaskReport> {
    let Context { log, identity, store, .. } = ground;
    let (begun, throttle) = (Instant::now(), settings.throttle.and_then(NonZeroU32::new));
    let (tell, told) = watch::channel(projector::Progress::default());
    let work = projector::rebuild(log, *identity, store, settings, tell, shutdown);
    let (done, ()) = tokio::join!(work, relay(told, stages));
    let rebuilt = match done {
        // Somebody else is at it, and is only to be told how fast it may be.
        Err(error @ RebuildError::NotNow(ControlConflict::AlreadyFilling(_))) => {
            let most = throttle.ok_or(error)?;
            return self::throttle(ground, most).await;
        }
        Err(RebuildError::Differs(verdict)) => {
            let report = verify::report(&verdict, false);
            let why = RebuildError::Differs(verdict);
            return Ok(TaskReport { text: format!("{}\n{why}", report.text), ..report });
        }
        done => done?,
    };
    Ok(made(rebuilt, begun.elapsed().as_secs()))
}

pub(super) async fn rollback(
    ground: &Context,
    settings: RebuildSettings,
    stages: &watch::Sender<JobProgress>,
    shutdown: &CancellationToken,
) -> anyhow::Result<TaskReport> {
    let Context { log, identity, store, .. } = ground;
    let (tell, told) = watch::channel(projector::Progress::default());
    let work = projector::rollback(log, *identity, store, settings, tell, shutdown);
    let (done, ()) = tokio::join!(work, relay(told, stages));
    let RolledBack { generation, superseded_by } = done?;
    let text = match &superseded_by {
        None => format!("generation {generation} is live again, and as far as the other was"),
        Some(live) => replaced(&generation, live),
    };
    let superseded_by = superseded_by.as_ref().map(GenerationName::as_str);
    let json = json!({ "generation": generation.as_str(), "supersededBy": superseded_by });
    Ok(TaskReport::of(text, json))
}

pub(super) async fn throttle(ground: &Context, most: NonZeroU32) -> anyhow::Result<TaskReport> {
    let control = projector::throttle(&*ground.store, Some(most.get())).await?;
    let (name, _) = control.filling().ok_or(ControlConflict::NoRebuild)?;
    let text =
        format!("generation {name} is being filled already, and its job was told the new limit");
    Ok(TaskReport::of(text, json!({ "generation": name.as_str(), "throttle": most })))
}

pub(super) async fn cancel(ground: &Context) -> anyhow::Result<TaskReport> {
    let name = projector::cancel(&*ground.store).await?;
    let text = format!("the rebuild was cancelled, and nothing is left of generation {name}");
    Ok(TaskReport::of(text, json!({ "cancelled": name.as_str() })))
}

pub(super) async fn drop_old(
    ground: &Context,
    stages: &watch::Sender<JobProgress>,
) -> anyhow::Result<TaskReport> {
    let most = Span(projector::LEASED.as_secs());
    stages.send_replace(JobProgress {
        phase: "removing".into(),
        waits_for: Some(format!("{most}, so that no query is still reading what is removed")),
        ..JobProgress::default()
    });
    let name = projector::drop_previous(&*ground.store).await?;
    let text = format!("generation {name} is removed; there is nothing to roll back to now");
    Ok(TaskReport::of(text, json!({ "dropped": [name.as_str()] })))
}

pub(super) async fn drop_orphans(ground: &Context) -> anyhow::Result<TaskReport> {
    let names = projector::drop_orphans(&*ground.store).await?;
    let names: Vec<&str> = names.iter().map(GenerationName::as_str).collect();
    let text = match names.as_slice() {
        [] => "there are no orphans".to_owned(),
        names => format!("removed what was left of {}", names.join(", ")),
    };
    Ok(TaskReport::of(text, json!({ "dropped": names })))
}

/// What is told of new views.
fn made(rebuilt: Rebuilt, seconds: u64) -> TaskReport {
    let Rebuilt { generation, records, superseded_by, left } = rebuilt;
    let is = match &superseded_by {
        None => format!("generation {generation} is live"),
        Some(live) => replaced(&generation, live),
    };
    let mut text = format!(
        "{is}: {} events in {}\nThe one before, if any, stays for `sklep rollback` until the \
         next rebuild, or until `sklep rebuild --drop-old`.",
        Grouped(records),
        Span(seconds)
    );
    let left: Vec<&str> = left.iter().map(GenerationName::as_str).collect();
    if !left.is_empty() {
        let gone = format!("\nThe projector removes {} within a minute.", left.join(", "));
        text.push_str(&gone);
    }
    let json = json!({
        "generation": generation.as_str(),
        "events": records,
        "seconds": seconds,
        "supersededBy": superseded_by.as_ref().map(GenerationName::as_str),
        "left": left,
    });
    TaskReport::of(text, json)
}

fn replaced(generation: &GenerationName, live: &GenerationName) -> String {
    format!("generation {generation} became live, and {live} has taken its place meanwhile")
}
