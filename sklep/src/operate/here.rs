//! Work that this process does itself while it serves, for `--server`.

mod job;
mod recent;

use std::{
    fmt,
    future::ready,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use api::operator::{Operator, System, ViewsInstruction, ViewsJob, ViewsJobInput, ViewsJobKind};
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use self::{job::Job, recent::Recent};
use super::{Ground, Instruction, Work};
use crate::{size::Bytes, status::Reporter};

/// What a job may take when nobody says: what the command line says too.
const MEMORY: Bytes = Bytes(512 << 20);

/// The jobs of this process: one at a time, and beside it one that steers a rebuild.
pub(crate) struct Jobs {
    ground: Ground,
    reporter: Reporter,
    shutdown: CancellationToken,
    recent: Mutex<Recent>,
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

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Operator for Jobs {
    fn start(&self, input: &ViewsJobInput) -> Result<ViewsJob, String> {
        let asked = work(input)?;
        // Held until it has begun, so that no other begins meanwhile.
        let mut recent = self.recent();
        let work = recent.beside_what_runs(asked);
        if let Some(job) = recent.in_the_way(work) {
            return Err(job.is_in_the_way());
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
