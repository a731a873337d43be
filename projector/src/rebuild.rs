//! Making the views again beside the live ones, and exchanging the two.
//!
//! What is safe about it rests on the order of few steps, each whole or not at all, and none of them on who does it or
//! how often (`docs/adr/0010-rebuild-beside-the-live-views.md`). So a job that is killed is gone on with, two jobs at
//! once only do their work twice, and everything here begins by reading what is there.

mod begin;
mod catch_up;
mod check;
mod faults;
mod filling;
mod handoff;
mod job;
mod operator;
mod progress;
mod removal;
mod restart;
mod rollback;
mod throttle;

use std::{collections::BTreeSet, sync::Arc};

use event_log::{EventLog, LogError, LogIdentity, OlderCopy, RecordId};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use views::{Control, ControlConflict, GenerationName, StoreError, Versions, ViewStore};

use crate::{fold::VERSIONS, verify::Verdict};

#[cfg(feature = "planted-faults")]
pub use self::faults::{Fault, drop_orphans_with, drop_previous_with, rebuild_with};
#[cfg(test)]
pub(crate) use self::throttle::Limits;
pub(crate) use self::{
    faults::Faults,
    job::{Job, WantedBy},
    progress::ProgressCounter,
    removal::remove,
    throttle::Throttle,
};
pub use self::{
    operator::{cancel, pause_projectors, resume, throttle, wish},
    progress::Progress,
    removal::{LEASED, drop_orphans, drop_previous, orphans},
    rollback::rollback,
};

/// What a rebuild is told by whoever starts it.
#[derive(Debug, Clone)]
pub struct RebuildSettings {
    /// What this process calls itself, for people who read it.
    pub instance: String,
    /// The job's own name, which no other job has.
    pub job: String,
    /// Random letters and digits, for the name of a generation that is begun.
    pub tag: String,
    /// Chance, for pauses.
    pub seed: u64,
    /// How many bytes the documents in memory may take, about.
    pub memory: u64,
    /// The most events a second that are filled in; none for as many as can be, or as control says already.
    pub throttle: Option<u32>,
    /// How many partitions are filled at a time: as many as there are cores.
    pub at_once: usize,
    /// Whether the new generation is compared with the log before queries read it.
    pub verify: bool,
}

/// What a rebuild came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// The generation that is live now.
    pub generation: GenerationName,
    /// Records of the log that this job took in.
    pub records: u64,
    /// The generation that has become live in its place meanwhile, when one has.
    pub superseded_by: Option<GenerationName>,
    /// Generations that nobody wants any more, and that a projector removes as soon as no query can read them.
    pub left: Vec<GenerationName>,
}

/// What a rollback came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolledBack {
    /// The generation that it made live.
    pub generation: GenerationName,
    /// The generation that has become live in its place meanwhile, when one has.
    pub superseded_by: Option<GenerationName>,
}

/// Why there is no rebuild.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// Control does not allow it now.
    #[error(transparent)]
    NotNow(#[from] ControlConflict),
    /// An operator has cancelled it.
    #[error("the rebuild was cancelled, and what it had filled is removed")]
    Cancelled,
    /// Somebody has removed all views meanwhile.
    #[error("the views were removed while they were rebuilt; run `sklep rebuild` to begin anew")]
    Removed,
    /// This process is to end.
    #[error("the rebuild was interrupted; `sklep rebuild` goes on with it")]
    ShutDown,
    /// The views cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log cannot be used.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Something in the log or the views is not as it must be.
    #[error("the rebuild stopped: {0}")]
    Stopped(String),
    /// An operator gave up events that this program has taken in, since it can read them: the views must be made again
    /// without them, as those of the earlier program were. A job does so by itself.
    #[error("later records of the log skip {} events that were taken in, or would be", .0.len())]
    Skipped(BTreeSet<RecordId>),
    /// The generation was made of a newer log than this one.
    #[error(transparent)]
    OlderCopy(#[from] OlderCopy),
    /// The generation to go back to is another program's.
    #[error(
        "generation {generation} has version {} of the folds and shape {}, this program has {} and {}: only the program \
         that made it can bring it up to date, so run `sklep rollback` with that one", theirs.fold, theirs.shape,
         VERSIONS.fold, VERSIONS.shape
    )]
    OtherVersions {
        /// Which generation.
        generation: GenerationName,
        /// Whose it is.
        theirs: Versions,
    },
    /// The new generation is not what the log says; queries never read it.
    #[error(
        "{} documents or more of generation {} are not what the log says, so that queries keep what they have. `sklep \
         rebuild --cancel` removes it; please report this, since it ought not to happen",
        .0.differences.len(), .0.generation
    )]
    Differs(Box<Verdict>),
}

/// Makes the views again from the log, beside the live ones, and then lets queries read the new ones. Goes on with a
/// rebuild whose job has gone silent. A store or log that does not answer is waited for.
pub async fn rebuild(
    log: &Arc<dyn EventLog>,
    identity: LogIdentity,
    store: &Arc<dyn ViewStore>,
    settings: RebuildSettings,
    progress: watch::Sender<Progress>,
    shutdown: &CancellationToken,
) -> Result<Rebuilt, RebuildError> {
    let job = Job::asked_for(log, identity, store, settings, progress, Faults::default());
    job.run(shutdown).await
}

/// What control says of a generation that a job works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ownership {
    /// It is this job's to fill.
    Ours,
    /// Queries read it, or did.
    Ready,
    /// Queries did, and it is to be removed since others have taken its place.
    Superseded,
    /// It is to be removed.
    Unwanted,
    /// Another job fills it, or control does not know it any more.
    Lost,
}

impl Ownership {
    fn of(control: &Control, name: &GenerationName, job: &str) -> Self {
        use views::{DesiredState, GenerationState};

        let Some(generation) = control.generations.get(name) else { return Self::Lost };
        match (generation.state, generation.wish) {
            (GenerationState::Ready, _) => Self::Ready,
            (GenerationState::Filling, _) if generation.job.as_deref() != Some(job) => Self::Lost,
            // Who has filled it up has left it.
            (GenerationState::Dropping, _) if generation.job.is_none() => Self::Superseded,
            (GenerationState::Dropping, _) | (GenerationState::Filling, DesiredState::Cancel) => {
                Self::Unwanted
            }
            (GenerationState::Filling, DesiredState::Run | DesiredState::Pause) => Self::Ours,
        }
    }
}
