//! One job of this process.

use std::sync::{Arc, OnceLock};

use api::operator::{ViewsJob, ViewsJobKind, ViewsJobState};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::super::{Context, TaskReport, ViewsTask};
use crate::{clock, stages::JobProgress};

/// What a job came to, when it has ended.
type Outcome = Arc<OnceLock<anyhow::Result<TaskReport>>>;

/// One job of this process: it runs, or has ended.
pub(super) struct Job {
    /// No other job, of whatever process, has it.
    pub(super) id: String,
    kind: ViewsJobKind,
    pub(super) work: ViewsTask,
    stages: watch::Receiver<JobProgress>,
    outcome: Outcome,
    /// None when somebody else waits for it.
    pub(super) task: Option<JoinHandle<()>>,
}

impl Job {
    pub(super) fn begin(
        kind: ViewsJobKind,
        work: ViewsTask,
        ground: &Context,
        shutdown: &CancellationToken,
    ) -> Self {
        let (tell, stages) = watch::channel(JobProgress::default());
        let outcome = Outcome::default();
        let (ground, shutdown) = (ground.clone(), shutdown.clone());
        let result = Arc::clone(&outcome);
        let task = tokio::spawn(async move {
            let done = ground.work(work, &tell, &shutdown).await;
            if let Err(error) = &done {
                tracing::warn!(
                    ?kind,
                    error = format!("{error:#}"),
                    "a job on the views did not end well"
                );
            }
            // Nobody else sets it.
            let _ = result.set(done);
        });
        Self { id: clock::mint().to_string(), kind, work, stages, outcome, task: Some(task) }
    }

    pub(super) fn runs(&self) -> bool {
        self.outcome.get().is_none()
    }

    /// Why another one cannot begin.
    pub(super) fn is_in_the_way(&self) -> String {
        let is_rebuild = matches!(self.work, ViewsTask::Rebuild { .. });
        let way = if is_rebuild { ", or give it up by `sklep rebuild --cancel`" } else { "" };
        let what = match self.kind {
            ViewsJobKind::Rebuild => "a rebuild",
            ViewsJobKind::Cancel => "the removal of a rebuild that was given up",
            ViewsJobKind::Rollback => "a rollback",
            ViewsJobKind::Verify => "a comparison with the log",
            ViewsJobKind::DropOld => "the removal of the views before",
            ViewsJobKind::DropOrphans => "the removal of views that nobody knows",
        };
        format!("{what} is running already; wait until it has ended{way}")
    }

    pub(super) fn told(&self) -> ViewsJob {
        let JobProgress { phase, done, total, rate, seconds_left, waits_for } =
            self.stages.borrow().clone();
        let (state, text, report) = match self.outcome.get() {
            None => (ViewsJobState::Running, None, None),
            Some(Err(error)) => (ViewsJobState::Failed, Some(format!("{error:#}")), None),
            Some(Ok(TaskReport { text, json, differs })) => {
                let state = if *differs { ViewsJobState::Different } else { ViewsJobState::Done };
                (state, Some(text.clone()), Some(json.to_string()))
            }
        };
        ViewsJob {
            id: self.id.clone().into(),
            kind: self.kind,
            state,
            phase,
            done: done.to_string(),
            all: total.to_string(),
            rate: rate.to_string(),
            seconds_left: seconds_left.map(|it| i32::try_from(it).unwrap_or(i32::MAX)),
            waits_for,
            text,
            report,
        }
    }
}

#[cfg(test)]
impl Job {
    pub(super) fn running(id: &str, work: ViewsTask) -> Self {
        let (_tell, stages) = watch::channel(JobProgress::default());
        let (kind, outcome) = (ViewsJobKind::Verify, Outcome::default());
        Self { id: id.into(), kind, work, stages, outcome, task: None }
    }

    pub(super) fn ended(id: &str) -> Self {
        let job = Self::running(id, ViewsTask::DropOld);
        job.outcome.set(Ok(TaskReport::of("", serde_json::Value::Null))).unwrap();
        job
    }
}
