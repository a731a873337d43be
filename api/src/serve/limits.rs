//! What one listener takes on.

use std::time::Duration;

/// What one listener takes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many connections may be open at once.
    pub connections: usize,
    /// How long a new connection may take to ask something.
    pub first_request: Duration,
    /// How long a connection may rest after an answer until the next request has arrived, but for its body.
    pub idle: Duration,
    /// How long the body of a request may take to arrive.
    pub body: Duration,
    /// How long a client may take no byte of an answer that is there.
    pub stalled_answer: Duration,
    /// How long a stop waits for answers to what was asked before.
    pub stop: Duration,
}

impl Default for Limits {
    /// Generous for slow networks, and for clients that keep connections for the next request.
    fn default() -> Self {
        Self {
            connections: 4096,
            first_request: Duration::from_secs(10),
            idle: Duration::from_mins(1),
            body: Duration::from_secs(30),
            stalled_answer: Duration::from_secs(30),
            // Longer than a command may take (10 s).
            stop: Duration::from_secs(15),
        }
    }
}
