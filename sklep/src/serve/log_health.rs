//! Whether the log can be reached: looked at beside the probes, so that none of them waits for it.

use std::{sync::Arc, time::Duration};

use event_log::{EventLog, LogError, Partition};
use futures::future::try_join_all;
use tokio::{sync::watch, task::AbortHandle, time};

/// Between two looks.
const BETWEEN: Duration = Duration::from_secs(2);
/// How long the log may take to answer a look. With two looks in a row, a log that goes away is out of reach after
/// twelve seconds at the latest.
const ANSWERS_WITHIN: Duration = Duration::from_secs(4);

/// Looks at the log until it is dropped.
#[derive(Debug)]
pub(super) struct LogHealth {
    trouble: watch::Receiver<Option<String>>,
    looking: AbortHandle,
}

impl LogHealth {
    /// Looks at this log from now on, on the current Tokio runtime; it counts as reached until a look says otherwise.
    pub(super) fn of(log: &Arc<dyn EventLog>) -> Self {
        let (tell, trouble) = watch::channel(None);
        let looking = tokio::spawn(look_on(Arc::clone(log), tell)).abort_handle();
        Self { trouble, looking }
    }

    /// Why the log is out of reach; none while it answers.
    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.borrow().clone()
    }
}

impl Drop for LogHealth {
    fn drop(&mut self) {
        self.looking.abort();
    }
}

async fn look_on(log: Arc<dyn EventLog>, tell: watch::Sender<Option<String>>) {
    let mut looks = Looks::default();
    loop {
        tell.send_replace(looks.judge(look(log.as_ref()).await));
        time::sleep(BETWEEN).await;
    }
}

/// Asks for the ends of all partitions; says why they could not be had.
async fn look(log: &dyn EventLog) -> Option<String> {
    let ends = try_join_all(Partition::all(log.partitions()).map(|partition| log.end(partition)));
    match time::timeout(ANSWERS_WITHIN, ends).await {
        Ok(Ok(_ends)) => None,
        Ok(Err(LogError::Unavailable(why))) => Some(format!("it cannot be reached: {why}")),
        Ok(Err(LogError::Unfit(why))) => Some(why),
        Err(_late) => Some("it cannot be reached: it does not answer".into()),
    }
}

/// What the looks come to. One that fails alone is a leader that moves or a broker that was slow.
#[derive(Debug, Default)]
struct Looks {
    failed_before: bool,
}

impl Looks {
    fn judge(&mut self, failure: Option<String>) -> Option<String> {
        let failed_before = std::mem::replace(&mut self.failed_before, failure.is_some());
        failure.filter(|_| failed_before)
    }
}

#[cfg(test)]
mod tests;
