//! How far each view is.

use event_log::{Partition, Position};
use futures::future::try_join_all;

use crate::{Failure, control::Live, queries::Sources};

/// The views that are shown. All are fed together, so that each is as far as the others.
const NAMES: [&str; 5] = ["customers", "purchases", "products", "prices", "sales"];

/// How many records behind the end of the log a view is called catching up; less is the ordinary delay between an
/// event and its batch.
const CATCHING_UP: u64 = 1_000;

/// What a view is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It follows the log.
    Live,
    /// It follows the log and is far from its end.
    CatchingUp,
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
    pub state: State,
    /// Records of the log not yet folded in, over all partitions.
    pub lag: u64,
    /// How far it is.
    pub position: Position,
}

pub(crate) async fn all(sources: &Sources, live: &Live) -> Result<Vec<Projection>, Failure> {
    let position = sources.progress.now(live).await?;
    let ends = Partition::all(sources.log.partitions())
        .map(|partition| async move { Ok((partition, sources.log.end(partition).await?)) });
    let ends: Vec<_> = try_join_all(ends).await.map_err(|error: event_log::LogError| error)?;
    let lag = ends
        .into_iter()
        .map(|(partition, end)| end.saturating_sub(position.seen(partition)))
        .fold(0, u64::saturating_add);
    let state = match &sources.stopped {
        Some(stopped) if stopped() => State::Failed,
        Some(_) | None if lag > CATCHING_UP => State::CatchingUp,
        Some(_) | None => State::Live,
    };
    let generation = live.control.generations.get(live.generation());
    let generation = generation.map_or(0, |generation| generation.number);
    let of = |name| Projection { name, generation, state, lag, position: position.clone() };
    Ok(NAMES.map(of).into())
}
