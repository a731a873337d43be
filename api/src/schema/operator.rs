//! What an operator asks of the shop's own process.
//!
//! Views in memory can be reached by no other process, and neither can an embedded log while the shop runs. For all
//! others `sklep rebuild` and its like work beside the shop.

use std::{error::Error, fmt};

use async_graphql::{Enum, ID, InputObject, SimpleObject};
use futures::future::BoxFuture;
use serde::Deserialize;

pub use super::system::{
    ContractFinding, ContractSeverity, FeederReport, GenerationPart, GenerationReport, JobReport,
    LogReport, System, ViewsReport, WriterReport,
};

/// What an operator asks of the shop's own process.
pub trait Operator: fmt::Debug + Send + Sync {
    /// Begins a job on the views, unless one is running; what steers a rebuild begins beside it.
    fn start(&self, wish: &ViewsJobInput) -> Result<ViewsJob, JobRefused>;

    /// The job with this id, unless it is forgotten; without one, the job that runs, or began last.
    fn job(&self, id: Option<&str>) -> Option<ViewsJob>;

    /// Tells jobs and projectors what to do; a rebuild that goes on also the most events a second from now on.
    fn instruct(
        &self,
        instruction: ViewsInstruction,
        throttle: Option<u32>,
    ) -> BoxFuture<'_, Result<String, JobRefused>>;

    /// How the shop is.
    fn system(&self) -> BoxFuture<'_, System>;
}

/// Why an operator's wish was not taken up.
#[derive(Debug)]
pub enum JobRefused {
    /// It is wrong whenever it is asked.
    Wrong {
        /// The field at fault.
        field: &'static str,
        /// What is expected of it.
        expected: String,
    },
    /// It cannot be fulfilled now; the reason is told as it is.
    NotNow(String),
    /// Log or views do not answer; what they say reaches no client.
    Unavailable(Box<dyn Error + Send + Sync>),
}

/// What is to be done to the views.
#[derive(Debug, Clone, PartialEq, Eq, InputObject)]
pub struct ViewsJobInput {
    /// What.
    pub kind: ViewsJobKind,
    /// REBUILD and VERIFY: about how many bytes of memory it may take, such as 512MiB, which it is when absent.
    pub memory: Option<String>,
    /// REBUILD: the most events a second, 1 or more.
    pub throttle: Option<u32>,
    /// REBUILD: whether the new views are compared with the log before queries read them.
    #[graphql(default = true)]
    pub verify: bool,
    /// VERIFY: whether every difference is told, or the first 20.
    #[graphql(default)]
    pub all: bool,
}

/// A job on the views.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ViewsJobKind {
    /// Makes the views again beside the live ones, and then lets queries read the new ones.
    Rebuild,
    /// Gives a rebuild up.
    Cancel,
    /// Goes back to the views before the last rebuild.
    Rollback,
    /// Compares the views with the log.
    Verify,
    /// Removes the views that a rollback would go back to.
    DropOld,
    /// Removes what is stored of views that nobody knows any more.
    DropOrphans,
}

/// What jobs and projectors are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ViewsInstruction {
    /// The job of the rebuild waits.
    PauseRebuild,
    /// It goes on.
    ResumeRebuild,
    /// Projectors leave the views as they are.
    PauseProjector,
    /// They go on.
    ResumeProjector,
}

/// A job on the views and how it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct ViewsJob {
    /// Give it to `viewsJob` to hear of this job and no other.
    pub id: ID,
    /// What it does.
    pub kind: ViewsJobKind,
    /// Whether it has ended.
    pub state: ViewsJobState,
    /// What it does at the moment, in words; empty before it has begun.
    pub phase: String,
    /// Records taken in.
    pub done: String,
    /// Records to be taken in.
    pub all: String,
    /// Records taken in a second, lately.
    pub rate: String,
    /// At that rate.
    pub seconds_left: Option<i32>,
    /// What is in its way, when something is.
    pub waits_for: Option<String>,
    /// What it came to, in words; null while it runs.
    pub text: Option<String>,
    /// What it came to, as the JSON that the command line's `--json` prints; null while it runs and when it failed.
    pub report: Option<String>,
}

/// Whether a job has ended, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ViewsJobState {
    /// It goes on.
    Running,
    /// It did what it was to do.
    Done,
    /// It compared, and found a difference.
    Different,
    /// It did not; `text` says why.
    Failed,
}
