//! Whether the views are what the log says.
//!
//! The log is replayed on one side, what is stored is read on the other, both up to the same place, and each view comes
//! to a digest that does not depend on the order of its documents. Where the digests differ, the documents of the parts
//! that differ are compared one by one. The shop may go on selling meanwhile.

mod compare;
mod digest;
mod replay;
mod scan;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use event_log::{EventLog, LogError, LogIdentity, Offset, Partition, Position, older_copy};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use views::{GenerationName, Parked, ReleasedBy, ScanError, StoreError, View, ViewStore};

use self::{
    digest::Sums,
    replay::{Replay, ReplayProgress},
    scan::Scanned,
};
use crate::{cache::Bounds, fold::VERSIONS, partition::Stop};

pub use self::{
    compare::{Difference, DifferenceKind, FieldDifference},
    digest::ViewDigest,
};

/// How often all is compared when differences come and go: whoever edits views by hand, or heals them, gets in between.
const TRIES: usize = 3;

/// What a check is told by whoever starts it.
#[derive(Debug, Clone)]
pub struct VerifySettings {
    /// How many bytes the documents in memory may take, about.
    pub memory: u64,
    /// How many partitions are replayed at a time: as many as there are cores.
    pub at_once: usize,
    /// Which generation; none for the live one.
    pub generation: Option<GenerationName>,
    /// Whether every difference is told, and not only the first [`FIRST_DIFFERENCES`].
    pub all: bool,
}

/// How many differences are told unless all are wanted.
pub const FIRST_DIFFERENCES: usize = 20;

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verified {
    /// Records replayed.
    pub done: u64,
    /// Records to be replayed, as far as that is known.
    pub total: u64,
}

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Which generation was looked at.
    pub generation: GenerationName,
    /// Up to where.
    pub position: Position,
    /// What was stored of each view.
    pub views: Vec<ViewDigest>,
    /// The keys in quarantine: what waits for them is in no view.
    pub parked: Vec<Parked>,
    /// Where what is stored is not what the log says; none when all is equal.
    pub differences: Vec<Difference>,
}

/// Why nothing can be said of the views.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The views cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Something in the log is not as it must be.
    #[error("the check stopped: {0}")]
    Stopped(String),
    /// The views were changed again and again while they were compared.
    #[error("the views differ from the log now here, now there: somebody changes them")]
    Moving,
    /// This process is to end.
    #[error("the check was interrupted")]
    ShutDown,
}

impl From<ScanError> for VerifyError {
    fn from(error: ScanError) -> Self {
        match error {
            ScanError::Store(error) => Self::Store(error),
            ScanError::Expired => Self::Store(StoreError::Unavailable(Box::new(error))),
        }
    }
}

impl From<Stop> for VerifyError {
    fn from(stop: Stop) -> Self {
        Self::Stopped(stop.to_string())
    }
}

/// Compares the stored views of a generation with a replay of the log. Changes nothing.
pub async fn verify(
    log: &Arc<dyn EventLog>,
    identity: LogIdentity,
    store: &Arc<dyn ViewStore>,
    settings: VerifySettings,
    progress: watch::Sender<Verified>,
    shutdown: &CancellationToken,
) -> Result<Verdict, VerifyError> {
    let check = async {
        let generation = generation(&**store, identity, settings.generation.as_ref()).await?;
        let checkpoints = store.checkpoints(&generation).await?;
        let places = checkpoints.iter().map(|(partition, it)| it.followed(*partition)).collect();
        if let Some(older) = older_copy(&**log, places).await? {
            return Err(StoreError::Unfit(older.to_string()).into());
        }
        let check = Check {
            log: Arc::clone(log),
            identity,
            store: Arc::clone(store),
            generation,
            settings,
            pace: Arc::default(),
            progress,
        };
        check.run().await
    };
    shutdown.run_until_cancelled(Box::pin(check)).await.unwrap_or(Err(VerifyError::ShutDown))
}

/// The generation that is to be looked at. Only its own program knows what must be in it.
async fn generation(
    store: &dyn ViewStore,
    identity: LogIdentity,
    wanted: Option<&GenerationName>,
) -> Result<GenerationName, VerifyError> {
    let control = match wanted {
        // It may be the first one, which is being built.
        Some(_) => store.find_control().await?,
        None => store.control().await?,
    };
    let control = control.ok_or(StoreError::NotBuilt)?;
    let name = wanted.unwrap_or(&control.live);
    let generation = control.generations.get(name).ok_or(StoreError::GenerationGone)?;
    if generation.log != identity.id {
        control.check_reader(identity.id, generation.versions.shape)?;
    }
    let theirs = generation.versions;
    if theirs != VERSIONS {
        return Err(VerifyError::Stopped(format!(
            "generation {name} has version {} of the folds and shape {}, this program has {} and {}: only the program \
             that made it knows what must be in it",
            theirs.fold, theirs.shape, VERSIONS.fold, VERSIONS.shape
        )));
    }
    Ok(name.clone())
}

