//! The embedded log in a real folder.

#[path = "contract/checks.rs"]
mod contract;

#[path = "embedded/folder.rs"]
mod folder;
#[path = "embedded/killed.rs"]
mod killed;

use event_log::EmbeddedLog;

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_log_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::open(folder.path(), Some(3)).unwrap();
    contract::contract(log).await;
}
