//! GraphQL over HTTP, to the letter of the specification (<https://graphql.github.io/graphql-over-http/draft/>):
//! mutations only by POST and only as `application/json`.

mod accept;
mod answer;
mod execute;
mod json;
mod memory;
mod params;
mod trace;

use std::{sync::Arc, time::Instant};

use async_graphql::Executor;
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use query::Queries;
use tracing::Instrument;

use self::answer::{Answer, HttpError};
pub(crate) use self::{
    accept::Media,
    memory::{AnswerMemory, AnswerShare},
};
pub use self::{
    json::{has_reserved_name, surrogate_hint},
    params::check,
};
use crate::{
    metrics::{Counters, Operation as Kind},
    operation::Contract,
    playground,
    schema::Trace,
};

/// What requests are answered with.
#[derive(Clone)]
pub(crate) struct HttpState<E> {
    pub(crate) schema: E,
    /// The same for answers that can become long.
    pub(crate) metered: E,
    pub(crate) contract: Arc<Contract>,
    pub(crate) queries: Option<Arc<Queries>>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) memory: AnswerMemory,
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// `/graphql`: the playground for a browser, GraphQL for everybody else.
pub(crate) async fn graphql<E: Executor>(
    State(door): State<HttpState<E>>,
    request: Request,
) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) && accept::html(request.headers()) {
        return playground::page();
    }
    let id = trace::request_id(request.headers());
    let span = tracing::info_span!("request", id = %id);
    let trace = trace::of(request.headers(), &id);
    let mut response = answer(door, request, trace).instrument(span).await;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    if let Ok(id) = HeaderValue::try_from(id.as_str()) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

async fn answer<E: Executor>(door: HttpState<E>, request: Request, trace: Trace) -> Response {
    let Some(media) = Media::of(request.headers()) else {
        let text = "answers are application/graphql-response+json or application/json\n";
        return (StatusCode::NOT_ACCEPTABLE, text).into_response();
    };
    let (begun, counters) = (Instant::now(), Arc::clone(&door.counters));
    let memory = door.memory.clone();
    let responded = respond(door, request, trace).await;
    let operation = responded.as_ref().map_or(Kind::Bad, |(operation, _)| *operation);
    counters.answered(operation, begun.elapsed());
    match responded {
        Ok((_, answer)) => {
            let (response, codes) = answer.into_response(media, &memory);
            for code in &codes {
                counters.count_error(code);
            }
            response
        }
        Err(bad) => {
            counters.count_error(bad.code().as_str());
            bad.into_response(media)
        }
    }
}

async fn respond<E: Executor>(
    door: HttpState<E>,
    request: Request,
    trace: Trace,
) -> Result<(Kind, Answer), HttpError> {
    let method = request.method().clone();
    let params = match method {
        Method::GET | Method::HEAD => params::of_uri(request.uri())?,
        Method::POST => params::of_body(request).await?,
        _other => return Err(HttpError::method("GET, POST", "GraphQL is asked by GET or POST")),
    };
    let (text, operation) = match params.check(&door.contract) {
        Ok(checked) => checked,
        Err(refused) => return Ok((Kind::Bad, refused)),
    };
    if operation.is_mutation() && method != Method::POST {
        return Err(HttpError::method("POST", "mutations are sent by POST"));
    }
    let kind = if operation.is_mutation() { Kind::Mutation } else { Kind::Query };
    Ok((kind, execute::execute(&door, &text, &operation, trace).await))
}
