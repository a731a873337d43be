//! Being told to stop.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ctrl-C and SIGTERM.
pub(super) struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

/// Listens from now on; the signals no longer end the process by themselves.
pub(super) fn stop() -> anyhow::Result<Stop> {
    Ok(Stop {
        interrupt: signal(SignalKind::interrupt())?,
        terminate: signal(SignalKind::terminate())?,
    })
}

impl Stop {
    /// From now on, one more of them ends the process at once; the log is made for that.
    pub(super) fn again_at_once(mut self) {
        tokio::spawn(async move {
            let name = self.recv().await;
            tracing::warn!(signal = name, "stopping at once");
            std::process::exit(1);
        });
    }

    /// Waits for one of them, and says which.
    pub(super) async fn recv(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}
