//! From parameters to answer.

use std::sync::Arc;

use async_graphql::{Executor, Pos, Request};
use query::{Queries, Reading};

use super::{Door, answer::Answer, params::Parsed};
use crate::schema::{Trace, batches, of_query, ticking};

/// Executes one operation.
pub(super) async fn execute<E: Executor>(door: &Door<E>, parsed: Parsed, trace: Trace) -> Answer {
    let order = parsed.order();
    let answer = match &door.queries {
        Some(queries) if !parsed.is_mutation() => ask(door, queries, &parsed).await,
        Some(_) | None => Answer::of(door.schema.execute(request(parsed).data(trace)).await),
    };
    answer.in_order(&order)
}

/// Executes a query until all of it was read from one generation of the views.
async fn ask<E: Executor>(door: &Door<E>, queries: &Queries, parsed: &Parsed) -> Answer {
    let attempt = |reading: Arc<Reading>| async move {
        let (batches, pending) = batches(Arc::clone(&reading));
        let request = request(parsed.clone()).data(reading).data(batches);
        ticking(door.schema.execute(request), pending).await
    };
    match queries.read(attempt).await {
        Ok(response) => Answer::of(response),
        Err(failure) => {
            Answer::failed(of_query(&failure).into_server_error(Pos { line: 1, column: 1 }))
        }
    }
}

fn request(parsed: Parsed) -> Request {
    let mut request = Request::new(parsed.query).variables(parsed.variables);
    request.operation_name = parsed.operation_name;
    request.set_parsed_query(parsed.document);
    request
}
