//! What jobs say of themselves, as it is stored.

use futures::TryStreamExt;
use mongodb::bson::doc;
use serde::{Deserialize, Serialize};

use super::{
    MongoViews, PROGRESS,
    error::malformed,
    options::{ANSWER, within},
};
use crate::{GenerationName, Heartbeat, Phase, StoreError};

/// A beat; each generation has the newest one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct HeartbeatRow {
    #[serde(rename = "_id")]
    generation: String,
    job: String,
    instance: String,
    count: i64,
    phase: PhaseRow,
    done: i64,
    total: i64,
    rate: i64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum PhaseRow {
    Filling,
    Indexing,
    CatchingUp,
    Verifying,
    Flipped,
    Cancelled,
    Paused,
}

impl MongoViews {
    pub(super) async fn store_beat(&self, beat: &Heartbeat) -> Result<(), StoreError> {
        let row = HeartbeatRow::write(beat)
            .ok_or_else(|| malformed(PROGRESS, "a number is too large"))?;
        let rows = self.progress_rows();
        let replace = rows.replace_one(doc! { "_id": beat.generation.as_str() }, row).upsert(true);
        within(ANSWER, replace).await.map(|_replaced| ())
    }

    pub(super) async fn stored_beats(&self) -> Result<Vec<Heartbeat>, StoreError> {
        let rows = self.progress_rows();
        let find = async {
            rows.find(doc! {}).sort(doc! { "_id": 1 }).await?.try_collect::<Vec<_>>().await
        };
        let beats = within(ANSWER, find).await?.into_iter().map(HeartbeatRow::read);
        let beats = beats.collect::<Option<_>>();
        beats.ok_or_else(|| malformed(PROGRESS, "a number is negative"))
    }

    pub(super) async fn remove_beat(&self, generation: &GenerationName) -> Result<(), StoreError> {
        let rows = self.progress_rows();
        let delete = rows.delete_one(doc! { "_id": generation.as_str() });
        within(ANSWER, delete).await.map(|_deleted| ())
    }
}

impl HeartbeatRow {
    fn write(beat: &Heartbeat) -> Option<Self> {
        Some(Self {
            generation: beat.generation.to_string(),
            job: beat.job.clone(),
            instance: beat.instance.clone(),
            count: i64::try_from(beat.count).ok()?,
            phase: match beat.phase {
                Phase::Filling => PhaseRow::Filling,
                Phase::Indexing => PhaseRow::Indexing,
                Phase::CatchingUp => PhaseRow::CatchingUp,
                Phase::Verifying => PhaseRow::Verifying,
                Phase::Flipped => PhaseRow::Flipped,
                Phase::Cancelled => PhaseRow::Cancelled,
                Phase::Paused => PhaseRow::Paused,
            },
            done: i64::try_from(beat.done).ok()?,
            total: i64::try_from(beat.total).ok()?,
            rate: i64::try_from(beat.rate).ok()?,
        })
    }

    fn read(self) -> Option<Heartbeat> {
        Some(Heartbeat {
            generation: GenerationName::stored(self.generation),
            job: self.job,
            instance: self.instance,
            count: u64::try_from(self.count).ok()?,
            phase: match self.phase {
                PhaseRow::Filling => Phase::Filling,
                PhaseRow::Indexing => Phase::Indexing,
                PhaseRow::CatchingUp => Phase::CatchingUp,
                PhaseRow::Verifying => Phase::Verifying,
                PhaseRow::Flipped => Phase::Flipped,
                PhaseRow::Cancelled => Phase::Cancelled,
                PhaseRow::Paused => Phase::Paused,
            },
            done: u64::try_from(self.done).ok()?,
            total: u64::try_from(self.total).ok()?,
            rate: u64::try_from(self.rate).ok()?,
        })
    }
}
