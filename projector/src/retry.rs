//! Taking in what waits in quarantine, by a program that can.
//!
//! It works on the live generation beside the projectors, as one more feeder: it claims the partition, and each piece is
//! a transaction that moves no checkpoint's place. What is taken in leaves the views as if it had never waited. While
//! it works, new events of the key wait behind the others.

mod batch;

use event_log::{EventLog, LogError, LogIdentity, RecordId};
use views::{CommitError, StoreError, ViewStore};

use crate::{backoff::Backoff, fold::VERSIONS};
use batch::{Outcome, RetryBatch};

/// Somebody else may feed the partition meanwhile: after so many pauses, two seconds each in the end, it is not that.
const MOST_SETBACKS: u32 = 30;

/// What a retry works with.
#[derive(Debug, Clone, Copy)]
pub struct Retry<'a> {
    /// The log.
    pub log: &'a dyn EventLog,
    /// Which log it is.
    pub identity: LogIdentity,
    /// The views.
    pub store: &'a dyn ViewStore,
    /// What this process calls itself in the checkpoints, for people who read them.
    pub instance: &'a str,
    /// Chance, for pauses.
    pub seed: u64,
}

/// What came of a retry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retried {
    /// How many events were taken in.
    pub taken: u64,
    /// Those that still cannot be, one for each partition in which the key is held up.
    pub left: Vec<StillBlocked>,
}

/// An event that still cannot be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StillBlocked {
    /// Where it stands.
    pub place: RecordId,
    /// Why not, for people.
    pub reason: String,
    /// How many events wait behind it.
    pub waiting: u64,
}

/// Why nothing more was taken in. What was taken in before stays so.
#[derive(Debug, thiserror::Error)]
pub enum RetryError {
    /// Nothing waits under that key.
    #[error("nothing is in quarantine under {0:?}")]
    NotParked(String),
    /// What waits was given up in part, by a program that could read more than the one that feeds the views.
    #[error(
        "offset {at} of the log skips an event that waits behind others: run `sklep rebuild`, which takes everything \
         in as the log says"
    )]
    SkipWaits {
        /// The record that skips it.
        at: u64,
    },
    /// Queries read the generation, and yet it is being filled.
    #[error("a rebuild fills the live generation of the views")]
    NotLive,
    /// The views cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was taken in could not be stored.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The log cannot be used.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl RetryError {
    /// Whether doing it again may help; that is safe after each.
    fn passes(&self) -> bool {
        match self {
            Self::Store(StoreError::Unavailable(_))
            | Self::Commit(CommitError::Stale | CommitError::Unavailable(_))
            | Self::Log(LogError::Unavailable(_)) => true,
            Self::NotParked(_)
            | Self::SkipWaits { .. }
            | Self::NotLive
            | Self::Store(
                StoreError::NotBuilt | StoreError::GenerationGone | StoreError::Unfit(_),
            )
            | Self::Commit(CommitError::Damaged(_))
            | Self::Log(LogError::Unfit(_)) => false,
        }
    }
}

impl Retry<'_> {
    /// Takes in what waits under this key, in every partition in which something does, up to the first event that
    /// still cannot be.
    pub async fn run(&self, key: &str) -> Result<Retried, RetryError> {
        let control = self.store.control().await?.ok_or(StoreError::NotBuilt)?;
        control.check_feeder(self.identity.id, VERSIONS)?;
        let parked = self.store.parked(&control.live).await?;
        let mut retried = Retried::default();
        let mut found = false;
        for parked in parked.iter().filter(|parked| parked.key == key) {
            found = true;
            let partition = parked.partition;
            let piece = RetryBatch { retry: self, generation: &control.live, partition, key };
            piece.check(parked).await?;
            self.drain(&piece, &mut retried).await?;
        }
        if found { Ok(retried) } else { Err(RetryError::NotParked(key.to_owned())) }
    }

    async fn drain(&self, piece: &RetryBatch<'_>, retried: &mut Retried) -> Result<(), RetryError> {
        let mut pauses = Backoff::new(self.seed);
        let mut setbacks: u32 = 0;
        loop {
            match piece.take_in().await {
                Ok(Outcome { taken, left, is_done }) => {
                    retried.taken = retried.taken.saturating_add(taken);
                    if is_done || left.is_some() {
                        retried.left.extend(left);
                        return Ok(());
                    }
                    setbacks = 0;
                    pauses.reset();
                }
                Err(error) if error.passes() && setbacks < MOST_SETBACKS => {
                    setbacks = setbacks.saturating_add(1);
                    tokio::time::sleep(pauses.next()).await;
                }
                Err(error) => return Err(error),
            }
        }
    }
}
