//! The embedded log in a real folder.

#[cfg(test)]
#[path = "contract/checks.rs"]
mod contract;

#[cfg(test)]
#[path = "embedded/folder.rs"]
mod folder;
#[cfg(test)]
#[path = "embedded/killed.rs"]
mod killed;

use event_log::EmbeddedLog;

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_log_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::open(folder.path(), Some(3)).unwrap();
    contract::contract(log).await;
}
