//! How far each view is.

use event_log::{LogError, Offset, Partition, Position, Timestamp};
use futures::future::try_join_all;
use views::{Control, Heartbeat, Phase, View};

use crate::{Failure, control::Live, queries::Sources};

/// How many records behind the end of the log a view is called catching up; less is the ordinary delay between an
/// event and its batch.
const CATCHING_UP: u64 = 1_000;

/// What a view is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProjectionState {
    /// It follows the log.
    Live,
    /// It follows the log and is far from its end.
    CatchingUp,
    /// It follows the log, and a new generation of it is being filled.
    Rebuilding,
    /// It follows the log, and a new generation of it is being compared with the log.
    Verifying,
    /// An operator wants it to stay as it is.
    Paused,
    /// It stands at an event that it cannot take.
    Failed,
}

/// How far a view is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    /// Which view.
    pub name: &'static str,
    /// The number of the generation that queries read.
    pub generation: u64,
    /// What it is doing.
    pub state: ProjectionState,
    /// Records of the log not yet folded in, over all partitions.
    pub lag: u64,
    /// When the oldest of them was stored; none when there are none.
    pub waiting_since: Option<Timestamp>,
    /// How far it is.
    pub position: Position,
    /// Of how many customers and products an event waits in quarantine.
    pub parked: u64,
    /// The rebuild that is in progress.
    pub rebuild: Option<Rebuild>,
}

/// A rebuild that is in progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuild {
    /// The number of the generation that is being filled.
    pub generation: u64,
    /// What its job does; none when nobody has said so yet.
    pub phase: Option<Phase>,
    /// Records taken in.
    pub done: u64,
    /// Records to be taken in.
    pub total: u64,
    /// Records taken in a second, lately.
    pub rate: u64,
}

impl Rebuild {
    /// The rebuild that control knows of, and what its job says of itself.
    pub fn of(control: &Control, beats: &[Heartbeat]) -> Option<Self> {
        let (name, generation) = control.filling()?;
        let of_job = |beat: &&Heartbeat| {
            beat.generation == *name && Some(&beat.job) == generation.job.as_ref()
        };
        let beat = beats.iter().find(of_job);
        Some(Self {
            generation: generation.number,
            phase: beat.map(|beat| beat.phase),
            done: beat.map_or(0, |beat| beat.done),
            total: beat.map_or(0, |beat| beat.total),
            rate: beat.map_or(0, |beat| beat.rate),
        })
    }

    /// How much of the log is taken in, in tenths of a percent.
    pub fn per_mille(&self) -> u64 {
        let done = self.done.min(self.total).saturating_mul(1_000);
        done.checked_div(self.total).unwrap_or_default()
    }

    /// How many seconds the rest takes at this rate; none when nothing goes on.
    pub fn seconds_left(&self) -> Option<u64> {
        self.total.saturating_sub(self.done).checked_div(self.rate)
    }
}

pub(crate) async fn all(sources: &Sources, live: &Live) -> Result<Vec<Projection>, Failure> {
    let reached = sources.progress.now(live).await?;
    let position = reached.seen;
    let behind = Partition::all(sources.log.partitions())
        .map(|partition| behind(sources, partition, position.seen(partition)));
    let behind = try_join_all(behind).await?;
    let lag = behind.iter().map(|(lag, _)| *lag).fold(0, u64::saturating_add);
    let waiting_since = behind.into_iter().filter_map(|(_, since)| since).min();
    let rebuild = match live.control.filling() {
        Some(_) => Rebuild::of(&live.control, &sources.beats().await?),
        None => None,
    };
    let state = match live.older {
        Some(_) if rebuild.is_none() => ProjectionState::Failed,
        Some(_) | None => state(sources, &live.control, rebuild.as_ref(), lag),
    };
    let generation = live.control.generations.get(live.generation());
    let generation = generation.map_or(0, |generation| generation.number);
    let of = |view: View| Projection {
        name: view.name(),
        generation,
        state,
        lag,
        waiting_since,
        position: position.clone(),
        parked: reached.parked,
        rebuild: rebuild.clone(),
    };
    Ok(View::OF_THE_SHOP.map(of).into())
}

/// How many records of the partition stand behind the view's end, and when the first of them was stored.
async fn behind(
    sources: &Sources,
    partition: Partition,
    at: Offset,
) -> Result<(u64, Option<Timestamp>), LogError> {
    let lag = sources.log.end(partition).await?.saturating_sub(at);
    if lag == 0 {
        return Ok((0, None));
    }
    let first = sources.log.read(partition, at, 1).await?;
    Ok((lag, first.first().map(|stored| Timestamp(stored.record.timestamp))))
}

fn state(
    sources: &Sources,
    control: &Control,
    rebuild: Option<&Rebuild>,
    lag: u64,
) -> ProjectionState {
    let phase = rebuild.map(|rebuild| rebuild.phase);
    match (&sources.stopped, phase) {
        (Some(stopped), _) if stopped() => ProjectionState::Failed,
        _ if control.paused => ProjectionState::Paused,
        (_, Some(Some(Phase::Verifying))) => ProjectionState::Verifying,
        (_, Some(_)) => ProjectionState::Rebuilding,
        (_, None) if lag > CATCHING_UP => ProjectionState::CatchingUp,
        (_, None) => ProjectionState::Live,
    }
}
