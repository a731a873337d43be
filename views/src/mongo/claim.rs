//! Becoming the newest feeder of a partition.

use event_log::Partition;
use mongodb::{
    ClientSession,
    bson::{Bson, doc, serialize_to_bson},
    options::ReturnDocument,
};

use super::{
    CHECKPOINTS, MongoViews,
    checkpoint::{By, CheckpointRow, id},
    error::{TIME_EXPIRED, code_of, malformed},
    options::{ANSWER, LOCKED, within},
};
use crate::{FeedClaim, GenerationName, StoreError};

/// A claim that meets a lock, ends the session that holds it and meets the next one has met a busy rival; a third
/// time is a reason to pause.
const TRIES: usize = 3;

impl MongoViews {
    pub(super) async fn claim_partition(
        &self,
        generation: &GenerationName,
        partition: Partition,
        instance: &str,
    ) -> Result<FeedClaim, StoreError> {
        // The session of the claim before is given back first, and with it whatever it had left open.
        self.set_session(generation, partition, None);
        let mut session = within(ANSWER, self.client.start_session()).await?;
        let lsid = session.id().get("id").cloned().unwrap_or(Bson::Null);
        let by = By { instance: instance.to_owned(), lsid };
        let mut tries = 1;
        let row = loop {
            match self.raise(generation, partition, &by, &mut session).await {
                Err(error) if code_of(&error) == Some(TIME_EXPIRED) && tries < TRIES => {
                    self.end_holder(generation, partition).await?;
                }
                raised => break raised?,
            }
            tries = tries.saturating_add(1);
        };
        let row = row.ok_or(StoreError::GenerationGone)?;
        self.set_session(generation, partition, Some(session));
        Ok(FeedClaim { checkpoint: row.read()? })
    }

    async fn raise(
        &self,
        generation: &GenerationName,
        partition: Partition,
        by: &By,
        session: &mut ClientSession,
    ) -> Result<Option<CheckpointRow>, StoreError> {
        let by = serialize_to_bson(by).map_err(|error| malformed(CHECKPOINTS, error))?;
        let checkpoints = self.checkpoint_rows();
        let raise = checkpoints
            .find_one_and_update(
                doc! { "_id": id(generation, partition) },
                doc! { "$set": { "by": by }, "$inc": { "rev": 1_i64 } },
            )
            .max_time(LOCKED)
            .return_document(ReturnDocument::After)
            .session(session);
        within(ANSWER, raise).await
    }

    /// Ends the session of the newest feeder, and with it the transaction that holds the checkpoint. That feeder may
    /// be dead, and `MongoDB` would keep its lock for more than a minute; if it lives, it claims again.
    async fn end_holder(
        &self,
        generation: &GenerationName,
        partition: Partition,
    ) -> Result<(), StoreError> {
        let checkpoints = self.checkpoint_rows();
        let find = checkpoints.find_one(doc! { "_id": id(generation, partition) });
        if let Some(by) = within(ANSWER, find).await?.and_then(|row| row.by) {
            tracing::info!(%partition, holder = by.instance, "ends a transaction that holds a checkpoint");
            self.admin(doc! { "killSessions": [{ "id": by.lsid }] }).await?;
        }
        Ok(())
    }
}
