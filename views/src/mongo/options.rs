//! Every option of the driver, with its reason.

use std::time::Duration;

use mongodb::{
    error::{Error, ErrorKind, Result},
    options::{
        ClientOptions, ReadConcern, ReadPreference, SelectionCriteria, TransactionOptions,
        WriteConcern,
    },
};

use super::{driver, driver_message::words, error::unanswered};
use crate::StoreError;

/// How long a single request may take. The driver has no time-out of its own for a server that is frozen; the
/// longest honest request is a page of a bounded search.
pub(super) const ANSWER: Duration = Duration::from_secs(10);

/// How long a whole transaction may take: 1,000 events take about a tenth of a second, and `MongoDB` itself ends a
/// transaction after 60 seconds.
pub(super) const TRANSACTION: Duration = Duration::from_secs(20);

/// How long a batch of a fill may take, while others wait for the same disk: it is large, and nobody waits for it.
pub(super) const FILL: Duration = Duration::from_mins(1);

/// How long the building of a collection's indexes may take. A million documents take some seconds.
pub(super) const INDEXES: Duration = Duration::from_hours(1);

/// How long a claim waits for another feeder's transaction before it ends that one. More than a healthy one takes.
pub(super) const LOCKED: Duration = Duration::from_secs(1);

/// How long a server may be missing before a request says so. An election takes a second or two.
const MISSING: Duration = Duration::from_secs(3);

/// Connections are made on the same machine or in the same data centre.
const CONNECT: Duration = Duration::from_secs(2);

/// One for each feeding partition (12 by default) and the rest for queries.
const CONNECTIONS: u32 = 64;

/// How often a server is looked at without a reason. It pushes its own changes; this finds one that came back.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// The driver's options for this connection string.
pub(super) async fn client(uri: &str) -> std::result::Result<ClientOptions, StoreError> {
    let mut options = ClientOptions::parse(uri).await.map_err(|error| unusable(uri, &error))?;
    options.app_name.get_or_insert_with(|| "sklep".into());
    options.server_selection_timeout.get_or_insert(MISSING);
    options.connect_timeout.get_or_insert(CONNECT);
    options.max_pool_size.get_or_insert(CONNECTIONS);
    options.heartbeat_freq.get_or_insert(HEARTBEAT);
    // Not for the connection string to choose: what is read must be what a new primary would know too.
    options.read_concern = Some(ReadConcern::majority());
    options.write_concern = Some(WriteConcern::majority());
    options.selection_criteria = Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
    // A single write that met an election is tried once more under its own number, so that it happens once.
    options.retry_reads = Some(true);
    options.retry_writes = Some(true);
    Ok(options)
}

/// The options of a feeder's transaction.
pub(super) fn transaction() -> TransactionOptions {
    TransactionOptions::builder()
        .read_concern(ReadConcern::snapshot())
        .write_concern(WriteConcern::majority())
        .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary))
        .max_commit_time(ANSWER)
        .build()
}

/// A connection string or an option that cannot be used.
pub(super) fn unusable(uri: &str, error: &Error) -> StoreError {
    // The driver quotes what it could not read, which can be a password.
    let quotes = matches!(error.kind.as_ref(), ErrorKind::InvalidArgument { .. });
    let why = if quotes && uri.contains('@') {
        "of user and password every sign but letters, digits and - . _ ~ is percent-encoded".into()
    } else {
        words(error)
    };
    StoreError::Unfit(format!(
        "the MongoDB connection string cannot be used ({why}); it looks like mongodb://host:27017/?replicaSet=rs0"
    ))
}

/// Waits for an answer, but not for ever.
pub(super) async fn within<T>(
    limit: Duration,
    request: impl IntoFuture<Output = Result<T>>,
) -> std::result::Result<T, StoreError> {
    match tokio::time::timeout(limit, request).await {
        Ok(answer) => answer.map_err(driver),
        Err(_elapsed) => Err(unanswered(limit)),
    }
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn a_connection_string_that_cannot_be_used_is_refused_without_its_password() {
        for uri in [
            "mongodb://anna:se/cret@db:27017",
            "mongodb://anna:se:cret@db",
            "mongodb://a:cret%@db/",
        ] {
            let told = super::client(uri).await.unwrap_err().to_string();
            assert!(told.contains("percent-encoded") && !told.contains("cret%"), "{uri}: {told}");
            assert!(!told.contains("cret@") && !told.contains("anna"), "{uri}: {told}");
        }
        let told = super::client("mongodb://db:port").await.unwrap_err().to_string();
        assert!(told.contains("port") && !told.contains("labels"), "{told}");
    }
}
