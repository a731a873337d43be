//! Saying that another instance writes the same partitions.
//!
//! Two instances that both decide commands take the partitions from each other. The ledger keeps the log right, but each
//! takeover makes the commands of a partition wait, and nobody would know why.

use std::{sync::Weak, time::Duration};

use api::metrics::{Family, Kind};
use command::{Commands, Takeovers};
use tokio::time::{Instant, sleep};

/// Between two looks.
const BETWEEN: Duration = Duration::from_secs(1);
/// While it goes on, it is said so often.
const AGAIN_AFTER: Duration = Duration::from_mins(1);

/// Tells the log of the program what others take from these commands, as long as there are these commands.
pub(super) async fn watch(commands: Weak<Commands>, partitions: u16) {
    let mut telling = Telling::default();
    while let Some(commands) = commands.upgrade() {
        telling.look(&commands.takeovers(), partitions, Instant::now());
        drop(commands);
        sleep(BETWEEN).await;
    }
}

/// What others take from this instance, in words, and what to do; none while nobody takes anything.
pub(crate) fn trouble(takeovers: &Takeovers, partitions: u16) -> Option<String> {
    let Takeovers { disputed, by, .. } = takeovers;
    if disputed.is_empty() {
        return None;
    }
    let by: Vec<&str> = by.iter().map(AsRef::as_ref).collect();
    let by = if by.is_empty() {
        "another instance (it was started without --advertise, so it has no address)".into()
    } else {
        format!("another instance at {}", by.join(" and "))
    };
    Some(format!(
        "{by} decides commands of this log too: within the last minute it has taken over {} of the {partitions} partitions that this \
         instance writes. Nothing is lost or doubled, but both answer slowly. Let one process have the role command and start the \
         others with `--roles query,projector`; after an update, stop the old instance",
        disputed.len()
    ))
}

/// What others have taken from this instance, as figures.
pub(super) fn figures(commands: &Commands) -> [Family; 2] {
    let Takeovers { count, disputed, .. } = commands.takeovers();
    let takeovers = Family::new(
        "sklep_writer_takeovers_total",
        Kind::Counter,
        "How often another instance took over a partition that this process wrote.",
    );
    let lately = Family::new(
        "sklep_writers_disputed",
        Kind::Gauge,
        "Partitions of this process that another instance has taken over within the last minute.",
    );
    let disputed = u64::try_from(disputed.len()).unwrap_or(u64::MAX);
    [takeovers.with(&[], count), lately.with(&[], disputed)]
}

/// When it was last said.
#[derive(Debug, Default)]
struct Telling(Option<Instant>);

/// What is to be said.
#[derive(Debug, PartialEq, Eq)]
enum News {
    Disputed(String),
    Over,
}

impl Telling {
    fn look(&mut self, takeovers: &Takeovers, partitions: u16, now: Instant) {
        match self.news(takeovers, partitions, now) {
            Some(News::Disputed(trouble)) => {
                tracing::warn!(takeovers = takeovers.count, "{trouble}");
            }
            Some(News::Over) => {
                tracing::info!(
                    "no other instance has taken over a partition of this one for a minute"
                );
            }
            None => {}
        }
    }

    fn news(&mut self, takeovers: &Takeovers, partitions: u16, now: Instant) -> Option<News> {
        match (trouble(takeovers, partitions), self.0) {
            (Some(_), Some(told)) if now.saturating_duration_since(told) < AGAIN_AFTER => None,
            (Some(trouble), _) => {
                self.0 = Some(now);
                Some(News::Disputed(trouble))
            }
            (None, Some(_)) => {
                self.0 = None;
                Some(News::Over)
            }
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests;
