//! The role: a feeder for each partition of the live generation, whichever that is.

mod supervisor;

use std::sync::{Arc, Mutex, PoisonError};

use event_log::{EventLog, LogIdentity};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use views::ViewStore;

use self::supervisor::Supervisor;
use crate::{Status, context::Context, status::StatusBoard};

/// What the projector is told by whoever starts it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What this process calls itself in the checkpoints, for people who read them.
    pub instance: String,
    /// Random letters and digits that no other process has: names of jobs, and of generations that are begun.
    pub tag: String,
    /// Chance, for pauses.
    pub seed: u64,
    /// How many bytes the documents in memory may take while views are built, about.
    pub memory: u64,
    /// How many partitions are filled at a time while views are built: as many as there are cores.
    pub at_once: usize,
    /// Whether views that this program cannot feed are rebuilt by itself: those of another version of the folds or of the
    /// documents' shape, and those of another log.
    pub rebuild_when_needed: bool,
}

impl Settings {
    /// 512 MiB of documents, two partitions at a time, and nothing rebuilt without being asked.
    pub fn new(instance: impl Into<String>, tag: impl Into<String>, seed: u64) -> Self {
        Self {
            instance: instance.into(),
            tag: tag.into(),
            seed,
            memory: 512 << 20,
            at_once: 2,
            rebuild_when_needed: false,
        }
    }
}

/// The running projector of this process.
#[derive(Debug)]
pub struct Projector {
    board: Arc<StatusBoard>,
    shutdown: CancellationToken,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Projector {
    /// Starts to feed every partition, and goes on until `shutdown` or [`Projector::stop`]. Views that were never built
    /// are built first. Needs a tokio runtime.
    pub fn start(
        log: Arc<dyn EventLog>,
        identity: LogIdentity,
        store: Arc<dyn ViewStore>,
        settings: Settings,
        shutdown: &CancellationToken,
    ) -> Self {
        let board = Arc::new(StatusBoard::new(identity.partitions));
        let shutdown = shutdown.child_token();
        let ground = Context { log, identity, store };
        let following = Supervisor::new(ground, settings, Arc::clone(&board), shutdown.clone());
        let task = Mutex::new(Some(tokio::spawn(following.run())));
        Self { board, shutdown, task }
    }

    /// How it is.
    pub fn status(&self) -> Status {
        self.board.status()
    }

    /// Whether it has ended by a fault of this program.
    pub fn is_broken(&self) -> bool {
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        !self.shutdown.is_cancelled() && task.as_ref().is_some_and(JoinHandle::is_finished)
    }

    /// Finishes the batches at hand and leaves.
    pub async fn stop(&self) {
        self.shutdown.cancel();
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            // A panic in it was printed when it happened.
            let _ = task.await;
        }
    }
}
