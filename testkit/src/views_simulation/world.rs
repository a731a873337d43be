//! All that is simulated.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use event_log::{LogId, LogIdentity, LogSettings, MemoryLog};
use rand::rngs::Xoshiro256PlusPlus;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Fault, audit::Audit, call_outcomes::FaultRates, database::Database,
    reference_model::ReferenceModel,
};
use crate::simulation::Trace;

/// A fixed generator, so that a seed means the same everywhere and for ever.
pub(super) type Chance = Xoshiro256PlusPlus;

pub(super) const IDENTITY: LogIdentity =
    LogIdentity { id: LogId(Uuid::from_u128(77)), partitions: 2, settings: LogSettings::USUAL };

/// The database, the truth about it, and chance.
pub(super) struct World {
    inner: Mutex<Inner>,
    pub(super) log: Arc<MemoryLog>,
    pub(super) begun: Instant,
}

pub(super) struct Inner {
    pub(super) database: Database,
    pub(super) truth: ReferenceModel,
    pub(super) audit: Audit,
    pub(super) weather: FaultRates,
    pub(super) chance: Chance,
    pub(super) fault: Option<Fault>,
    pub(super) notes: Trace,
    /// Calls that are under way.
    pub(super) under_way: usize,
    /// Steps that took effect.
    pub(super) steps: usize,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").finish_non_exhaustive()
    }
}

impl World {
    pub(super) fn new(chance: Chance, fault: Option<Fault>, notes: Trace) -> Arc<Self> {
        let inner = Inner {
            database: Database::default(),
            truth: ReferenceModel::default(),
            audit: Audit::default(),
            weather: FaultRates::CALM,
            chance,
            fault,
            notes,
            under_way: 0,
            steps: 0,
        };
        Arc::new(Self {
            inner: Mutex::new(inner),
            log: Arc::new(MemoryLog::new(IDENTITY.partitions)),
            begun: Instant::now(),
        })
    }

    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        act(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A number of chance below this one.
    pub(super) fn below(&self, bound: u64) -> u64 {
        use rand::RngExt as _;

        self.with(|inner| inner.chance.random_range(0..bound))
    }

    pub(super) fn note(&self, line: impl FnOnce() -> String) {
        let at = self.begun.elapsed().as_millis();
        self.with(|inner| inner.notes.add(|| format!("{at:>7} {}", line())));
    }

    pub(super) fn fault(&self) -> Option<projector::Fault> {
        match self.with(|inner| inner.fault) {
            Some(Fault::Planted(fault)) => Some(fault),
            Some(Fault::NoCompareAndSet | Fault::FillWithoutLast) | None => None,
        }
    }
}

impl Inner {
    pub(super) fn violated(&mut self, what: impl Into<String>) {
        let what = what.into();
        self.notes.add(|| format!("        VIOLATION: {what}"));
        self.audit.violations.push(what);
    }
}
