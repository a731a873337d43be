use event_log::Partition;
use mongodb::bson::DateTime;
use serde::Deserialize;

use super::{Row, bson_writer::BsonWriter, timestamp};
use crate::{Document, Parked, QuarantinePeriod, Queue, Release, ReleasedBy, View};

/// The key of a parked key.
#[derive(Debug, Deserialize)]
pub(in crate::mongo) struct ParkedKey {
    pub(in crate::mongo) partition: i64,
    pub(in crate::mongo) key: String,
}

/// A parked key.
#[derive(Debug, Deserialize)]
pub(in crate::mongo) struct ParkedRow {
    #[serde(rename = "_id")]
    id: ParkedKey,
    episodes: Vec<QuarantinePeriodRow>,
    waiting: i64,
    last: i64,
}

#[derive(Debug, Deserialize)]
struct QuarantinePeriodRow {
    blocked: i64,
    reason: String,
    since: DateTime,
    released: Option<ReleaseRow>,
}

#[derive(Debug, Deserialize)]
struct ReleaseRow {
    at: i64,
    by: ReleasedByRow,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ReleasedByRow {
    Skip,
    Retry,
}

impl Row for ParkedRow {
    type Document = Parked;
    const VIEW: View = View::Parked;
    const CHANGING: &'static [&'static str] = &["blocked", "episodes", "waiting", "last"];

    fn write(parked: &Parked, row: &mut BsonWriter) {
        // What blocks the others now stands here again, so that an index finds what is parked.
        row.long_or_null("blocked", parked.lasting().map(|episode| episode.blocked));
        row.inners("episodes", &parked.episodes, QuarantinePeriodRow::write);
        row.long("waiting", parked.waiting);
        row.long("last", parked.last);
    }

    fn read(self) -> Option<Parked> {
        Some(Parked {
            key: self.id.key,
            partition: Partition(u16::try_from(self.id.partition).ok()?),
            episodes: self
                .episodes
                .into_iter()
                .map(QuarantinePeriodRow::read)
                .collect::<Option<_>>()?,
            waiting: u64::try_from(self.waiting).ok()?,
            last: u64::try_from(self.last).ok()?,
        })
    }

    fn document(parked: Parked) -> Document {
        Document::Parked(parked)
    }
}

impl QuarantinePeriodRow {
    fn write(row: &mut BsonWriter, episode: &QuarantinePeriod) {
        row.long("blocked", episode.blocked);
        row.text("reason", &episode.reason);
        row.date("since", episode.since);
        match episode.released {
            Some(Release { at, by }) => row.inner("released", |released| {
                released.long("at", at);
                released.text(
                    "by",
                    match by {
                        ReleasedBy::Skip => "skip",
                        ReleasedBy::Retry => "retry",
                    },
                );
            }),
            None => row.text_or_null("released", None),
        }
    }

    fn read(self) -> Option<QuarantinePeriod> {
        let release = |row: ReleaseRow| {
            let by = match row.by {
                ReleasedByRow::Skip => ReleasedBy::Skip,
                ReleasedByRow::Retry => ReleasedBy::Retry,
            };
            Some(Release { at: u64::try_from(row.at).ok()?, by })
        };
        Some(QuarantinePeriod {
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
#[derive(Debug, Deserialize)]
pub(in crate::mongo) struct QueueKey {
    pub(in crate::mongo) partition: i64,
    pub(in crate::mongo) key: String,
    pub(in crate::mongo) number: i64,
}

/// Offsets that wait behind a parked event.
#[derive(Debug, Deserialize)]
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

    fn write(queue: &Queue, row: &mut BsonWriter) {
        row.longs("offsets", &queue.offsets);
        row.long("last", queue.last);
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
