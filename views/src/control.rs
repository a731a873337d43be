//! The one document that says which generations there are and which of them is live.

mod change;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use event_log::{LogId, RecordId};

use crate::StoreError;

pub use self::change::ControlConflict;

/// How long a query relies on what it has read of the control document. A collection that is gone reads as empty, without
/// an error, so whoever drops a generation waits for longer than this after the control document has said so.
pub const READ_LEASE: Duration = Duration::from_secs(30);

/// A generation's number and a random tag, such as `5_k3f9`: in every collection name and checkpoint id, so that
/// a number that is used again after the database was dropped does no harm.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GenerationName(String);

impl GenerationName {
    /// The name of generation `number` under this tag (letters and digits).
    pub fn new(number: u64, tag: &str) -> Self {
        Self(format!("{number}_{tag}"))
    }

    /// Takes a stored name.
    pub fn stored(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GenerationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a generation is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GenerationState {
    /// A rebuild is filling it; nobody reads it.
    Filling,
    /// Projectors feed it; it may be live.
    Ready,
    /// Its collections are being removed.
    Dropping,
}

/// What an operator wants of the job that fills a generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DesiredState {
    /// Go on.
    Run,
    /// Wait.
    Pause,
    /// Give up and remove what was filled.
    Cancel,
}

/// Which program can feed and read a generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// The version of the folds: who has another one cannot feed.
    pub fold: u32,
    /// The version of the documents' shape: who has another one cannot read.
    pub shape: u32,
}

/// One complete set of views.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// Counts generations from 1.
    pub number: u64,
    /// Which log it is built from.
    pub log: LogId,
    /// What it is good for.
    pub state: GenerationState,
    /// Which program can use it.
    pub versions: Versions,
    /// The job that fills it, when one does.
    pub job: Option<String>,
    /// What an operator wants of that job.
    pub wish: DesiredState,
    /// The most events per second that the job may fold; none for no limit.
    pub throttle: Option<u32>,
    /// Events that are not taken in though this program could, because later records of the log skip them. Known from the
    /// generation's begin on, so that every job comes to the same documents; forgotten when it is filled, as the documents
    /// say it by then.
    pub skips: BTreeSet<RecordId>,
}

/// Which generations there are; every change is one compare-and-set on `rev`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// Raised by every change.
    pub rev: u64,
    /// Which log the views are of.
    pub log: LogId,
    /// The generation that queries read.
    pub live: GenerationName,
    /// The generation that a rollback would make live.
    pub previous: Option<GenerationName>,
    /// All generations.
    pub generations: BTreeMap<GenerationName, Generation>,
    /// Whether an operator wants projectors to wait: the views stay as they are, and commands go on.
    pub paused: bool,
}

impl Control {
    /// Refuses a program that can feed nothing here: one that follows another log, or whose folds or documents have
    /// another version than the live generation's.
    pub fn check_feeder(&self, log: LogId, versions: Versions) -> Result<(), StoreError> {
        self.check_reader(log, versions.shape)?;
        match self.live_versions() {
            Some(live) if live.fold != versions.fold => Err(StoreError::Unfit(format!(
                "generation {} of the views was folded by version {} of the folds, this program has version {}: queries \
                 go on with it, but nothing new comes into it. Run `sklep rebuild` with this program (`serve \
                 --rebuild-when-needed` does that by itself), or start the program that made it",
                self.live, live.fold, versions.fold
            ))),
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses a program that can read nothing here: one that follows another log, or knows another shape of the
    /// documents than the live generation's.
    pub fn check_reader(&self, log: LogId, shape: u32) -> Result<(), StoreError> {
        if self.log != log {
            return Err(StoreError::Unfit(format!(
                "the views were built from log {}, but the log that runs is {log} (it was deleted and begun again, or \
                 another one is named): name the right log, or run `sklep rebuild` to build the views from this one",
                self.log
            )));
        }
        match self.live_versions() {
            Some(live) if live.shape != shape => Err(StoreError::Unfit(format!(
                "the documents of generation {} of the views have shape {}, this program knows shape {shape}: it can \
                 neither feed nor read them, and answers no queries. Run `sklep rebuild` with this program (`serve \
                 --rebuild-when-needed` does that by itself), or start the program that made them",
                self.live, live.shape
            ))),
            Some(_) | None => Ok(()),
        }
    }

    fn live_versions(&self) -> Option<Versions> {
        self.generations.get(&self.live).map(|generation| generation.versions)
    }
}
