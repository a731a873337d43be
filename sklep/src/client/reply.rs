//! What a GraphQL server answers.

use std::fmt;

use serde::Deserialize;

/// Data, errors, or both.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub(crate) struct Reply<T> {
    /// What was asked for.
    #[serde(default = "none")]
    pub(crate) data: Option<T>,
    /// What went wrong.
    #[serde(default)]
    pub(crate) errors: Vec<GraphError>,
}

fn none<T>() -> Option<T> {
    None
}

/// One entry of `errors`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct GraphError {
    /// For people.
    pub(crate) message: String,
    /// The way to the field at fault.
    #[serde(default)]
    path: Vec<serde_json::Value>,
    #[serde(default)]
    extensions: Extensions,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Extensions {
    code: Option<String>,
}

impl GraphError {
    /// Stands for an error that the shop did not name.
    pub(crate) fn lost() -> Self {
        let extensions = Extensions { code: Some("UNAVAILABLE".into()) };
        Self { message: "the answer is missing".into(), path: Vec::new(), extensions }
    }

    /// For programs, such as `UNAVAILABLE`.
    pub(crate) fn code(&self) -> Option<&str> {
        self.extensions.code.as_deref()
    }

    /// The name under which the field at fault stands in the answer, for errors of one root field.
    pub(crate) fn field(&self) -> Option<&str> {
        self.path.first().and_then(serde_json::Value::as_str)
    }

    /// Whether the request itself cannot be understood, now or later.
    pub(crate) fn blames_the_request(&self) -> bool {
        matches!(
            self.code(),
            None | Some("BAD_USER_INPUT" | "GRAPHQL_VALIDATION_FAILED" | "GRAPHQL_PARSE_FAILED")
        )
    }

    /// Whether the same request may do better later. Nothing was stored, or repeating it with the same command
    /// id is safe.
    pub(crate) fn passes(&self) -> bool {
        matches!(
            self.code(),
            Some(
                "UNAVAILABLE"
                    | "OVERLOADED"
                    | "UNKNOWN_OUTCOME"
                    | "STALE_READ"
                    | "FAILED"
                    | "NOT_STORED"
            )
        )
    }
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code() {
            Some(code) => write!(f, "{} ({code})", self.message),
            None => f.write_str(&self.message),
        }
    }
}
