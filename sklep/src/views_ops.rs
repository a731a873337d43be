//! What an operator does to the views.
//!
//! The same is done beside a running shop, on its log and its MongoDB, and in the shop's own process, where views in
//! memory are.

mod generations;
mod instruct;
mod local;
mod remote;
mod target;
mod verify;

use std::{future::Future, num::NonZeroU32, sync::Arc};

use event_log::{EventLog, LogIdentity};
use projector::{Progress, RebuildSettings};
use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use views::{Phase, ViewStore};

use crate::{clock, stages::JobProgress};

pub(crate) use instruct::Instruction;
pub(crate) use local::Jobs;
pub(crate) use target::TargetArgs;

/// What is worked on.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) identity: LogIdentity,
    pub(crate) store: Arc<dyn ViewStore>,
    /// What this process calls itself, for people who read it.
    pub(crate) instance: String,
}

/// What takes a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ViewsTask {
    /// Makes the views again and lets queries read them.
    Rebuild {
        /// About how many bytes the documents in memory may take.
        memory: u64,
        /// The most events a second.
        throttle: Option<NonZeroU32>,
        /// Whether the new views are compared with the log before queries read them.
        verify: bool,
    },
    /// Tells the job of a rebuild that is in progress the most events a second.
    Throttle(NonZeroU32),
    /// Gives a rebuild up and removes what it has filled.
    Cancel,
    /// Goes back to the generation before.
    Rollback,
    /// Compares the views with the log.
    Verify {
        /// About how many bytes the comparison may take.
        memory: u64,
        /// Whether every difference is told, or the first few.
        all: bool,
    },
    /// Removes the generation that a rollback would go back to.
    DropOld,
    /// Removes what is stored of generations that nobody knows.
    DropOrphans,
}

/// What work came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TaskReport {
    /// For people.
    pub(crate) text: String,
    /// For programs.
    pub(crate) json: Value,
    /// Whether it checked something and found a difference.
    pub(crate) differs: bool,
}

impl TaskReport {
    fn of(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, differs: false }
    }
}

impl Context {
    /// Does the work, and says how far it is. Stops soon when told so; what stops a rebuild is gone on with by the next.
    pub(crate) async fn work(
        &self,
        work: ViewsTask,
        stages: &watch::Sender<JobProgress>,
        shutdown: &CancellationToken,
    ) -> anyhow::Result<TaskReport> {
        match work {
            ViewsTask::Rebuild { memory, throttle, verify } => {
                let settings = self.settings(memory, throttle, verify);
                generations::rebuild(self, settings, stages, shutdown).await
            }
            ViewsTask::Rollback => {
                let settings = self.settings(0, None, false);
                generations::rollback(self, settings, stages, shutdown).await
            }
            ViewsTask::Verify { memory, all } => {
                verify::verify(self, memory, all, stages, shutdown).await
            }
            ViewsTask::Throttle(most) => unless(shutdown, generations::throttle(self, most)).await,
            ViewsTask::Cancel => unless(shutdown, generations::cancel(self)).await,
            ViewsTask::DropOld => unless(shutdown, generations::drop_old(self, stages)).await,
            ViewsTask::DropOrphans => unless(shutdown, generations::drop_orphans(self)).await,
        }
    }

    fn settings(&self, memory: u64, throttle: Option<NonZeroU32>, verify: bool) -> RebuildSettings {
        let job = clock::mint().simple().to_string();
        RebuildSettings {
            instance: self.instance.clone(),
            tag: job.chars().take(5).collect(),
            job,
            seed: clock::mint().as_u64_pair().0,
            memory,
            throttle: throttle.map(NonZeroU32::get),
            at_once: cores(),
            verify,
        }
    }
}

/// What is expected of a throttle, wherever it is given.
pub(crate) const A_THROTTLE: &str =
    "it is how many events a second, 1 or more and at most 2,147,483,647";

/// A throttle as it is typed.
pub(crate) fn throttle(text: &str) -> Result<NonZeroU32, &'static str> {
    // The API's whole numbers are no larger.
    let number: i32 = text.parse().map_err(|_none| A_THROTTLE)?;
    u32::try_from(number).ok().and_then(NonZeroU32::new).ok_or(A_THROTTLE)
}

/// How many partitions are worked on at a time.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

async fn unless(
    shutdown: &CancellationToken,
    work: impl Future<Output = anyhow::Result<TaskReport>>,
) -> anyhow::Result<TaskReport> {
    let done = shutdown.run_until_cancelled(work).await;
    done.unwrap_or_else(|| Err(anyhow::anyhow!("interrupted; the same command goes on with it")))
}

/// Hands on how far a job is, until it has ended.
async fn relay(mut told: watch::Receiver<Progress>, stages: &watch::Sender<JobProgress>) {
    while told.changed().await.is_ok() {
        let stage = stage(&told.borrow_and_update());
        stages.send_replace(stage);
    }
}

fn stage(progress: &Progress) -> JobProgress {
    let Progress { phase, done, total, rate, seconds_left, waits_for, .. } = progress;
    let paused = (*phase == Phase::Paused).then(|| GOES_ON.to_owned());
    JobProgress {
        phase: phase_name(*phase).into(),
        done: *done,
        total: *total,
        rate: *rate,
        seconds_left: *seconds_left,
        waits_for: paused.or_else(|| waits_for.clone()),
    }
}

/// What lets a paused rebuild go on.
pub(crate) const GOES_ON: &str = "`sklep rebuild --resume` lets it go on";

/// What a job does, for people.
pub(crate) fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Filling => "filling",
        Phase::Indexing => "indexing",
        Phase::CatchingUp => "catching up",
        Phase::Verifying => "verifying",
        // What is left is handing over to a projector, and removing what is too old to roll back to.
        Phase::Flipped => "flipped",
        Phase::Cancelled => "cancelled",
        Phase::Paused => "paused",
    }
}
