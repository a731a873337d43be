//! The one place where failures become GraphQL errors. What is inside a failure is logged here and goes no further.

use std::{error::Error as StdError, iter::successors};

use async_graphql::{Error, ErrorExtensions};
use event_log::{Position, Token};

use super::operator::JobRefused;

/// What `extensions.code` says; docs/api.md lists them with what a client should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    BadRequest,
    PersistedQueryNotSupported,
    GraphqlParseFailed,
    GraphqlValidationFailed,
    BadUserInput,
    BadCursor,
    BadPosition,
    StaleRead,
    Overloaded,
    Unavailable,
    Failed,
    UnknownOutcome,
    NotNow,
    QueryTooLarge,
    TimedOut,
    Internal,
}

impl Code {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "BAD_REQUEST",
            Self::PersistedQueryNotSupported => "PERSISTED_QUERY_NOT_SUPPORTED",
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::BadCursor => "BAD_CURSOR",
            Self::BadPosition => "BAD_POSITION",
            Self::StaleRead => "STALE_READ",
            Self::Overloaded => "OVERLOADED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Failed => "FAILED",
            Self::UnknownOutcome => "UNKNOWN_OUTCOME",
            Self::NotNow => "NOT_NOW",
            Self::QueryTooLarge => "QUERY_TOO_LARGE",
            Self::TimedOut => "TIMED_OUT",
            Self::Internal => "INTERNAL",
        }
    }

    /// An error that says no more than is in `message`.
    pub(crate) fn error(self, message: impl Into<String>) -> Error {
        Error::new(message).extend_with(|_, values| values.set("code", self.as_str()))
    }
}

const FOREIGN: &str = "the position is not one of this log; read without it, or begin again";

/// A command that has no answer.
pub(super) fn of_command(failure: &command::Failure) -> Error {
    use command::Failure as F;
    match failure {
        F::Overloaded => {
            log(Code::Overloaded, failure);
            Code::Overloaded.error("too many commands are waiting; nothing was stored, try again")
        }
        F::Unavailable => {
            log(Code::Unavailable, failure);
            Code::Unavailable.error("commands are not taken at the moment; nothing was stored")
        }
        F::Failed => {
            log(Code::Failed, failure);
            Code::Failed.error("the event could not be stored; nothing was stored, try again")
        }
        F::Unknown => {
            log(Code::UnknownOutcome, failure);
            Code::UnknownOutcome.error(
                "nobody can say yet whether the event was stored; with the same commandId a repeat is safe and tells",
            )
        }
        F::BadPosition => Code::BadPosition.error(FOREIGN),
        F::StaleRead { reached } => {
            log(Code::StaleRead, failure);
            stale("the log was not read that far in time; nothing was stored", reached)
        }
    }
}

/// A question that has no answer.
pub(crate) fn of_query(failure: &query::Failure) -> Error {
    use query::Failure as F;
    match failure {
        F::Unavailable(_) | F::Moved => {
            log(Code::Unavailable, failure);
            Code::Unavailable.error("the views cannot be read at the moment; try again")
        }
        F::NotBuilt => {
            log(Code::Unavailable, failure);
            Code::Unavailable.error("the views have not been built yet")
        }
        F::BadPosition => Code::BadPosition.error(FOREIGN),
        F::TooMuch { looked_at, told } => {
            // Every field that is still asked for fails likewise: whoever ends the request logs it, once.
            Code::QueryTooLarge.error(format!(
                "one query looks at {looked_at} records and documents at most, and its answer has {told} bytes at most; ask for \
                 less at once"
            ))
        }
        F::TimedOut => {
            log(Code::TimedOut, failure);
            Code::TimedOut.error("the query was not done in time; ask again, or for less at once")
        }
        F::StaleRead { seen } => {
            log(Code::StaleRead, failure);
            stale("the views did not get that far in time; try again", seen)
        }
    }
}

/// An operator's wish that was not taken up.
pub(super) fn of_operator(refused: &JobRefused) -> Error {
    match refused {
        JobRefused::Wrong { field, expected } => {
            Code::BadUserInput.error(format!("`{field}`: {expected}"))
        }
        JobRefused::NotNow(why) => Code::NotNow.error(why),
        JobRefused::Unavailable(failure) => {
            log(Code::Unavailable, &**failure);
            Code::Unavailable.error("log or views cannot be used; the log of the shop says why")
        }
    }
}

/// What cannot happen, did: says nothing to the client.
pub(super) fn of_fault(what: &'static str) -> Error {
    tracing::error!(code = Code::Internal.as_str(), what, "a request failed");
    Code::Internal.error("the shop made a mistake; it is in the shop's log")
}

/// A part that this process does not have.
pub(super) fn absent(what: &'static str) -> Error {
    Code::Unavailable.error(format!("this instance {what}"))
}

fn stale(message: &str, seen: &Position) -> Error {
    let seen = Token::from(seen.clone()).to_string();
    Code::StaleRead.error(message).extend_with(|_, values| values.set("position", seen.clone()))
}

/// The line of a failure, with every cause; the request's id is in the span round it.
fn log(code: Code, failure: &dyn StdError) {
    let causes: Vec<_> = successors(failure.source(), |cause: &&dyn StdError| (*cause).source())
        .map(ToString::to_string)
        .collect();
    tracing::warn!(code = code.as_str(), error = %failure, causes = causes.join(": "), "a request failed");
}
