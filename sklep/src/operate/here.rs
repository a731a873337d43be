//! Work that this process does itself while it serves, for `--server`.

use std::{
    fmt,
    future::ready,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use api::operator::{
    Operator, System, ViewsInstruction, ViewsJob, ViewsJobInput, ViewsJobKind, ViewsJobState,
};
use futures::future::BoxFuture;
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{Ground, Instruction, Report, Work};
use crate::{size::Bytes, stages::Stage, status::Reporter};

/// What a job may take when nobody says: what the command line says too.
const MEMORY: Bytes = Bytes(512 << 20);

/// The jobs of this process, one at a time.
pub(crate) struct Jobs {
    ground: Ground,
    reporter: Reporter,
    shutdown: CancellationToken,
    last: Mutex<Option<Job>>,
}

struct Job {
    kind: ViewsJobKind,
    stages: watch::Receiver<Stage>,
    outcome: Arc<Mutex<Option<anyhow::Result<Report>>>>,
    task: Option<JoinHandle<()>>,
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
        Arc::new(Self { ground, reporter, shutdown, last: Mutex::default() })
    }

    /// Stops what runs; a rebuild is gone on with later, where there is a later.
    pub(crate) async fn stop(&self) {
        self.shutdown.cancel();
        let task = self.last().as_mut().and_then(|job| job.task.take());
        if let Some(task) = task {
            // A panic in it was printed when it happened.
            let _ = task.await;
        }
    }

    fn last(&self) -> MutexGuard<'_, Option<Job>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, kind: ViewsJobKind, work: Work) -> Job {
        let (tell, stages) = watch::channel(Stage::default());
        let outcome = Arc::new(Mutex::new(None));
        let (ground, shutdown) = (self.ground.clone(), self.shutdown.clone());
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
            *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
        });
        Job { kind, stages, outcome, task: Some(task) }
    }
}

impl Operator for Jobs {
    fn start(&self, input: &ViewsJobInput) -> Result<ViewsJob, String> {
        let work = work(input)?;
        let mut last = self.last();
        if let Some(job) =
            last.as_ref().map(Job::told).filter(|it| it.state == ViewsJobState::Running)
        {
            return Err(format!(
                "a job is running already ({:?}); wait for it, or stop it",
                job.kind
            ));
        }
        let told = last.insert(self.begin(input.kind, work)).told();
        drop(last);
        Ok(told)
    }

    fn job(&self) -> Option<ViewsJob> {
        self.last().as_ref().map(Job::told)
    }

    fn instruct(
        &self,
        instruction: ViewsInstruction,
        throttle: Option<u32>,
    ) -> BoxFuture<'_, Result<String, String>> {
        let resumes = matches!(instruction, ViewsInstruction::ResumeRebuild);
        let refused = match throttle {
            Some(0) => Some("a throttle is at least 1 event a second"),
            Some(_) if !resumes => Some("a throttle goes with RESUME_REBUILD only"),
            Some(_) | None => None,
        };
        if let Some(refused) = refused {
            return Box::pin(ready(Err(refused.to_owned())));
        }
        let instruction = match instruction {
            ViewsInstruction::PauseRebuild => Instruction::PauseRebuild,
            ViewsInstruction::ResumeRebuild => Instruction::ResumeRebuild { throttle },
            ViewsInstruction::PauseProjector => Instruction::PauseProjector,
            ViewsInstruction::ResumeProjector => Instruction::ResumeProjector,
        };
        Box::pin(async move {
            let told = self.ground.instruct(instruction).await;
            told.map(str::to_owned).map_err(|error| format!("{error:#}"))
        })
    }

    fn system(&self) -> BoxFuture<'_, System> {
        Box::pin(self.reporter.system())
    }
}

impl Job {
    fn told(&self) -> ViewsJob {
        let Stage { phase, done, total, rate, seconds_left, waits_for } =
            self.stages.borrow().clone();
        let outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        let (state, text, report) = match &*outcome {
            None => (ViewsJobState::Running, None, None),
            Some(Err(error)) => (ViewsJobState::Failed, Some(format!("{error:#}")), None),
            Some(Ok(Report { text, json, differs })) => {
                let state = if *differs { ViewsJobState::Different } else { ViewsJobState::Done };
                (state, Some(text.clone()), Some(json.to_string()))
            }
        };
        drop(outcome);
        ViewsJob {
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

fn work(input: &ViewsJobInput) -> Result<Work, String> {
    let memory = input.memory.as_deref().map_or(Ok(MEMORY), str::parse)?.0;
    Ok(match input.kind {
        ViewsJobKind::Rebuild => Work::Rebuild {
            memory,
            throttle: input.throttle.filter(|most| *most > 0),
            verify: input.verify,
        },
        ViewsJobKind::Verify => Work::Verify { memory, all: input.all },
        ViewsJobKind::Cancel => Work::Cancel,
        ViewsJobKind::Rollback => Work::Rollback,
        ViewsJobKind::DropOld => Work::DropOld,
        ViewsJobKind::DropOrphans => Work::DropOrphans,
    })
}
