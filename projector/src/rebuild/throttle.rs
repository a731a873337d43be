//! What holds a rebuild back: an operator's wish to wait, and the most events a second.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

/// Parts of a second in which a throttle is kept: short enough to be even, long enough to be worth a batch.
const PARTS: u32 = 4;

/// Every batch passes here before it is taken in.
#[derive(Debug)]
pub(crate) struct Throttle {
    held: Mutex<Held>,
    /// Wakes those who wait in the order in which they came, so that a simulation can be repeated.
    changed: Notify,
}

#[derive(Debug)]
struct Held {
    wished: Limits,
    /// When the next batch may pass.
    next: Instant,
}

/// What is wished of the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Limits {
    pub(crate) paused: bool,
    /// The most events a second.
    pub(crate) throttle: Option<u32>,
}

impl Throttle {
    pub(crate) fn new() -> Self {
        let held = Held { wished: Limits::default(), next: Instant::now() };
        Self { held: Mutex::new(held), changed: Notify::new() }
    }

    /// From now on this is wished.
    pub(crate) fn set(&self, wished: Limits) {
        let mut held = self.held();
        if held.wished != wished {
            // What was owed to another throttle is forgotten.
            *held = Held { wished, next: Instant::now() };
            drop(held);
            self.changed.notify_waiters();
        }
    }

    /// The most events that may pass at once, of so many that could.
    pub(crate) fn at_most(&self, most: usize) -> usize {
        let throttle = self.held().wished.throttle;
        let part = throttle.map(|it| it.checked_div(PARTS).unwrap_or_default().max(1));
        part.and_then(|part| usize::try_from(part).ok()).map_or(most, |part| part.min(most))
    }

    /// Waits until somebody wishes the job to wait.
    pub(crate) async fn closed(&self) {
        self.until(|wished| wished.paused).await;
    }

    /// Waits until nobody wishes the job to wait.
    pub(crate) async fn open(&self) {
        self.until(|wished| !wished.paused).await;
    }

    /// Waits until so many events may be taken in.
    pub(crate) async fn pass(&self, events: usize) {
        loop {
            self.open().await;
            // Made before looking, so that no change is missed.
            let changed = self.changed.notified();
            let Some(due) = self.reserve(events) else { return };
            tokio::select! {
                biased;
                () = sleep_until(due) => return,
                () = changed => {}
            }
        }
    }

    /// When so many events may be taken in; none for at once.
    fn reserve(&self, events: usize) -> Option<Instant> {
        let mut held = self.held();
        let throttle = held.wished.throttle?;
        let events = u64::try_from(events).unwrap_or(u64::MAX);
        let micros = events.saturating_mul(1_000_000).checked_div(throttle.max(1).into());
        let takes = Duration::from_micros(micros.unwrap_or_default());
        let due = held.next.max(Instant::now());
        held.next = due.checked_add(takes).unwrap_or(due);
        drop(held);
        Some(due)
    }

    async fn until(&self, holds: impl Fn(Limits) -> bool) {
        loop {
            let changed = self.changed.notified();
            if holds(self.held().wished) {
                return;
            }
            changed.await;
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_more_pass_in_a_second_than_is_wished() {
        let gate = Throttle::new();
        gate.set(Limits { paused: false, throttle: Some(1_000) });
        assert_eq!(gate.at_most(5_000), 250);
        let begun = Instant::now();
        for _ in 0..41 {
            gate.pass(250).await;
        }
        assert_eq!(begun.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_a_slow_throttle_hears_of_a_faster_one() {
        let gate = Throttle::new();
        gate.set(Limits { paused: false, throttle: Some(1) });
        gate.pass(3_600).await;
        let begun = Instant::now();
        tokio::join!(gate.pass(1), async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            gate.set(Limits { paused: false, throttle: None });
        });
        assert_eq!(begun.elapsed().as_secs(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_passes_while_the_job_is_to_wait() {
        let gate = Throttle::new();
        gate.set(Limits { paused: true, throttle: None });
        let begun = Instant::now();
        tokio::join!(gate.pass(1), async {
            tokio::time::sleep(Duration::from_mins(1)).await;
            gate.set(Limits::default());
        });
        assert_eq!(begun.elapsed().as_secs(), 60);
    }
}
