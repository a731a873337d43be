//! From text to syntax tree.

use apollo_compiler::{
    ast::Document,
    parser::Parser,
    validation::{DiagnosticList, WithErrors},
};
use async_graphql::{Pos, ServerError};

use super::error::RequestError;
use crate::schema::Code;

/// How deep anything may nest: selections, lists, objects, types and all of them in one another. Whoever asks as deep as a query
/// may go needs half of it.
const DEEPEST: usize = 64;

/// How many tokens a document may have, spaces and commas counted. An import of 32 wishes at once has about 1,500.
const TOKENS: usize = 20_000;

/// How many errors of one request are told: each has its line and column counted.
const TOLD: usize = 10;

/// Reads a document. What nests too deep or is too long is refused while it is read, before any of it is looked at by a function
/// that calls itself.
pub(super) fn parse(text: &str) -> Result<Document, RequestError> {
    let mut parser = Parser::new().recursion_limit(DEEPEST).token_limit(TOKENS);
    let parsed = parser.parse_ast(text, "");
    if parser.recursion_reached() > DEEPEST {
        return Err(RequestError::too_deep(DEEPEST));
    }
    if parser.tokens_reached() > TOKENS {
        return Err(RequestError::too_large(format_args!(
            "the request has more than {TOKENS} tokens"
        )));
    }
    parsed.map_err(|WithErrors { errors, .. }| {
        let mut refused = refused(Code::GraphqlParseFailed, &errors);
        // What follows the first one is what the parser took the rest for.
        refused.errors.truncate(1);
        refused
    })
}

/// What is wrong with a document.
pub(super) fn refused(code: Code, errors: &DiagnosticList) -> RequestError {
    let errors = errors.iter().take(TOLD).map(|error| {
        let place = error.line_column_range().map(|range| range.start);
        let place = place.map(|start| Pos { line: start.line, column: start.column });
        ServerError::new(error.error.to_string(), place)
    });
    RequestError { code, errors: errors.collect() }
}
