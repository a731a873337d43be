//! What the driver's errors mean to whoever uses the views.

use std::time::Duration;

use mongodb::{
    bson::Document,
    error::{Error, ErrorKind, WriteFailure},
};

use super::driver_message::DriverMessage;
use crate::{CommitError, StoreError};

/// `DuplicateKey`: <https://www.mongodb.com/docs/manual/reference/error-codes/>, as are those below.
pub(super) const DUPLICATE: i32 = 11_000;
/// `Unauthorized`.
const UNAUTHORIZED: i32 = 13;
/// `AuthenticationFailed`.
const NOT_AUTHENTICATED: i32 = 18;
/// `InvalidNamespace`.
const BAD_NAMESPACE: i32 = 73;
/// `NamespaceNotFound`.
pub(super) const NO_NAMESPACE: i32 = 26;
/// `NamespaceExists`.
const EXISTS: i32 = 48;
/// `MaxTimeMSExpired`.
pub(super) const TIME_EXPIRED: i32 = 50;
/// `SnapshotTooOld`.
pub(super) const TOO_OLD: i32 = 239;
/// `SnapshotUnavailable`: the collection or an index of it is newer, or the server does not go back so far.
pub(super) const NO_SNAPSHOT: i32 = 246;
/// `WriteConflict`: another transaction writes the document.
const CONFLICT: i32 = 112;
/// `NoSuchTransaction`: it was ended, by `killSessions` for one.
const NO_TRANSACTION: i32 = 251;
/// `Interrupted`: the operation was ended in the middle, by `killSessions` for one.
const INTERRUPTED: i32 = 11_601;

/// A failed request.
pub(super) fn driver(error: Error) -> StoreError {
    if let ErrorKind::Bson(cause) = error.kind.as_ref() {
        return malformed("a document", cause);
    }
    if let ErrorKind::ServerSelection { message, .. } = error.kind.as_ref()
        && message.contains("RsGhost")
    {
        // A server that was started for a replica set which nobody has initiated.
        return not_a_replica_set();
    }
    StoreError::Unavailable(Box::new(DriverMessage(error)))
}

/// An error that will not pass by waiting, told as what it is: the user, its rights, or the database's name.
pub(super) fn refused(error: StoreError) -> StoreError {
    let StoreError::Unavailable(cause) = &error else { return error };
    let Some(cause) = cause.downcast_ref::<DriverMessage>() else { return error };
    let is_unknown = matches!(cause.0.kind.as_ref(), ErrorKind::Authentication { .. });
    let why = match code(cause) {
        Some(UNAUTHORIZED) => {
            "MongoDB does not let the user of --mongodb read the database; it needs the role readWrite there"
        }
        Some(BAD_NAMESPACE) => {
            "MongoDB does not allow a database of this name; --database names another"
        }
        Some(NOT_AUTHENTICATED) => UNKNOWN_USER,
        Some(_) | None if is_unknown => UNKNOWN_USER,
        Some(_) | None => return error,
    };
    StoreError::Unfit(why.into())
}

const UNKNOWN_USER: &str =
    "MongoDB does not know the user of --mongodb, or the password is another one";

/// A failed step of a transaction.
pub(super) fn in_transaction(error: StoreError) -> CommitError {
    match error {
        StoreError::Unavailable(cause) => match cause.downcast_ref().and_then(code) {
            Some(CONFLICT | NO_TRANSACTION | INTERRUPTED) => CommitError::Stale,
            Some(DUPLICATE) => CommitError::Damaged(cause.to_string()),
            Some(_) | None => CommitError::Unavailable(cause),
        },
        StoreError::Unfit(reason) => CommitError::Damaged(reason),
        StoreError::NotBuilt | StoreError::GenerationGone => CommitError::Stale,
    }
}

/// The server's error code, when it answered with one.
pub(super) fn code_of(error: &StoreError) -> Option<i32> {
    match error {
        StoreError::Unavailable(cause) => cause.downcast_ref().and_then(code),
        StoreError::NotBuilt | StoreError::GenerationGone | StoreError::Unfit(_) => None,
    }
}

fn code(DriverMessage(error): &DriverMessage) -> Option<i32> {
    if let ErrorKind::Command(error) = error.kind.as_ref() {
        return Some(error.code);
    }
    if let ErrorKind::Write(WriteFailure::WriteError(error)) = error.kind.as_ref() {
        return Some(error.code);
    }
    if let ErrorKind::InsertMany(error) = error.kind.as_ref() {
        return error.write_errors.as_ref()?.first().map(|error| error.code);
    }
    None
}

/// Takes what is there already as made.
pub(super) fn unless_exists(made: Result<Document, StoreError>) -> Result<(), StoreError> {
    match made {
        Err(error) if code_of(&error) != Some(EXISTS) => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// A document that this program did not write, or that somebody changed by hand.
pub(super) fn malformed(what: &str, why: impl std::fmt::Display) -> StoreError {
    StoreError::Unfit(format!(
        "{what} of the views is not as this program writes it ({why}): run `sklep rebuild`"
    ))
}

pub(super) fn unanswered(limit: Duration) -> StoreError {
    StoreError::Unavailable(format!("MongoDB did not answer within {limit:?}").into())
}

pub(super) fn not_a_replica_set() -> StoreError {
    StoreError::Unfit(
        "this MongoDB is not a replica set and therefore has no transactions. Start it as one, of a single member if \
         you like: `mongod --replSet rs0`, then once `mongosh --eval 'rs.initiate()'`"
            .into(),
    )
}
