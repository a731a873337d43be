//! What headers say about where a request comes from.

use axum::http::{HeaderMap, HeaderName};
use domain::CommandId;

use super::{REQUEST_ID, answer::Bad};
use crate::{edge, schema::Trace};

const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");
const CAUSATION_ID: HeaderName = HeaderName::from_static("x-causation-id");

/// The id under which a request is logged: the caller's when it is a plain word, else a new one.
pub(super) fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let plain = given.and_then(|id| id.parse::<CommandId>().ok());
    plain.map_or_else(|| edge::mint().to_string(), |id| id.to_string())
}

/// What the events of this request are to carry.
pub(super) fn of(headers: &HeaderMap) -> Result<Trace, Bad> {
    Ok(Trace {
        correlation_id: read(headers, &CORRELATION_ID)?,
        causation_id: read(headers, &CAUSATION_ID)?,
    })
}

fn read(headers: &HeaderMap, name: &HeaderName) -> Result<Option<CommandId>, Bad> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let id = value.to_str().ok().and_then(|id| id.parse().ok());
    id.map(Some).ok_or_else(|| {
        Bad::request(format!("{name} is 1 to 128 letters (a-z, A-Z), digits or any of _ . : -"))
    })
}
