//! From parameters to answer.

use std::sync::Arc;

use async_graphql::{Executor, Pos, Request};
use query::{Failure, Queries, ReadSession};

use super::{HttpState, answer::Answer};
use crate::{
    operation::Operation,
    schema::{Code, Trace, batches, of_query, run_batched},
};

/// Executes an operation with this text.
pub(super) async fn execute<E: Executor>(
    door: &HttpState<E>,
    text: &str,
    operation: &Operation,
    trace: Trace,
) -> Answer {
    match &door.queries {
        Some(queries) if !operation.is_mutation() => ask(door, queries, text, operation).await,
        Some(_) | None => {
            let response = door.schema.execute(request(operation).data(trace)).await;
            Answer::of(response, operation, text)
        }
    }
}

/// An answer of so few fields needs no meter: the longest text, an address, has 2 kB.
const SHORT: usize = 1_000;

/// Executes a query until all of it was read from one generation of the views.
async fn ask<E: Executor>(
    door: &HttpState<E>,
    queries: &Queries,
    text: &str,
    operation: &Operation,
) -> Answer {
    let schema = if operation.cost() > SHORT { &door.metered } else { &door.schema };
    let attempt = |reading: Arc<ReadSession>| async move {
        let (batches, pending) = batches(Arc::clone(&reading));
        let share = door.memory.share();
        let request = request(operation).data(reading).data(batches).data(share.clone());
        let response = run_batched(schema.execute(request), pending).await;
        (response, share)
    };
    match queries.read(attempt).await {
        Ok((response, share)) if share.check().is_ok() => {
            Answer::of(response, operation, text).charged(share)
        }
        Ok(_without_memory) => Answer::overloaded(),
        Err(failure) => {
            if matches!(failure, Failure::TooMuch { .. }) {
                let code = Code::QueryTooLarge.as_str();
                tracing::warn!(code, error = %failure, "a request was ended");
            }
            Answer::failed(of_query(&failure).into_server_error(Pos { line: 1, column: 1 }))
        }
    }
}

fn request(operation: &Operation) -> Request {
    let mut request = Request::new("");
    request.set_parsed_query(operation.document());
    request
}
