//! From request to parameters.

use std::collections::HashMap;

use async_graphql::{
    ServerError, Value, Variables,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
    },
};
use axum::{
    body::{Bytes, to_bytes},
    extract::{Query, Request},
    http::{HeaderMap, StatusCode, Uri, header},
};
use serde::Deserialize;

use super::{
    answer::{Answer, Bad},
    extent::is_bounded,
    order::Order,
};
use crate::schema::Code;

/// How long a request may be. The longest useful one is a few kilobytes.
const LONGEST: usize = 1 << 20;

/// The parameters of the specification.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Params {
    query: String,
    operation_name: Option<String>,
    variables: Option<Variables>,
    /// Only a map is taken, and nothing in it has a meaning here.
    #[serde(rename = "extensions")]
    _extensions: Option<HashMap<String, Value>>,
}

/// Parameters whose document is GraphQL.
#[derive(Debug, Clone)]
pub(super) struct Parsed {
    pub(super) query: String,
    pub(super) document: ExecutableDocument,
    pub(super) operation_name: Option<String>,
    pub(super) variables: Variables,
}

/// The parameters of a GET.
pub(super) fn of_uri(uri: &Uri) -> Result<Params, Bad> {
    let fields: HashMap<String, String> = Query::try_from_uri(uri)
        .map(|Query(fields)| fields)
        .map_err(|_malformed| Bad::request("the query string is malformed"))?;
    let given = |name: &str| fields.get(name).filter(|text| !text.is_empty());
    let query = given("query").ok_or_else(missing)?.clone();
    let operation_name = given("operationName").cloned();
    let variables =
        given("variables").map(|text| read("variables", text.as_bytes())).transpose()?;
    let extensions =
        given("extensions").map(|text| read("extensions", text.as_bytes())).transpose()?;
    Ok(Params { query, operation_name, variables, _extensions: extensions })
}

/// The parameters of a POST.
pub(super) async fn of_body(request: Request) -> Result<Params, Bad> {
    check_content_type(request.headers())?;
    let body = to_bytes(request.into_body(), LONGEST).await.map_err(|_too_long_or_broken_off| {
        let text = format!("a request has at most {LONGEST} bytes");
        Bad::status(StatusCode::PAYLOAD_TOO_LARGE, text)
    })?;
    if first(&body) == Some(b'[') {
        return Err(Bad::request("send one operation for each request, not a list of them"));
    }
    read("the body", &body)
}

impl Params {
    /// Parses the document; what is no GraphQL, or too much of it, has an answer already.
    pub(super) fn parse(self) -> Result<Parsed, Answer> {
        match parse_query(&self.query) {
            Ok(document) if !is_bounded(&document) => {
                let text = "the query is too large or too deep; ask for less at once";
                let error = ServerError::new(text, None);
                Err(Answer::of_error(Code::GraphqlValidationFailed, error))
            }
            Ok(document) => Ok(Parsed {
                query: self.query,
                document,
                operation_name: self.operation_name,
                variables: self.variables.unwrap_or_default(),
            }),
            Err(error) => Err(Answer::of_error(Code::GraphqlParseFailed, error.into())),
        }
    }
}

impl Parsed {
    /// Whether the operation that is to be executed is a mutation.
    pub(super) fn is_mutation(&self) -> bool {
        self.operation().is_some_and(|operation| operation.ty == OperationType::Mutation)
    }

    /// The order in which the answer's fields are asked for.
    pub(super) fn order(&self) -> Order {
        self.operation().map(|it| Order::of(&self.document, it)).unwrap_or_default()
    }

    /// The operation that is to be executed; none when that cannot be said.
    fn operation(&self) -> Option<&OperationDefinition> {
        let operation = match &self.document.operations {
            DocumentOperations::Single(operation) => Some(operation),
            DocumentOperations::Multiple(operations) => match &self.operation_name {
                Some(name) => operations.get(name.as_str()),
                // With several and no name none is executed.
                None => operations.values().next().filter(|_| operations.len() == 1),
            },
        };
        operation.map(|operation| &operation.node)
    }
}

/// A browser sends other types across sites without asking; refusing them keeps foreign pages out.
fn check_content_type(headers: &HeaderMap) -> Result<(), Bad> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut parts = given.unwrap_or_default().split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|it| it.eq_ignore_ascii_case("application/json"));
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.eq_ignore_ascii_case("charset").then(|| value.trim_matches('"'))
    });
    if is_json && charset.is_none_or(|charset| charset.eq_ignore_ascii_case("utf-8")) {
        Ok(())
    } else {
        let text = "a request is application/json in UTF-8";
        Err(Bad::status(StatusCode::UNSUPPORTED_MEDIA_TYPE, text))
    }
}

fn read<'a, T: Deserialize<'a>>(what: &str, json: &'a [u8]) -> Result<T, Bad> {
    serde_json::from_slice(json).map_err(|error| {
        let expected = if error.is_data() { "what a GraphQL request has" } else { "JSON" };
        Bad::request(format!("{what} is not {expected}: {error}"))
    })
}

fn first(body: &Bytes) -> Option<u8> {
    body.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

fn missing() -> Bad {
    Bad::request("`query` is missing")
}
