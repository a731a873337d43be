//! The driver's errors in words. What the driver itself prints is a dump: of all servers it knows of, of labels, and of the
//! server's answer with whatever was in it.

use std::fmt;

use mongodb::{
    bson::Document,
    error::{Error, ErrorKind, InsertManyError, WriteFailure},
};

/// So many characters of what a server or the driver says are told.
const LONGEST: usize = 200;

/// An error of the driver that is told in a line. It is the last of its causes.
#[derive(Debug)]
pub(super) struct DriverMessage(pub(super) Error);

impl std::error::Error for DriverMessage {}

impl fmt::Display for DriverMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words(&self.0))
    }
}

/// What is wrong, in a line.
pub(super) fn words(error: &Error) -> String {
    of_server(&error.kind).unwrap_or_else(|| of_driver(&error.kind))
}

/// What a server says that did not do what it was asked.
pub(super) fn of_reply(error: &Document) -> String {
    let code = error.get_i32("code").unwrap_or_default();
    said(code, error.get_str("codeName").ok(), error.get_str("errmsg").unwrap_or_default())
}

/// What the server said, when it answered.
fn of_server(kind: &ErrorKind) -> Option<String> {
    if let ErrorKind::Command(error) = kind {
        return Some(said(error.code, Some(&error.code_name), &error.message));
    }
    if let ErrorKind::Write(WriteFailure::WriteError(error)) = kind {
        return Some(said(error.code, error.code_name.as_deref(), &error.message));
    }
    if let ErrorKind::Write(WriteFailure::WriteConcernError(error)) = kind {
        return Some(said(error.code, Some(&error.code_name), &error.message));
    }
    if let ErrorKind::InsertMany(InsertManyError { write_errors: Some(errors), .. }) = kind {
        let first = errors.first()?;
        return Some(said(first.code, first.code_name.as_deref(), &first.message));
    }
    None
}

fn of_driver(kind: &ErrorKind) -> String {
    if let ErrorKind::ServerSelection { message, .. } = kind {
        return of_selection(message);
    }
    if let ErrorKind::Io(error) = kind {
        return clipped(&format!("the connection to MongoDB failed: {error}"));
    }
    if let ErrorKind::ConnectionPoolCleared { .. } = kind {
        return "the connection to MongoDB was lost while it was used".into();
    }
    if matches!(kind, ErrorKind::InsertMany(_) | ErrorKind::BulkWrite(_)) {
        return "MongoDB did not write everything that it was given".into();
    }
    clipped(&kind.to_string())
}

fn said(code: i32, name: Option<&str>, message: &str) -> String {
    let name = name.filter(|name| !name.is_empty()).unwrap_or("no name");
    clipped(&format!("MongoDB answers with error {code} ({name}): {message}"))
}

/// What became of each server, out of the driver's picture of them all, such as `… Topology: { Type: Unknown, Servers: [ { Address:
/// db:27017, Type: Unknown, Error: Kind: I/O error: Connection refused (os error 111), labels: {}, … } ] }`.
fn of_selection(message: &str) -> String {
    let servers = message.split("{ Address: ").skip(1).map(|server| {
        let (address, about) = server.split_once(',').unwrap_or((server, ""));
        let error = about.split_once("Error: Kind: ").map(|(_, error)| error);
        let error = error.and_then(|error| error.split(", labels: ").next());
        let state =
            about.split_once("Type: ").and_then(|(_, state)| state.split([',', ' ']).next());
        let what = error.map(|error| error.trim_start_matches("I/O error: ")).or(state);
        format!("{} ({})", address.trim(), what.unwrap_or("unknown"))
    });
    let servers: Vec<_> = servers.collect();
    let none = "no server of MongoDB can be used";
    if servers.is_empty() {
        return none.into();
    }
    clipped(&format!("{none}: {}", servers.join(", ")))
}

fn clipped(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mongodb::{Client, bson::doc, options::ClientOptions};

    use super::*;

    #[tokio::test]
    async fn a_server_that_cannot_be_reached_is_told_without_the_picture_of_all_servers() {
        let mut options =
            ClientOptions::parse("mongodb://127.0.0.1:1/?replicaSet=rs0").await.unwrap();
        options.server_selection_timeout = Some(Duration::from_millis(300));
        let client = Client::with_options(options).unwrap();
        let error = client.database("sklep").run_command(doc! { "ping": 1 }).await.unwrap_err();
        assert!(error.to_string().contains("Topology"), "{error}");
        let told = DriverMessage(error).to_string();
        let expected = "no server of MongoDB can be used: 127.0.0.1:1 (Connection refused";
        assert!(told.starts_with(expected) && told.len() < 120, "{told}");
    }

    #[test]
    fn a_server_that_is_no_primary_is_told_by_what_it_is() {
        let message = "Server selection timeout: None of the available servers suitable for criteria ReadPreference(Primary). \
            Topology: { Type: ReplicaSetNoPrimary, Set Name: rs0, Servers: [ { Address: a:27017, Type: RsSecondary, Average \
            RTT: 2ms }, { Address: b:27017, Type: Unknown, Error: Kind: I/O error: timed out, labels: {}, source: None } ] }";
        let expected =
            "no server of MongoDB can be used: a:27017 (RsSecondary), b:27017 (timed out)";
        assert_eq!(of_selection(message), expected);
    }

    #[test]
    fn what_a_server_says_is_told_with_its_code_and_not_at_length() {
        let reply = doc! { "code": 11_000, "errmsg": "dup key ".repeat(100), "keyValue": { "_id": "anna" } };
        let told = of_reply(&reply);
        assert!(told.starts_with("MongoDB answers with error 11000 (no name): dup key"), "{told}");
        assert_eq!(told.chars().count(), LONGEST + 1);
    }
}
