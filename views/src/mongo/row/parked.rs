use event_log::Partition;
use mongodb::bson::DateTime;
use serde::{Deserialize, Serialize};

use super::{Row, date, timestamp};
use crate::{Document, Episode, Parked, Queue, Release, ReleasedBy, mongo::collections::View};

/// The key of a parked key.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::mongo) struct ParkedKey {
    pub(in crate::mongo) partition: i64,
    pub(in crate::mongo) key: String,
}

/// A parked key.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::mongo) struct ParkedRow {
    #[serde(rename = "_id")]
    id: ParkedKey,
    /// The event that blocks the others now, so that an index finds what is parked.
    blocked: Option<i64>,
    episodes: Vec<EpisodeRow>,
    waiting: i64,
    last: i64,
}

#[derive(Debug, Serialize, Deserialize)]
struct EpisodeRow {
    blocked: i64,
    reason: String,
    since: DateTime,
    released: Option<ReleaseRow>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ReleaseRow {
    at: i64,
    by: ReleasedByRow,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ReleasedByRow {
    Skip,
    Retry,
}

impl Row for ParkedRow {
    type Document = Parked;
    const VIEW: View = View::Parked;
    const CHANGING: &'static [&'static str] = &["blocked", "episodes", "waiting", "last"];

    fn write(parked: &Parked) -> Option<Self> {
        let id = ParkedKey { partition: parked.partition.0.into(), key: parked.key.clone() };
        Some(Self {
            id,
            blocked: match parked.lasting() {
                Some(episode) => Some(i64::try_from(episode.blocked).ok()?),
                None => None,
            },
            episodes: parked.episodes.iter().map(EpisodeRow::write).collect::<Option<_>>()?,
            waiting: i64::try_from(parked.waiting).ok()?,
            last: i64::try_from(parked.last).ok()?,
        })
    }

    fn read(self) -> Option<Parked> {
        Some(Parked {
            key: self.id.key,
            partition: Partition(u16::try_from(self.id.partition).ok()?),
            episodes: self.episodes.into_iter().map(EpisodeRow::read).collect::<Option<_>>()?,
            waiting: u64::try_from(self.waiting).ok()?,
            last: u64::try_from(self.last).ok()?,
        })
    }

    fn document(parked: Parked) -> Document {
        Document::Parked(parked)
    }
}

impl EpisodeRow {
    fn write(episode: &Episode) -> Option<Self> {
        let release = |release: Release| {
            let by = match release.by {
                ReleasedBy::Skip => ReleasedByRow::Skip,
                ReleasedBy::Retry => ReleasedByRow::Retry,
            };
            Some(ReleaseRow { at: i64::try_from(release.at).ok()?, by })
        };
        Some(Self {
            blocked: i64::try_from(episode.blocked).ok()?,
            reason: episode.reason.clone(),
            since: date(episode.since),
            released: match episode.released {
                Some(released) => Some(release(released)?),
                None => None,
            },
        })
    }

    fn read(self) -> Option<Episode> {
        let release = |row: ReleaseRow| {
            let by = match row.by {
                ReleasedByRow::Skip => ReleasedBy::Skip,
                ReleasedByRow::Retry => ReleasedBy::Retry,
            };
            Some(Release { at: u64::try_from(row.at).ok()?, by })
        };
        Some(Episode {
            blocked: u64::try_from(self.blocked).ok()?,
            reason: self.reason,
            since: timestamp(self.since),
            released: match self.released {
                Some(released) => Some(release(released)?),
                None => None,
            },
        })
    }
}

/// The key of offsets that wait.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::mongo) struct QueueKey {
    pub(in crate::mongo) partition: i64,
    pub(in crate::mongo) key: String,
    pub(in crate::mongo) number: i64,
}

/// Offsets that wait behind a parked event.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::mongo) struct QueueRow {
    #[serde(rename = "_id")]
    id: QueueKey,
    offsets: Vec<i64>,
    last: i64,
}

impl Row for QueueRow {
    type Document = Queue;
    const VIEW: View = View::Parked;
    const CHANGING: &'static [&'static str] = &["offsets", "last"];

    fn write(queue: &Queue) -> Option<Self> {
        Some(Self {
            id: QueueKey {
                partition: queue.partition.0.into(),
                key: queue.key.clone(),
                number: i64::try_from(queue.number).ok()?,
            },
            offsets: queue
                .offsets
                .iter()
                .map(|offset| i64::try_from(*offset).ok())
                .collect::<Option<_>>()?,
            last: i64::try_from(queue.last).ok()?,
        })
    }

    fn read(self) -> Option<Queue> {
        Some(Queue {
            partition: Partition(u16::try_from(self.id.partition).ok()?),
            key: self.id.key,
            number: u64::try_from(self.id.number).ok()?,
            offsets: self
                .offsets
                .into_iter()
                .map(|offset| u64::try_from(offset).ok())
                .collect::<Option<_>>()?,
            last: u64::try_from(self.last).ok()?,
        })
    }

    fn document(queue: Queue) -> Document {
        Document::Queue(queue)
    }
}
