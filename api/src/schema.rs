//! The GraphQL schema: types and resolvers, which only translate.

mod batch;
mod connection;
mod context;
mod cursor;
mod customer;
mod event;
mod event_page;
mod failure;
mod meter;
mod money;
mod mutation;
pub mod operator;
mod paging;
mod product;
mod projection;
mod purchase;
mod quarantine;
mod query;
mod rejection;
mod scalar;
mod system;

use std::sync::Arc;

use async_graphql::{EmptySubscription, SDLExportOptions, SchemaBuilder, ValidationMode};

pub(crate) use self::{
    batch::{Batches, batches, run_batched},
    context::{ResolverContext, Trace},
    failure::{Code, of_query},
    paging::{MOST as MOST_NODES, USUAL as USUAL_NODES},
    scalar::unfit,
};
use self::{event::Event, meter::Meter, mutation::Mutation, query::Query};

/// The schema with its resolvers.
pub(crate) type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// Builds the schema over a shop.
pub(crate) fn of(shop: Arc<ResolverContext>) -> Schema {
    builder().data(shop).finish()
}

/// The same, whose answers are charged to the request's budget as they grow.
pub(crate) fn metered(shop: Arc<ResolverContext>) -> Schema {
    builder().data(shop).extension(Meter).finish()
}

/// The served schema in GraphQL's own language.
pub fn sdl() -> String {
    builder()
        .finish()
        .sdl_with_options(SDLExportOptions::new().sorted_fields().prefer_single_line_descriptions())
}

fn builder() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query, Mutation, EmptySubscription)
        // Without a subscription root nothing else names the interface as a field's type before `events` does.
        .register_output_type::<Event>()
        // What is executed was validated and its cost was counted before, see `crate::operation`.
        .validation_mode(ValidationMode::Fast)
}
