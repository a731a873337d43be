//! Giving up events that hold up their key.

use event_log::{Position, RecordId, Trace};

use super::Commands;
use crate::{
    Failure, SkipOutcome, SkipRequest,
    writer::{Reply, Request, Submission, Ticket},
};

impl Commands {
    /// Gives up an event that nobody here can take in, by a record in the log that every reader heeds.
    pub async fn skip(&self, order: SkipRequest) -> Result<SkipOutcome, Failure> {
        let partition = order.skip.place.partition;
        if partition.0 >= self.identity.partitions {
            return Ok(SkipOutcome::NotParked { held_by: None });
        }
        let submission = Submission {
            ticket: Ticket(0),
            wish: Request::Skip(order.skip),
            event_id: order.event_id,
            trace: Trace::default(),
            deadline: self.deadline(order.within),
        };
        let skipped = |offset, repeated| {
            let place = RecordId { partition, offset };
            let needs = Position::after(self.identity.id, place);
            let position = self.answered.token(place, needs, &self.follower);
            SkipOutcome::Skipped { position, repeated }
        };
        match self.ask(partition, submission).await? {
            Reply::Stored { offset, repeated, .. } => Ok(skipped(offset, repeated)),
            Reply::IsAlready { offset } => Ok(skipped(offset, true)),
            Reply::NotParked { held_by } => Ok(SkipOutcome::NotParked { held_by }),
            Reply::Failed => Err(Failure::Failed),
            Reply::Overloaded => Err(Failure::Overloaded),
            Reply::Unavailable => Err(Failure::Unavailable),
            // The last two are said to commands of the shop alone.
            Reply::Unknown | Reply::Repeats { .. } | Reply::Refused(_) => Err(Failure::Unknown),
        }
    }
}
