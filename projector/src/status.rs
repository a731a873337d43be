//! How the projector is, for people and for `/readyz`.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use event_log::{Offset, Partition, RecordId};
use views::GenerationName;

/// How the projector is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The generation that is fed; none before the store was reached.
    pub generation: Option<GenerationName>,
    /// Each partition, in order.
    pub partitions: Vec<PartitionStatus>,
}

/// How one partition's projection is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionStatus {
    /// Which partition.
    pub partition: Partition,
    /// The offset of the next record to take in, as far as this process knows.
    pub at: Offset,
    /// Whether it goes on.
    pub state: FeedState,
}

/// Whether a partition's projection goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedState {
    /// It folds what comes.
    Running,
    /// It cannot now and tries again by itself.
    Waiting {
        /// What it waits for.
        reason: String,
    },
    /// An operator wants it to leave the views as they are.
    Paused,
    /// It cannot go on until somebody mends what is wrong.
    Stopped {
        /// What is wrong, and where.
        reason: String,
    },
}

impl Status {
    /// Why the views fall behind, unless every partition runs.
    pub fn trouble(&self) -> Option<String> {
        self.partitions.iter().find_map(|it| match &it.state {
            FeedState::Running | FeedState::Paused => None,
            FeedState::Waiting { reason } | FeedState::Stopped { reason } => {
                Some(format!("partition {}: {reason}", it.partition))
            }
        })
    }

    /// Whether a partition will not go on until somebody mends what is wrong.
    pub fn stopped(&self) -> bool {
        self.partitions.iter().any(|it| matches!(it.state, FeedState::Stopped { .. }))
    }
}

/// Where the feeders write how they are. Says in the log when that changes, once and not for each partition.
#[derive(Debug)]
pub(crate) struct StatusBoard {
    status: Mutex<Status>,
    revs: Mutex<BTreeMap<Partition, u64>>,
    skipped: Mutex<Option<RecordId>>,
}

impl StatusBoard {
    pub(crate) fn new(partitions: u16) -> Self {
        let state = FeedState::Waiting { reason: "the projector starts".into() };
        let status = |partition| PartitionStatus { partition, at: 0, state: state.clone() };
        let partitions = Partition::all(partitions).map(status).collect();
        let status = Mutex::new(Status { generation: None, partitions });
        Self { status, revs: Mutex::default(), skipped: Mutex::default() }
    }

    pub(crate) fn status(&self) -> Status {
        self.lock().clone()
    }

    pub(crate) fn feeds(&self, generation: &GenerationName) {
        self.lock().generation = Some(generation.clone());
    }

    /// The `rev` of the partition's checkpoint as this process left it; none before it has.
    pub(crate) fn rev(&self, partition: Partition) -> Option<u64> {
        self.revs.lock().unwrap_or_else(PoisonError::into_inner).get(&partition).copied()
    }

    /// Leaves open what this process has left, until it feeds again.
    pub(crate) fn forget_revs(&self) {
        self.revs.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// An event that a feeder found skipped after it was taken in, which is why it stopped.
    pub(crate) fn skipped(&self) -> Option<RecordId> {
        *self.skipped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn finds_skipped(&self, place: RecordId) {
        *self.skipped.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
    }

    pub(crate) fn runs(&self, partition: Partition, at: Offset, rev: u64) {
        self.revs.lock().unwrap_or_else(PoisonError::into_inner).insert(partition, rev);
        self.change(partition, |status| {
            status.at = at;
            status.state = FeedState::Running;
        });
    }

    pub(crate) fn waits(&self, partition: Partition, reason: &str) {
        self.change(partition, |it| it.state = FeedState::Waiting { reason: reason.to_owned() });
    }

    pub(crate) fn stops(&self, partition: Partition, reason: &str) {
        tracing::error!(%partition, reason, "the projection of a partition stopped");
        self.change(partition, |it| it.state = FeedState::Stopped { reason: reason.to_owned() });
    }

    /// What the projector does before there is anything to feed; nothing is wrong with that.
    pub(crate) fn prepares(&self, what: &str) {
        let state = FeedState::Waiting { reason: what.to_owned() };
        let mut status = self.lock();
        let news = status.partitions.iter().any(|it| it.state != state);
        status.partitions.iter_mut().for_each(|it| it.state = state.clone());
        drop(status);
        if news {
            tracing::info!("{what}");
        }
    }

    /// For what concerns the store as a whole.
    pub(crate) fn all(&self, state: &FeedState) {
        let mut status = self.lock();
        let news = status.partitions.iter().any(|it| it.state != *state);
        status.partitions.iter_mut().for_each(|it| it.state = state.clone());
        drop(status);
        match state {
            FeedState::Waiting { reason } if news => tracing::warn!(reason, "the projector waits"),
            FeedState::Stopped { reason } if news => {
                tracing::error!(reason, "the projector stopped");
            }
            FeedState::Paused if news => {
                tracing::info!("the projector leaves the views as they are");
            }
            FeedState::Running
            | FeedState::Paused
            | FeedState::Waiting { .. }
            | FeedState::Stopped { .. } => {}
        }
    }

    fn change(&self, partition: Partition, change: impl FnOnce(&mut PartitionStatus)) {
        let mut status = self.lock();
        let before = waiting(&status);
        if let Some(it) = status.partitions.iter_mut().find(|it| it.partition == partition) {
            change(it);
        }
        let after = waiting(&status);
        drop(status);
        match (before, after) {
            (None, Some(reason)) => tracing::warn!(reason, "the projector waits"),
            (Some(_), None) => tracing::info!("the projector runs"),
            (None, None) | (Some(_), Some(_)) => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn waiting(status: &Status) -> Option<String> {
    status.partitions.iter().find_map(|it| match &it.state {
        FeedState::Waiting { reason } => Some(reason.clone()),
        FeedState::Running | FeedState::Paused | FeedState::Stopped { .. } => None,
    })
}
