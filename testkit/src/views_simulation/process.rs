//! A simulated process: it can be paused and killed, and all it does passes by here.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, watch};

/// A process between its start and its end.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) name: String,
    state: Mutex<State>,
    /// Wakes those who wait in the order in which they came; a `watch` would do so at random.
    awoken: Notify,
    /// Raised by each commit, as a store does for its own process.
    pub(super) commits: watch::Sender<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Awake,
    Paused,
    Killed,
}

impl Process {
    pub(super) fn new(name: String) -> Arc<Self> {
        Arc::new(Self {
            name,
            state: Mutex::new(State::Awake),
            awoken: Notify::new(),
            commits: watch::Sender::default(),
        })
    }

    /// Nothing that it has begun goes on before this is over: no call is sent and no answer is heard.
    pub(super) async fn awake(&self) {
        while self.state() != State::Awake {
            self.awoken.notified().await;
        }
    }

    pub(super) fn pause(&self) {
        self.change(State::Awake, State::Paused);
    }

    pub(super) fn go_on(&self) {
        self.change(State::Paused, State::Awake);
        self.awoken.notify_waiters();
    }

    /// It hears and says nothing any more; what it has sent takes effect.
    pub(super) fn kill(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::Killed;
    }

    fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, from: State, to: State) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if *state == from {
            *state = to;
        }
    }
}
