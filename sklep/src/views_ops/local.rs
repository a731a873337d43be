//! Work that this process does itself while it serves, for `--server`.

mod history;
mod job;
mod wish;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use api::operator::{JobRefused, Operator, System, ViewsInstruction, ViewsJob, ViewsJobInput};
use futures::future::BoxFuture;
use projector::RebuildError;
use tokio_util::sync::CancellationToken;
use views::StoreError;

use self::{history::JobHistory, job::Job};
use super::Context;
use crate::status::Reporter;

/// The jobs of this process: one at a time, and beside it one that steers a rebuild.
pub(crate) struct Jobs {
    ground: Context,
    reporter: Reporter,
    shutdown: CancellationToken,
    recent: Mutex<JobHistory>,
}

impl fmt::Debug for Jobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jobs").field("ground", &self.ground).finish_non_exhaustive()
    }
}

impl Jobs {
    pub(crate) fn new(reporter: Reporter) -> Arc<Self> {
        let shutdown = CancellationToken::new();
        let ground = reporter.ground.clone();
        Arc::new(Self { ground, reporter, shutdown, recent: Mutex::default() })
    }

    /// Stops what runs; a rebuild is gone on with later, where there is a later.
    pub(crate) async fn stop(&self) {
        self.shutdown.cancel();
        let tasks = self.recent().tasks();
        for task in tasks {
            // A panic in it was printed when it happened.
            let _ = task.await;
        }
    }

    fn recent(&self) -> MutexGuard<'_, JobHistory> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Operator for Jobs {
    fn start(&self, input: &ViewsJobInput) -> Result<ViewsJob, JobRefused> {
        let asked = wish::work(input)?;
        // Held until it has begun, so that no other begins meanwhile.
        let mut recent = self.recent();
        let work = recent.beside_what_runs(asked);
        if let Some(job) = recent.conflict(work) {
            return Err(JobRefused::NotNow(job.is_in_the_way()));
        }
        let job = Job::begin(input.kind, work, &self.ground, &self.shutdown);
        let told = job.told();
        recent.keep(job);
        drop(recent);
        Ok(told)
    }

    fn job(&self, id: Option<&str>) -> Option<ViewsJob> {
        let recent = self.recent();
        match id {
            Some(id) => recent.find(id).map(Job::told),
            None => recent.running().or(recent.last()).map(Job::told),
        }
    }

    fn instruct(
        &self,
        instruction: ViewsInstruction,
        throttle: Option<u32>,
    ) -> BoxFuture<'_, Result<String, JobRefused>> {
        Box::pin(async move {
            let instruction = wish::instruction(instruction, throttle)?;
            let told = self.ground.instruct(instruction).await;
            told.map(str::to_owned).map_err(refused)
        })
    }

    fn system(&self) -> BoxFuture<'_, System> {
        Box::pin(self.reporter.system())
    }
}

fn refused(error: RebuildError) -> JobRefused {
    if matches!(error, RebuildError::NotNow(_) | RebuildError::Store(StoreError::NotBuilt)) {
        JobRefused::NotNow(error.to_string())
    } else {
        JobRefused::Unavailable(error.into())
    }
}
