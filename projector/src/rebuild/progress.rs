//! How far a rebuild is, for people.

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use event_log::Partition;
use tokio::sync::watch;
use views::{Checkpoint, GenerationName, Heartbeat, Mode, Phase};

/// How far a rebuild is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Which generation is being made; none before one was begun.
    pub generation: Option<GenerationName>,
    /// Its number.
    pub number: u64,
    /// What is being done.
    pub phase: Phase,
    /// Records taken in.
    pub done: u64,
    /// Records to be taken in.
    pub total: u64,
    /// Records a second, lately.
    pub rate: u64,
    /// How many seconds the filling still takes at that rate, when that can be said.
    pub seconds_left: Option<u64>,
    /// What the rebuild waits for, when something is in its way that may pass.
    pub waits_for: Option<String>,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            generation: None,
            number: 0,
            phase: Phase::Filling,
            done: 0,
            total: 0,
            rate: 0,
            seconds_left: None,
            waits_for: None,
        }
    }
}

/// Counts what a job does, and tells it.
#[derive(Debug)]
pub(crate) struct ProgressCounter {
    told: watch::Sender<Progress>,
    /// What is being done, or would be but for a pause.
    phase: Mutex<Phase>,
    /// Records taken in by anybody, since the generation was begun.
    done: AtomicU64,
    /// Records taken in by this job.
    taken: AtomicU64,
    beats: AtomicU64,
    /// What was done when the rate was last looked at.
    looked: AtomicU64,
}

impl ProgressCounter {
    pub(crate) fn new(told: watch::Sender<Progress>) -> Self {
        let zero = AtomicU64::default;
        Self {
            told,
            phase: Mutex::new(Phase::Filling),
            done: zero(),
            taken: zero(),
            beats: zero(),
            looked: zero(),
        }
    }

    /// Tells which generation is being made.
    pub(crate) fn begins(&self, generation: &GenerationName, number: u64) {
        self.told.send_modify(|it| {
            it.generation = Some(generation.clone());
            it.number = number;
            it.waits_for = None;
        });
    }

    /// Tells what is being done.
    pub(crate) fn phase(&self, phase: Phase) {
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner) = phase;
        if phase == Phase::Verifying {
            // It begins at the log's begin again, and says soon how far it has to go.
            self.goes_on_from(0, 0);
        }
        let done = self.done.load(Ordering::Relaxed);
        self.told.send_modify(|it| {
            it.phase = phase;
            it.done = done.min(it.total);
            it.rate = 0;
            it.seconds_left = None;
            it.waits_for = None;
        });
    }

    /// Tells whether the job waits because an operator wants it to.
    pub(crate) fn pauses(&self, paused: bool) {
        let working = *self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        let phase = if paused { Phase::Paused } else { working };
        self.told.send_if_modified(|it| {
            let news = it.phase != phase;
            it.phase = phase;
            news
        });
    }

    pub(crate) fn waits_for(&self, reason: &str) {
        self.told.send_modify(|it| it.waits_for = Some(reason.to_owned()));
    }

    /// Takes in how far the fill is by its checkpoints.
    pub(crate) fn spans(&self, checkpoints: &BTreeMap<Partition, Checkpoint>) {
        let to = |it: &Checkpoint| match it.mode {
            Mode::Fill { to } => to,
            Mode::Live => it.at,
        };
        let done = checkpoints.values().map(|it| it.at).fold(0, u64::saturating_add);
        let total = checkpoints.values().map(to).fold(0, u64::saturating_add);
        self.goes_on_from(done, total);
    }

    fn goes_on_from(&self, done: u64, total: u64) {
        self.done.store(done, Ordering::Relaxed);
        self.looked.store(done, Ordering::Relaxed);
        self.told.send_modify(|it| (it.done, it.total) = (done, total));
    }

    /// Tells how far the check is.
    pub(crate) fn checked(&self, done: u64, total: u64) {
        self.done.store(done, Ordering::Relaxed);
        self.told.send_modify(|it| (it.done, it.total) = (done, total));
    }

    /// Tells that nothing is left to check.
    pub(crate) fn checked_all(&self) {
        let total = self.told.borrow().total;
        self.checked(total, total);
    }

    /// There is more to fill than it seemed.
    pub(crate) fn grows(&self, records: u64) {
        self.told.send_modify(|it| it.total = it.total.saturating_add(records));
    }

    /// Takes in that so many records more are in the documents.
    pub(crate) fn took(&self, records: u64) {
        self.done.fetch_add(records, Ordering::Relaxed);
        self.taken.fetch_add(records, Ordering::Relaxed);
    }

    /// How many records this job took in.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// What the job says of itself now, about a second after it did so last.
    pub(crate) fn beat(&self, generation: &GenerationName, job: &str, instance: &str) -> Heartbeat {
        let done = self.done.load(Ordering::Relaxed);
        let lately = done.saturating_sub(self.looked.swap(done, Ordering::Relaxed));
        self.told.send_modify(|it| {
            it.done = done.min(it.total);
            // Half of it is new each second, so that the figure is calm.
            it.rate =
                if it.rate == 0 { lately } else { it.rate.saturating_add(lately).div_ceil(2) };
            let left = it.total.saturating_sub(it.done);
            it.seconds_left = left.checked_div(it.rate);
        });
        let count = self.beats.fetch_add(1, Ordering::Relaxed);
        let told = self.told.borrow();
        Heartbeat {
            generation: generation.clone(),
            job: job.to_owned(),
            instance: instance.to_owned(),
            count,
            phase: told.phase,
            done: told.done,
            total: told.total,
            rate: told.rate,
        }
    }
}
