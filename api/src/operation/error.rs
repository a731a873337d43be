//! A request that is not executed, and why.

use std::fmt::Display;

use async_graphql::ServerError;

use super::places::{self, Places};
use crate::schema::Code;

/// A request that is not executed, and why.
#[derive(Debug)]
pub(crate) struct RequestError {
    pub(crate) code: Code,
    pub(crate) errors: Vec<ServerError>,
}

impl RequestError {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::at(Code::GraphqlValidationFailed, message, None)
    }

    pub(super) fn at(code: Code, message: impl Into<String>, offset: Option<usize>) -> Self {
        Self { code, errors: vec![ServerError::new(message, offset.map(places::place))] }
    }

    /// It nests deeper than it may.
    pub(super) fn too_deep(most: usize) -> Self {
        Self::invalid(format!("the query nests deeper than the {most} levels that are the most"))
    }

    /// It has or asks for more than it may, of what and how many is said.
    pub(super) fn too_large(what: impl Display) -> Self {
        Self::invalid(format!("{what}; ask for less at once"))
    }

    pub(super) fn located(mut self, text: &str) -> Self {
        Places::of(&self.errors).fill_in(text, &mut self.errors);
        self
    }
}
