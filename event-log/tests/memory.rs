//! The log in memory keeps the same contract as the real ones.

#[cfg(test)]
#[path = "contract/checks.rs"]
mod contract;

use std::sync::Arc;

use event_log::MemoryLog;

#[tokio::test(flavor = "multi_thread")]
async fn the_log_in_memory_keeps_the_contract() {
    contract::contract(Arc::new(MemoryLog::new(3))).await;
}
