//! Work that a running shop does itself.

use std::time::Duration;

use anyhow::{Context as _, bail};
use api::operator::{ViewsJob, ViewsJobState};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Instruction, TaskReport, ViewsTask};
use crate::{client::ShopClient, stages::JobProgress};

/// Between two questions how far it is.
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(250);

macro_rules! job_fields {
    () => {
        "{ id kind state phase done all rate secondsLeft waitsFor text report }"
    };
}

const START: &str = concat!(
    "mutation ($input: ViewsJobInput!) { job: startViewsJob(input: $input) ",
    job_fields!(),
    " }"
);
const ASK: &str = concat!("query ($id: ID!) { job: viewsJob(id: $id) ", job_fields!(), " }");
const INSTRUCT: &str = "mutation ($instruction: ViewsInstruction!) { \
     told: instructViews(instruction: $instruction) }";
/// Older shops know of no throttle here.
const INSTRUCT_THROTTLED: &str = "mutation ($instruction: ViewsInstruction!, $throttle: Int) { \
     told: instructViews(instruction: $instruction, throttle: $throttle) }";

#[derive(Deserialize)]
struct Started {
    job: ViewsJob,
}

#[derive(Deserialize)]
struct Answer {
    job: Option<ViewsJob>,
}

#[derive(Deserialize)]
struct Told {
    told: String,
}

/// Lets the shop do it, and waits until it is done.
pub(super) async fn work(
    shop: &ShopClient,
    work: ViewsTask,
    stages: &watch::Sender<JobProgress>,
    shutdown: &CancellationToken,
) -> anyhow::Result<TaskReport> {
    let Started { mut job } = shop.ask(START, &json!({ "input": input(work) })).await?;
    let id = job.id.clone();
    loop {
        stages.send_replace(stage(&job));
        let (text, report) = (job.text.unwrap_or_default(), job.report.unwrap_or_default());
        match job.state {
            ViewsJobState::Running => {}
            ViewsJobState::Failed => bail!(text),
            state @ (ViewsJobState::Done | ViewsJobState::Different) => {
                let differs = state == ViewsJobState::Different;
                return Ok(TaskReport { text, json: serde_json::from_str(&report)?, differs });
            }
        }
        let pause = tokio::time::sleep(BETWEEN_QUESTIONS);
        if shutdown.run_until_cancelled(pause).await.is_none() {
            bail!("the shop goes on with it by itself; `sklep status` shows how far it is");
        }
        job = shop.ask::<Answer>(ASK, &json!({ "id": id })).await?.job.context(
            "the shop does not know this job any more, so it was started anew meanwhile: `sklep status` shows how the \
             views are, and the same command begins again",
        )?;
    }
}

/// Lets the shop tell it.
pub(super) async fn instruct(
    shop: &ShopClient,
    instruction: Instruction,
) -> anyhow::Result<String> {
    let (instruction, throttle) = match instruction {
        Instruction::PauseRebuild => ("PAUSE_REBUILD", None),
        Instruction::ResumeRebuild { throttle } => ("RESUME_REBUILD", throttle),
        Instruction::PauseProjector => ("PAUSE_PROJECTOR", None),
        Instruction::ResumeProjector => ("RESUME_PROJECTOR", None),
    };
    let told: Told = match throttle {
        None => shop.ask(INSTRUCT, &json!({ "instruction": instruction })).await?,
        Some(throttle) => {
            let variables = json!({ "instruction": instruction, "throttle": throttle });
            shop.ask(INSTRUCT_THROTTLED, &variables).await?
        }
    };
    Ok(told.told)
}

fn input(work: ViewsTask) -> Value {
    let memory = |bytes: u64| bytes.to_string();
    match work {
        ViewsTask::Rebuild { memory: bytes, throttle, verify } => json!({
            "kind": "REBUILD", "memory": memory(bytes), "throttle": throttle, "verify": verify,
        }),
        ViewsTask::Verify { memory: bytes, all } => {
            json!({ "kind": "VERIFY", "memory": memory(bytes), "all": all })
        }
        ViewsTask::Throttle(most) => json!({ "kind": "REBUILD", "throttle": most }),
        ViewsTask::Cancel => json!({ "kind": "CANCEL" }),
        ViewsTask::Rollback => json!({ "kind": "ROLLBACK" }),
        ViewsTask::DropOld => json!({ "kind": "DROP_OLD" }),
        ViewsTask::DropOrphans => json!({ "kind": "DROP_ORPHANS" }),
    }
}

fn stage(job: &ViewsJob) -> JobProgress {
    let number = |text: &str| text.parse().unwrap_or_default();
    JobProgress {
        phase: job.phase.clone(),
        done: number(&job.done),
        total: number(&job.all),
        rate: number(&job.rate),
        seconds_left: job.seconds_left.and_then(|seconds| u64::try_from(seconds).ok()),
        waits_for: job.waits_for.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::is_taken;

    #[test]
    fn what_is_asked_is_within_the_shops_limits() {
        is_taken(START, &json!({ "input": { "kind": "REBUILD", "throttle": 5 } }));
        is_taken(ASK, &json!({ "id": "x" }));
        is_taken(INSTRUCT, &json!({ "instruction": "PAUSE_REBUILD" }));
        is_taken(INSTRUCT_THROTTLED, &json!({ "instruction": "PAUSE_REBUILD", "throttle": 5 }));
    }
}
