//! What headers say about where a request comes from.
//!
//! These are labels, and a label is no reason to refuse what it is stuck to: one that cannot be stored is replaced, or
//! left out.

use axum::http::{HeaderMap, HeaderName};
use domain::CommandId;

use super::REQUEST_ID;
use crate::{clock, schema::Trace};

const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");
const CAUSATION_ID: HeaderName = HeaderName::from_static("x-causation-id");

/// The id under which a request is logged: the caller's when it is a plain word, else a new one.
pub(super) fn request_id(headers: &HeaderMap) -> CommandId {
    read(headers, &REQUEST_ID).unwrap_or_else(|| CommandId::from_uuid(clock::mint()))
}

/// What the events of a request of this id are to carry.
pub(super) fn of(headers: &HeaderMap, request_id: &CommandId) -> Trace {
    // The caller learns the request's id from the answer, and finds the events by it.
    let correlated = headers.get(CORRELATION_ID).map(|_unusable| request_id.clone());
    Trace {
        correlation_id: read(headers, &CORRELATION_ID).or(correlated),
        // Nothing is caused by what was made up here.
        causation_id: read(headers, &CAUSATION_ID),
    }
}

fn read(headers: &HeaderMap, name: &HeaderName) -> Option<CommandId> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}
