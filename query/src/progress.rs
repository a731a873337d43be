//! How far a generation is.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use event_log::{LogId, Partition, Position};
use tokio::{
    sync::{Semaphore, watch},
    time::{Instant, sleep},
};
use views::{GenerationName, ViewReader};

use crate::{
    Failure,
    control::{Live, LiveGeneration},
};

/// How long to wait before checkpoints are read again when no feeder of this process has reported a commit: the
/// feeder may be another process. Short beside what a person notices, long beside a read (about 1 ms).
const AGAIN_AFTER: Duration = Duration::from_millis(20);

/// Checkpoints, read by one at a time and only when the last known ones are too low.
#[derive(Debug)]
pub(crate) struct Progress {
    reader: Arc<dyn ViewReader>,
    commits: watch::Receiver<u64>,
    known: Mutex<Option<KnownProgress>>,
    /// Whose turn it is to read; one at a time, so that a hundred waiting requests cost one read.
    turn: Semaphore,
}

/// Checkpoints of one generation.
#[derive(Debug, Clone)]
pub(crate) struct KnownProgress {
    generation: GenerationName,
    /// When the read was sent.
    read: Instant,
    pub(crate) seen: Position,
    /// How many keys are in quarantine.
    pub(crate) parked: u64,
    partitions: BTreeSet<Partition>,
}

impl Progress {
    pub(crate) fn new(reader: Arc<dyn ViewReader>) -> Self {
        let commits = reader.commits();
        Self { reader, commits, known: Mutex::new(None), turn: Semaphore::new(1) }
    }

    /// How far the generation is now.
    pub(crate) async fn now(&self, live: &Live) -> Result<KnownProgress, Failure> {
        self.read_since(live, Instant::now()).await
    }

    /// How far the generation is known to be, without asking.
    pub(crate) fn known(&self, live: &Live) -> Position {
        let known = self.last_read(live);
        known.map_or_else(|| Position::start(live.control.log), |known| known.seen)
    }

    /// Waits until the generation has taken in what `wanted` has seen.
    pub(crate) async fn reach(
        &self,
        live: &Live,
        pointer: &LiveGeneration,
        wanted: &Position,
    ) -> Result<(), Failure> {
        if self.known(live).covers(wanted) {
            return Ok(());
        }
        let mut commits = self.commits.clone();
        loop {
            // A commit after this line wakes the wait below, so that none is missed.
            commits.mark_unchanged();
            let known = self.read_since(live, Instant::now()).await?;
            if known.seen.covers(wanted) {
                return Ok(());
            }
            if !wanted.iter().all(|(partition, _)| known.partitions.contains(&partition)) {
                pointer.poll().await?;
            }
            if pointer.has_moved_from(live.generation()) {
                return Err(Failure::Moved);
            }
            tokio::select! {
                // In this order always, so that a simulation can be repeated.
                biased;
                changed = commits.changed() => if changed.is_err() { sleep(AGAIN_AFTER).await },
                () = sleep(AGAIN_AFTER) => {}
            }
        }
    }

    /// Checkpoints by a read that was sent at `since` or later; whoever finds that another has sent one takes that.
    async fn read_since(&self, live: &Live, since: Instant) -> Result<KnownProgress, Failure> {
        // The semaphore is never closed; without a turn the read would only be one too many.
        let _turn = self.turn.acquire().await;
        if let Some(known) = self.last_read(live).filter(|known| known.read >= since) {
            return Ok(known);
        }
        let known = self.read(live.generation(), live.control.log).await?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }

    fn last_read(&self, live: &Live) -> Option<KnownProgress> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().filter(|known| known.generation == *live.generation()).cloned()
    }

    async fn read(
        &self,
        generation: &GenerationName,
        log: LogId,
    ) -> Result<KnownProgress, Failure> {
        let read = Instant::now();
        let checkpoints = self.reader.checkpoints(generation).await?;
        let mut seen = Position::start(log);
        for (partition, checkpoint) in &checkpoints {
            seen.see(*partition, checkpoint.at);
        }
        let parked = checkpoints.values().map(|it| it.parked).fold(0, u64::saturating_add);
        let partitions = checkpoints.into_keys().collect();
        Ok(KnownProgress { generation: generation.clone(), read, seen, parked, partitions })
    }
}
