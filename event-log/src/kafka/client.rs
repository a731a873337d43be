//! What all Kafka clients of the log share: how their troubles are told.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use rdkafka::{
    ClientContext,
    config::RDKafkaLogLevel,
    consumer::ConsumerContext,
    error::{KafkaError, RDKafkaErrorCode},
};
use tokio::sync::Notify;

use super::told::{Told, plain};
use crate::LogError;

/// Watches one client: tells when it gets into trouble and when it is out of it, once each.
#[derive(Debug)]
pub(crate) struct ConnectionWatch {
    /// What the client is for, as the log of the program says it.
    role: &'static str,
    troubled: AtomicBool,
    refused: AtomicBool,
    fatal: AtomicBool,
    ready: Notify,
}

impl ConnectionWatch {
    pub(crate) fn new(role: &'static str) -> Self {
        Self {
            role,
            troubled: AtomicBool::new(false),
            refused: AtomicBool::new(false),
            fatal: AtomicBool::new(false),
            ready: Notify::new(),
        }
    }

    /// Waits until an idempotent producer has its producer id, for so long as that may take.
    pub(crate) async fn ready(&self, at_most: Duration) {
        // Late is as good: the first append then waits for the rest.
        let _ = tokio::time::timeout(at_most, self.ready.notified()).await;
    }

    /// The client met an error that is waited out.
    pub(crate) fn failed(&self, reason: &str) {
        if !self.troubled.swap(true, Ordering::Relaxed) {
            tracing::warn!(role = self.role, reason, "Kafka does not answer; waiting for it");
        }
    }

    /// The brokers refused what the client sent: they answer, but that does not pass by waiting. Told once until it is
    /// well again.
    pub(crate) fn refused(&self, reason: &str) {
        if !self.refused.swap(true, Ordering::Relaxed) {
            tracing::error!(role = self.role, reason, "nothing of what is refused is stored");
        }
    }

    /// The client did what it is for.
    pub(crate) fn recovered(&self) {
        if self.refused.load(Ordering::Relaxed) && self.refused.swap(false, Ordering::Relaxed) {
            tracing::info!(role = self.role, "Kafka takes records again");
        }
        if self.troubled.load(Ordering::Relaxed) && self.troubled.swap(false, Ordering::Relaxed) {
            tracing::info!(role = self.role, "Kafka answers again");
        }
    }

    /// Whether the client will never work again.
    pub(crate) fn is_fatal(&self) -> bool {
        self.fatal.load(Ordering::Relaxed)
    }

    /// Remembers that the client will never work again.
    pub(crate) fn set_fatal(&self) {
        self.fatal.store(true, Ordering::Relaxed);
    }
}

impl ClientContext for ConnectionWatch {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        // librdkafka has no call that says so, but it tells when asked to debug `eos`.
        if facility == "GETPID" && message.contains("Acquired") {
            self.ready.notify_one();
        }
        tracing::debug!(target: "librdkafka", role = self.role, ?level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::Fatal) => self.set_fatal(),
            // Not an error, or one that whoever reads the records handles.
            Some(RDKafkaErrorCode::PartitionEOF | RDKafkaErrorCode::AutoOffsetReset) => return,
            _ => {}
        }
        self.failed(plain(reason));
    }
}

impl ConsumerContext for ConnectionWatch {}

/// An error that may pass.
pub(crate) fn unavailable(error: KafkaError) -> LogError {
    LogError::Unavailable(Box::new(Told(error)))
}
