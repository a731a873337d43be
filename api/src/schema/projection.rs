//! How far the read model is.

use async_graphql::{Enum, SimpleObject};

use super::scalar::{Decimal, Position};

#[derive(SimpleObject)]
pub(super) struct Projection {
    name: &'static str,
    generation: u64,
    state: ProjectionState,
    /// Events not yet folded in, over all partitions.
    lag: String,
    position: Position,
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
    percent: Decimal,
    events_per_second: i32,
    seconds_left: Option<i32>,
}

impl From<query::Projection> for Projection {
    fn from(found: query::Projection) -> Self {
        Self {
            name: found.name,
            generation: found.generation,
            state: match found.state {
                query::State::Live => ProjectionState::Live,
                query::State::CatchingUp => ProjectionState::CatchingUp,
                query::State::Failed => ProjectionState::Failed,
            },
            lag: found.lag.to_string(),
            position: Position(found.position),
            rebuild: None,
        }
    }
}