/// A check under way.
#[derive(Debug)]
struct Check {
    log: Arc<dyn EventLog>,
    identity: LogIdentity,
    store: Arc<dyn ViewStore>,
    generation: GenerationName,
    settings: VerifySettings,
    pace: Arc<ReplayProgress>,
    progress: watch::Sender<Verified>,
}

impl Check {
    async fn run(&self) -> Result<Verdict, VerifyError> {
        for _ in 0..TRIES {
            let mut found = Sums::default();
            let scanned = self.scan(&mut |view, stored| found.add(view, stored)).await?;
            let parked = self.parked().await?;
            let mut known = known(&parked);
            let replayed = self.replay(&scanned, &known, Sums::default).await?;
            let mut expected = Sums::default();
            for (partition, skips, sums) in replayed {
                known.entry(partition).or_default().skips = skips;
                expected = expected.with(sums);
            }
            let parts = expected.differing(&found);
            let differences = self.differences(&parts, &known).await?;
            if parts.is_empty() || !differences.is_empty() {
                return Ok(Verdict {
                    generation: self.generation.clone(),
                    position: self.position(&scanned),
                    views: found.digests(),
                    parked: parked.into_iter().filter(|it| it.lasting().is_some()).collect(),
                    differences,
                });
            }
        }
        Err(VerifyError::Moving)
    }

    /// Every key that is or was in quarantine.
    async fn parked(&self) -> Result<Vec<Parked>, VerifyError> {
        let mut all = Vec::new();
        for partition in Partition::all(self.identity.partitions) {
            all.extend(self.store.parked_in(&self.generation, partition).await?);
        }
        Ok(all)
    }

    fn position(&self, scanned: &Scanned) -> Position {
        let mut position = Position::start(self.identity.id);
        for (partition, bounds) in &scanned.bounds {
            position.see(*partition, bounds.end());
        }
        position
    }

    /// Replays every partition, a few at a time, and gives what each came to.
    async fn replay<T: replay::DocumentSink>(
        &self,
        scanned: &Scanned,
        known: &BTreeMap<Partition, Known>,
        new: impl Fn() -> T + Clone + Send + 'static,
    ) -> Result<Vec<(Partition, BTreeSet<Offset>, T)>, VerifyError> {
        let total = scanned.bounds.values().map(Bounds::end).fold(0, u64::saturating_add);
        self.pace.done.store(0, Ordering::Relaxed);
        self.pace.total.store(total, Ordering::Relaxed);
        self.progress.send_replace(Verified { done: 0, total });
        let at_once = self.settings.at_once.max(1);
        let share = self.settings.memory.checked_div(u64::try_from(at_once).unwrap_or(1));
        let mut waiting = scanned.bounds.iter();
        let (mut running, mut all) = (tokio::task::JoinSet::new(), Vec::new());
        loop {
            while running.len() < at_once
                && let Some((partition, bounds)) = waiting.next()
            {
                let replay = Replay {
                    log: Arc::clone(&self.log),
                    partition: *partition,
                    currency: self.identity.settings.currency,
                    bounds: bounds.clone(),
                    known: known.get(partition).cloned().unwrap_or_default(),
                    memory: share.unwrap_or_default(),
                    pace: Arc::clone(&self.pace),
                };
                running.spawn(replay.run(new.clone()));
            }
            match running.join_next().await {
                None => return Ok(all),
                Some(Ok(done)) => all.push(done?),
                Some(Err(ended)) => return Err(VerifyError::Stopped(ended.to_string())),
            }
            let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
            let (done, total) = (count(&self.pace.done), count(&self.pace.total));
            self.progress.send_replace(Verified { done, total });
        }
    }
}

/// What is known in advance of a partition's events.
#[derive(Debug, Clone, Default)]
struct Known {
    /// Those that block their keys, and why.
    blocked: BTreeMap<Offset, String>,
    /// Those that later records skip, though this program could take them in.
    skips: BTreeSet<Offset>,
}

/// The events that must have blocked their key, because they did so in the views. What a later program has taken in
/// has not.
fn known(parked: &[Parked]) -> BTreeMap<Partition, Known> {
    let mut known: BTreeMap<Partition, Known> = BTreeMap::new();
    for parked in parked {
        let episodes = parked.episodes.iter().filter(|episode| {
            episode.released.is_none_or(|release| release.by == ReleasedBy::Skip)
        });
        let blocked = episodes.map(|it| (it.blocked, it.reason.clone()));
        known.entry(parked.partition).or_default().blocked.extend(blocked);
    }
    known
}

/// A view's part, as digests tell them apart.
type ViewPart = (View, usize);
