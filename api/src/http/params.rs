//! From request to parameters.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::LazyLock,
};

use axum::{
    body::{Bytes, to_bytes},
    extract::{Query, Request},
    http::{HeaderMap, StatusCode, Uri, header},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    answer::{Answer, HttpError},
    json,
};
use event_log::json_error;

use crate::{
    operation::{Contract, Operation},
    schema::sdl,
};

/// How long a request may be. The longest useful one is a few kilobytes.
const LONGEST: usize = 1 << 20;

/// The parameters of the specification.
#[derive(Debug)]
pub(super) struct Params {
    query: String,
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
}

/// The same as they are given.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Given {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
    extensions: Option<Map<String, Value>>,
}

/// The parameters of a GET.
pub(super) fn of_uri(uri: &Uri) -> Result<Params, HttpError> {
    let fields = fields(uri)?;
    let given = |name: &str| fields.get(name).filter(|text| !text.is_empty());
    let query = given("query").cloned();
    let operation_name = given("operationName").cloned();
    let variables =
        given("variables").map(|text| read("variables", text.as_bytes())).transpose()?;
    let extensions =
        given("extensions").map(|text| read("extensions", text.as_bytes())).transpose()?;
    Given { query, operation_name, variables, extensions }.params()
}

/// The parameters of a POST.
pub(super) async fn of_body(request: Request) -> Result<Params, HttpError> {
    check_content_type(request.headers())?;
    check_content_coding(request.headers())?;
    let body = to_bytes(request.into_body(), LONGEST).await.map_err(|_too_long_or_broken_off| {
        let text = format!("a request has at most {LONGEST} bytes");
        HttpError::status(StatusCode::PAYLOAD_TOO_LARGE, text)
    })?;
    if first(&body) == Some(b'[') {
        return Err(HttpError::request("send one operation for each request, not a list of them"));
    }
    read::<Given>("the body", &body)?.params()
}

impl Given {
    /// Whoever sends the hash of a query and not the query hopes that the server has kept it. Told that this one keeps
    /// none, Apollo's client and urql send the query, then and from then on.
    fn params(self) -> Result<Params, HttpError> {
        let Self { query, operation_name, variables, extensions } = self;
        if let Some(query) = query {
            return Ok(Params { query, operation_name, variables });
        }
        let hash = extensions.as_ref().and_then(|given| given.get("persistedQuery"));
        let is_given = hash.is_some_and(|hash| !hash.is_null());
        Err(if is_given { HttpError::not_kept() } else { HttpError::request("`query` is missing") })
    }
}

impl Params {
    /// Checks the request; what cannot be executed has an answer already.
    pub(super) fn check(self, contract: &Contract) -> Result<(String, Operation), Answer> {
        let variables = self.variables.unwrap_or_default();
        let checked = contract.check(&self.query, self.operation_name.as_deref(), variables);
        checked.map(|operation| (self.query, operation)).map_err(Answer::refused)
    }
}

/// Whether the front door would execute this body of a POST, and why not. Nothing is executed.
pub fn check(body: &[u8]) -> Result<(), String> {
    static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::of(&sdl()));
    let given = read::<Given>("the body", body).and_then(Given::params);
    let params = given.map_err(|bad| bad.text().to_owned())?;
    params.check(&CONTRACT).map(drop).map_err(|answer| answer.told())
}

/// The fields of a query string, each of them once.
fn fields(uri: &Uri) -> Result<HashMap<String, String>, HttpError> {
    let Query(given) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|_malformed| HttpError::request("the query string is malformed"))?;
    let mut fields = HashMap::new();
    for (name, value) in given {
        match fields.entry(name) {
            Entry::Vacant(entry) => drop(entry.insert(value)),
            Entry::Occupied(entry) => {
                return Err(HttpError::request(format!("`{}` is given twice", entry.key())));
            }
        }
    }
    Ok(fields)
}

/// A browser sends other types across sites without asking; refusing them keeps foreign pages out.
fn check_content_type(headers: &HeaderMap) -> Result<(), HttpError> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut parts = given.unwrap_or_default().split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|it| it.eq_ignore_ascii_case("application/json"));
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.eq_ignore_ascii_case("charset").then(|| value.trim_matches('"'))
    });
    // The second is no name that is registered, but one that is often given.
    let is_utf_8 = |it: &str| ["utf-8", "utf8"].iter().any(|utf_8| it.eq_ignore_ascii_case(utf_8));
    if is_json && charset.is_none_or(is_utf_8) {
        Ok(())
    } else {
        let text = "a request is application/json in UTF-8";
        Err(HttpError::status(StatusCode::UNSUPPORTED_MEDIA_TYPE, text))
    }
}

/// A body is read as it comes: small ones gain little by compression, and a small one can become a huge one.
fn check_content_coding(headers: &HeaderMap) -> Result<(), HttpError> {
    let mut given = headers.get_all(header::CONTENT_ENCODING).into_iter();
    if given.all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        Ok(())
    } else {
        Err(HttpError::coded("a request is not compressed: send it without content-encoding"))
    }
}

fn read<'a, T: Deserialize<'a>>(what: &str, text: &'a [u8]) -> Result<T, HttpError> {
    json::read(text).map_err(|error| {
        let expected = if error.is_data() { "what a GraphQL request has" } else { "JSON" };
        let hint = json::surrogate_hint(&error);
        HttpError::request(format!("{what} is not {expected}: {}{hint}", json_error(&error)))
    })
}

fn first(body: &Bytes) -> Option<u8> {
    body.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}
