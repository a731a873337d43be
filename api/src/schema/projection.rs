//! How far the read model is.

use async_graphql::{Enum, SimpleObject};
use event_log::Timestamp;

use super::scalar::{Decimal, Position, count};

#[derive(SimpleObject)]
pub(super) struct Projection {
    name: &'static str,
    generation: u64,
    state: ProjectionState,
    /// Events not yet folded in, over all partitions.
    lag: String,
    /// How many seconds the oldest of them has waited; 0 when there are none.
    lag_seconds: i32,
    position: Position,
    /// How many customers and products have an event in quarantine, behind which their later events wait.
    parked: i32,
    rebuild: Option<RebuildProgress>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum ProjectionState {
    Live,
    CatchingUp,
    Rebuilding,
    Verifying,
    Paused,
    Failed,
}

#[derive(SimpleObject)]
pub(super) struct RebuildProgress {
    generation: u64,
    /// Null when the job has not said so yet.
    phase: Option<RebuildPhase>,
    percent: Decimal,
    events_per_second: i32,
    seconds_left: Option<i32>,
}

/// What the job of a rebuild does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "query::Phase")]
pub(super) enum RebuildPhase {
    Filling,
    Indexing,
    CatchingUp,
    Verifying,
    Flipped,
    Cancelled,
    Paused,
}

impl Projection {
    /// A view as it is at this moment.
    pub(super) fn of(found: query::Projection, now: Timestamp) -> Self {
        let since = found.waiting_since.map_or(now.0, |since| since.0);
        let waited = now.0.saturating_sub(since).max(0).checked_div(1_000).unwrap_or_default();
        Self {
            name: found.name,
            generation: found.generation,
            state: match found.state {
                query::ProjectionState::Live => ProjectionState::Live,
                query::ProjectionState::CatchingUp => ProjectionState::CatchingUp,
                query::ProjectionState::Rebuilding => ProjectionState::Rebuilding,
                query::ProjectionState::Verifying => ProjectionState::Verifying,
                query::ProjectionState::Paused => ProjectionState::Paused,
                query::ProjectionState::Failed => ProjectionState::Failed,
            },
            lag: found.lag.to_string(),
            lag_seconds: i32::try_from(waited).unwrap_or(i32::MAX),
            position: Position(found.position.into()),
            parked: count(found.parked),
            rebuild: found.rebuild.as_ref().map(RebuildProgress::of),
        }
    }
}

impl RebuildProgress {
    fn of(found: &query::Rebuild) -> Self {
        let tenths = found.per_mille();
        let whole = tenths.checked_div(10).unwrap_or_default();
        let part = tenths.checked_rem(10).unwrap_or_default();
        Self {
            generation: found.generation,
            phase: found.phase.map(Into::into),
            percent: Decimal::shown(format!("{whole}.{part}")),
            events_per_second: count(found.rate),
            seconds_left: found.seconds_left().map(count),
        }
    }
}
