//! What all resolvers answer from, and what each request brings.

use std::sync::Arc;

use async_graphql::{Context, Result};
use command::Commands;
use domain::{CommandId, Currency};
use query::ReadSession;
use uuid::Uuid;

use super::{
    failure::{absent, of_query},
    operator::Operator,
    scalar::Position,
};
use crate::metrics::Counters;

/// What all resolvers answer from.
#[derive(Debug)]
pub(crate) struct ResolverContext {
    pub(crate) commands: Option<Arc<Commands>>,
    pub(crate) currency: Currency,
    pub(crate) mint: IdGenerator,
    pub(crate) counters: Arc<Counters>,
    pub(crate) operator: Option<Arc<dyn Operator>>,
}

/// Mints the ids that nobody else has given; the clock and chance that it needs are the edge's.
pub(crate) type IdGenerator = fn() -> Uuid;

/// What the request's headers say about where it comes from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trace {
    pub(crate) correlation_id: Option<CommandId>,
    pub(crate) causation_id: Option<CommandId>,
}

/// Who decides commands in this process.
pub(super) fn commands(shop: &ResolverContext) -> Result<&Commands> {
    let absent =
        || absent("takes no commands: send mutations to the one that has the role command");
    shop.commands.as_deref().ok_or_else(absent)
}

pub(super) fn shop<'a>(ctx: &Context<'a>) -> &'a ResolverContext {
    ctx.data_unchecked::<Arc<ResolverContext>>()
}

/// Who does what an operator asks.
pub(super) fn operator<'a>(ctx: &Context<'a>) -> Result<&'a dyn Operator> {
    shop(ctx).operator.as_deref().ok_or_else(|| absent("is not run by operators"))
}

/// The request's view of the views.
pub(super) fn reading<'a>(ctx: &Context<'a>) -> Result<&'a ReadSession> {
    let reading = ctx.data_opt::<Arc<ReadSession>>();
    reading
        .map(|reading| &**reading)
        .ok_or_else(|| absent("answers no queries: ask one that has the role query"))
}

/// The same, when it is as far as is asked.
pub(super) async fn reading_at<'a>(
    ctx: &Context<'a>,
    at_least: Option<Position>,
) -> Result<&'a ReadSession> {
    let reading = reading(ctx)?;
    if let Some(position) = at_least {
        reading.at_least(position.0.needs()).await.map_err(|failure| of_query(&failure))?;
    }
    Ok(reading)
}
