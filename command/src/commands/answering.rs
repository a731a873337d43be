//! From a writer's reply to the caller's answer.

use std::sync::Arc;

use domain::{Command, Refusal};
use event_log::{Content, Envelope, Offset, Partition, Position, RecordId, codec};

use super::Commands;
use crate::{CommandOutcome, Failure, Recorded, writer::Reply};

impl Commands {
    /// `repeatable` is the command of an order with a command id; `priced_at` is where its price stands.
    pub(super) async fn answer(
        &self,
        reply: Reply,
        partition: Partition,
        repeatable: Option<&Command>,
        priced_at: Option<RecordId>,
    ) -> Result<CommandOutcome, Failure> {
        match reply {
            Reply::Stored { offset, envelope, repeated } => {
                Ok(self.stored(RecordId { partition, offset }, envelope, repeated, priced_at))
            }
            Reply::Repeats { offset } => {
                // Whether the wish is the same one cannot be said; that its event is stored must not be denied.
                let envelope =
                    self.stored_event(partition, offset).await.ok_or(Failure::Unknown)?;
                if is_met(repeatable, &envelope) {
                    Ok(self.stored(RecordId { partition, offset }, envelope, true, priced_at))
                } else {
                    Ok(CommandOutcome::Refused(Refusal::CommandIdReused))
                }
            }
            Reply::IsAlready { offset } => {
                let envelope =
                    self.stored_event(partition, offset).await.ok_or(Failure::Unavailable)?;
                Ok(self.stored(RecordId { partition, offset }, envelope, true, priced_at))
            }
            Reply::Refused(refusal) => Ok(CommandOutcome::Refused(refusal)),
            Reply::Failed => Err(Failure::Failed),
            // The other is said to those alone who want an event skipped.
            Reply::Unknown | Reply::NotParked { .. } => Err(Failure::Unknown),
            Reply::Overloaded => Err(Failure::Overloaded),
            Reply::Unavailable => Err(Failure::Unavailable),
        }
    }

    /// The answer depends on the price too, so that whoever reads what it needs also sees what was charged.
    fn stored(
        &self,
        place: RecordId,
        envelope: Arc<Envelope>,
        repeated: bool,
        priced_at: Option<RecordId>,
    ) -> CommandOutcome {
        let mut needs = Position::after(self.identity.id, place);
        if let Some(price) = priced_at {
            needs.join(&Position::after(self.identity.id, price));
        }
        let position = self.answered.token(place, needs, &self.follower);
        CommandOutcome::Stored { event: Recorded { place, envelope }, position, repeated }
    }

    /// Reads an event that counts from the log again.
    async fn stored_event(&self, partition: Partition, offset: Offset) -> Option<Arc<Envelope>> {
        let read = self.log.read(partition, offset, 1).await.inspect_err(|error| {
            let error: &dyn std::error::Error = error;
            tracing::warn!(%partition, offset, error, "a stored event could not be read again");
        });
        let stored = read.ok()?.into_iter().find(|stored| stored.offset == offset)?;
        let decoded = codec::decode(&stored.record).inspect_err(|why| {
            tracing::error!(%partition, offset, %why, "a stored event could not be read again");
        });
        decoded.ok().map(Arc::new)
    }
}

fn is_met(command: Option<&Command>, envelope: &Envelope) -> bool {
    match (&envelope.content, command) {
        (Content::Event(event), Some(command)) => command.is_satisfied_by(event),
        (
            Content::Event(_)
            | Content::WriterStarted(_)
            | Content::Barrier
            | Content::EventSkipped(_),
            _,
        ) => false,
    }
}
