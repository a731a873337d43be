//! Giving up an event that holds up its customer or product.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Result, SimpleObject};
use command::{CommandRequest, SkipOutcome, SkipRequest};
use domain::InvalidInput;
use event_log::{EventSkipped, Partition, RecordId};

use crate::schema::{
    context::{ResolverContext, commands},
    failure,
    rejection::Rejection,
    scalar::Position,
};

/// Longer than any id that a key may be.
const LONGEST_NAME: usize = 200;
const LONGEST_REASON: usize = 500;

#[derive(Debug, InputObject)]
pub(super) struct SkipEventInput {
    /// The key of the event's record: the id of the customer or product that it holds up.
    key: String,
    partition: i32,
    /// A whole number.
    offset: String,
    /// Who gives it up.
    by: String,
    /// Why, for whoever reads the log later.
    reason: String,
}

/// Either it is skipped, now or (`repeated`) before, or `rejection` is set.
#[derive(SimpleObject)]
pub(super) struct SkipEventPayload {
    /// Give it as `atLeast` to read views that heed it.
    position: Option<Position>,
    repeated: bool,
    rejection: Option<Rejection>,
}

pub(super) async fn skip_event(
    ctx: &Context<'_>,
    input: &SkipEventInput,
) -> Result<SkipEventPayload> {
    let shop = ctx.data_unchecked::<Arc<ResolverContext>>();
    let skip = match input.parse() {
        Ok(skip) => skip,
        Err(rejection) => return Ok(rejected(rejection)),
    };
    let (key, offset) = (skip.key.clone(), skip.place.offset);
    let commands = commands(shop)?;
    let order = SkipRequest { skip, event_id: (shop.mint)(), within: CommandRequest::WITHIN };
    let answer = commands.skip(order).await.map_err(|failure| failure::of_command(&failure))?;
    Ok(match answer {
        SkipOutcome::Skipped { position, repeated } => {
            SkipEventPayload { position: Some(Position(position)), repeated, rejection: None }
        }
        SkipOutcome::NotParked { held_by } => {
            rejected(Rejection::not_parked(&key, offset, held_by))
        }
    })
}

impl SkipEventInput {
    fn parse(&self) -> Result<EventSkipped, Rejection> {
        let whole = || InvalidInput::new("it is a whole number, 0 or more");
        let partition = u16::try_from(self.partition)
            .map_err(|_not_one| Rejection::invalid("partition", &whole()))?;
        let offset =
            self.offset.parse().map_err(|_not_one| Rejection::invalid("offset", &whole()))?;
        Ok(EventSkipped {
            place: RecordId { partition: Partition(partition), offset },
            key: self.key.clone(),
            by: words("by", &self.by, LONGEST_NAME)?,
            reason: words("reason", &self.reason, LONGEST_REASON)?,
        })
    }
}

fn words(field: &'static str, text: &str, longest: usize) -> Result<String, Rejection> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > longest || text.contains(char::is_control) {
        let expected = format!("it is 1 to {longest} characters, none of them a control character");
        return Err(Rejection::invalid(field, &InvalidInput::new(expected)));
    }
    Ok(text.to_owned())
}

fn rejected(rejection: Rejection) -> SkipEventPayload {
    SkipEventPayload { position: None, repeated: false, rejection: Some(rejection) }
}
