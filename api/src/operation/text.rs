//! From text to syntax tree, and from places in the tree to lines and columns.

use apollo_compiler::{
    ast::Document,
    parser::Parser,
    validation::{DiagnosticList, WithErrors},
};
use async_graphql::{Pos, ServerError};

use super::RequestError;
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

/// A place in the text by its offset in bytes, until [`Places::fill_in`] makes it a line and a column. Lines are counted from 1,
/// so that no other place looks like it.
pub(super) fn place(offset: usize) -> Pos {
    Pos { line: 0, column: offset }
}

/// The offsets that errors stand at.
pub(super) struct Places(Vec<usize>);

impl Places {
    pub(super) fn of(errors: &[ServerError]) -> Self {
        let places = errors.iter().flat_map(|error| &error.locations);
        let mut offsets: Vec<_> =
            places.filter(|place| place.line == 0).map(|place| place.column).collect();
        offsets.sort_unstable();
        offsets.dedup();
        Self(offsets)
    }

    /// Gives each error its line and column: the text is walked once, however many there are.
    pub(super) fn fill_in(self, text: &str, errors: &mut [ServerError]) {
        if self.0.is_empty() {
            return;
        }
        let found = self.found(text);
        for place in errors.iter_mut().flat_map(|error| &mut error.locations) {
            if place.line == 0 {
                let at = self.0.binary_search(&place.column).ok();
                *place =
                    at.and_then(|at| found.get(at)).copied().unwrap_or(Pos { line: 1, column: 1 });
            }
        }
    }

    fn found(&self, text: &str) -> Vec<Pos> {
        let mut found = Vec::with_capacity(self.0.len());
        let mut wanted = self.0.iter().peekable();
        let mut at = Pos { line: 1, column: 1 };
        let mut characters = text.char_indices().peekable();
        while let Some((offset, character)) = characters.next() {
            while wanted.next_if(|wanted| **wanted <= offset).is_some() {
                found.push(at);
            }
            let of_two =
                character == '\r' && characters.peek().is_some_and(|(_, next)| *next == '\n');
            if matches!(character, '\n' | '\r') && !of_two {
                at = Pos { line: at.line.saturating_add(1), column: 1 };
            } else {
                at.column = at.column.saturating_add(1);
            }
        }
        found.extend(wanted.map(|_at_the_end| at));
        found
    }
}
