//! Mutations: from input to order to answer.

mod input;
mod skip;

use std::sync::Arc;

use async_graphql::{Context, Object, OutputType, Result, SimpleObject};
use command::{CommandOutcome, CommandRequest};
use event_log::{Position as LogPosition, Token};

use self::{
    input::{CreateCustomerInput, PriceProductInput, PurchaseProductInput},
    skip::{SkipEventInput, SkipEventPayload},
};
use super::{
    context::{ResolverContext, Trace, commands, operator},
    event::{CustomerCreated, FromEnvelope, ProductPriced, ProductPurchased},
    failure,
    operator::{ViewsInstruction, ViewsJob, ViewsJobInput},
    rejection::{CommandKind, Rejection},
    scalar::Position,
};

/// What can be wished for.
pub(crate) struct Mutation;

#[Object]
impl Mutation {
    /// Registers a customer.
    async fn create_customer(
        &self,
        ctx: &Context<'_>,
        input: CreateCustomerInput,
    ) -> Result<Payload<CustomerCreated>> {
        submit(ctx, |shop| input.parse(shop)).await
    }

    /// Puts a product on sale, or changes its price.
    async fn price_product(
        &self,
        ctx: &Context<'_>,
        input: PriceProductInput,
    ) -> Result<Payload<ProductPriced>> {
        submit(ctx, |shop| input.parse(shop)).await
    }

    /// Buys a product at its current price.
    async fn purchase_product(
        &self,
        ctx: &Context<'_>,
        input: PurchaseProductInput,
    ) -> Result<Payload<ProductPurchased>> {
        submit(ctx, |shop| input.parse(shop)).await
    }

    /// For operators: gives up an event that cannot be taken in and holds up its customer or product, by a record in the
    /// log. What stands behind it takes its turn. Whoever reads the log leaves it out from then on, for ever.
    async fn skip_event(
        &self,
        ctx: &Context<'_>,
        input: SkipEventInput,
    ) -> Result<SkipEventPayload> {
        skip::skip_event(ctx, &input).await
    }

    /// Begins a job on the views in this process, unless one is running; `viewsJob` tells how it is. While a rebuild runs,
    /// `CANCEL` gives it up, and `REBUILD` with a `throttle` tells it the most events a second. For the people who run the
    /// shop.
    #[expect(clippy::unused_async, reason = "every field of the schema is asked so")]
    async fn start_views_job(&self, ctx: &Context<'_>, input: ViewsJobInput) -> Result<ViewsJob> {
        let started = operator(ctx)?.start(&input);
        started.map_err(|refused| failure::of_operator(&refused))
    }

    /// Tells the jobs and projectors of these views what to do, in whatever process they are; answers what was told.
    /// `throttle` with `RESUME_REBUILD`: the most events a second from now on.
    async fn instruct_views(
        &self,
        ctx: &Context<'_>,
        instruction: ViewsInstruction,
        throttle: Option<u32>,
    ) -> Result<String> {
        let told = operator(ctx)?.instruct(instruction, throttle).await;
        told.map_err(|refused| failure::of_operator(&refused))
    }
}

/// Exactly one of `event` and `rejection` is set.
/// `repeated`: nothing was stored now; `event` is the one already in force (the same wish under the same command id,
/// or a state that is already as wished).
#[derive(SimpleObject)]
#[graphql(concrete(name = "CreateCustomerPayload", params(CustomerCreated)))]
#[graphql(concrete(name = "PriceProductPayload", params(ProductPriced)))]
#[graphql(concrete(name = "PurchaseProductPayload", params(ProductPurchased)))]
struct Payload<Event: OutputType> {
    event: Option<Event>,
    /// Give it as `atLeast` to read what was just written, or as `after` for what happens from now on.
    position: Option<Position>,
    repeated: bool,
    rejection: Option<Rejection>,
}

async fn submit<Event: OutputType + FromEnvelope>(
    ctx: &Context<'_>,
    parse: impl FnOnce(&ResolverContext) -> Result<CommandRequest, Rejection>,
) -> Result<Payload<Event>> {
    let shop = ctx.data_unchecked::<Arc<ResolverContext>>();
    let trace = ctx.data_unchecked::<Trace>();
    let mut order = match parse(shop) {
        Ok(order) => order,
        Err(rejection) => {
            shop.counters.count_command("refused");
            return Ok(rejected(rejection));
        }
    };
    order.correlation_id.clone_from(&trace.correlation_id);
    order.causation_id.clone_from(&trace.causation_id);
    let asked = CommandKind::from(&order.command);
    let commands = commands(shop)?;
    let answer = commands.submit(order).await;
    shop.counters.count_command(outcome(&answer));
    match answer.map_err(|failure| failure::of_command(&failure))? {
        CommandOutcome::Stored { event, position, repeated } => {
            let read = position.read();
            let own = Token::new(LogPosition::after(read.log(), event.place), read.clone());
            let told = Event::from_envelope(&event.envelope, own)
                .ok_or_else(|| failure::of_fault("an order was answered with another event"))?;
            let position = Some(Position(position));
            Ok(Payload { event: Some(told), position, repeated, rejection: None })
        }
        CommandOutcome::Refused(refusal) => Ok(rejected(Rejection::of(&refusal, asked))),
    }
}

fn rejected<Event: OutputType>(rejection: Rejection) -> Payload<Event> {
    Payload { event: None, position: None, repeated: false, rejection: Some(rejection) }
}

/// What a command came to, for those who count.
fn outcome(answer: &std::result::Result<CommandOutcome, command::Failure>) -> &'static str {
    match answer {
        Ok(CommandOutcome::Stored { repeated: true, .. }) => "repeated",
        Ok(CommandOutcome::Stored { repeated: false, .. }) => "stored",
        Ok(CommandOutcome::Refused(_)) => "refused",
        Err(command::Failure::Overloaded) => "overloaded",
        Err(command::Failure::Unavailable) => "unavailable",
        Err(command::Failure::Failed) => "failed",
        Err(command::Failure::Unknown) => "unknown",
        Err(command::Failure::BadPosition | command::Failure::StaleRead { .. }) => "not-decided",
    }
}
