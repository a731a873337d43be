//! The listener.

use std::{future::Future, io, time::Duration};

use axum::{Router, serve::ListenerExt};
use tokio::{net::TcpListener, sync::oneshot, time::sleep};

/// How long a stop waits for requests that were accepted: longer than a command may take (10 s), so that only a
/// client which does not finish its own request is left behind.
const GRACE: Duration = Duration::from_secs(15);

/// Serves until `shutdown` is done, then takes no more connections, answers what was accepted, and returns.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = listener.tap_io(|connection| {
        // Answers are small: waiting for more to send (Nagle) would only delay them.
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    let (stopping, stopped) = oneshot::channel();
    let served = axum::serve(listener, router).with_graceful_shutdown(async {
        shutdown.await;
        // The receiver is there as long as this server is.
        _ = stopping.send(());
    });
    let too_long = async {
        if stopped.await.is_ok() {
            sleep(GRACE).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        served = served => served,
        () = too_long => {
            tracing::warn!("requests that were still coming in are left behind");
            Ok(())
        }
    }
}
