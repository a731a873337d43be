//! A walk over several partitions: each in its own order, merged by time.

use std::collections::VecDeque;

use event_log::{
    LogError, NewRecord, Offset, Partition, Position, RecordId, StoredRecord, codec::Kind,
    partition_of,
};
use futures::future::try_join_all;

use super::EventsQuery;
use crate::{Budget, Failure, queries::Sources};

/// The most records that are read of a partition at once.
const CHUNK: usize = 256;

/// A walk from a position to the end that the log had when it began.
pub(super) struct Walk<'a> {
    sources: &'a Sources,
    budget: &'a Budget,
    lanes: Vec<PartitionCursor>,
    position: Position,
    chunk: usize,
}

/// The walk within one partition.
struct PartitionCursor {
    partition: Partition,
    /// The offset after the last record that was read.
    read: Offset,
    end: Offset,
    records: VecDeque<StoredRecord>,
}

impl<'a> Walk<'a> {
    pub(super) async fn begin(
        sources: &'a Sources,
        wish: &EventsQuery,
        budget: &'a Budget,
    ) -> Result<Self, Failure> {
        let follower = &sources.follower;
        if let Some(error) = follower.failed() {
            return Err(error.into());
        }
        let identity = follower.identity();
        let position = wish.after.clone().unwrap_or_else(|| Position::start(identity.id));
        let known = position.iter().all(|(partition, _)| partition.0 < identity.partitions);
        if position.log() != identity.id || !known {
            return Err(Failure::BadPosition);
        }
        within_the_log(sources, &position).await?;
        let only = only_partition(wish, identity.partitions);
        let partitions = Partition::all(identity.partitions)
            .filter(|partition| only.is_none_or(|only| only == *partition));
        let lanes = partitions.map(|partition| PartitionCursor {
            partition,
            read: position.seen(partition),
            end: follower.seen(partition),
            records: VecDeque::new(),
        });
        let chunk = wish.first.saturating_add(1).min(CHUNK);
        Ok(Self { sources, budget, lanes: lanes.collect(), position, chunk })
    }

    /// What the walk has seen so far.
    pub(super) fn position(&self) -> Position {
        self.position.clone()
    }

    /// The next record, without passing it; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<(RecordId, &NewRecord)>, Failure> {
        if self.lanes.iter().any(PartitionCursor::is_dry) {
            let (sources, budget, chunk) = (self.sources, self.budget, self.chunk);
            let refills = self.lanes.iter_mut().map(|lane| lane.refill(sources, budget, chunk));
            try_join_all(refills).await?;
            // Whoever looks on has not found enough: a filter leaves much out.
            self.chunk = chunk.saturating_mul(2).min(CHUNK);
        }
        let fronts = self.lanes.iter().filter_map(PartitionCursor::front);
        Ok(fronts.min_by_key(|(place, record)| (record.timestamp, *place)))
    }

    /// Goes on behind the record at this place.
    pub(super) fn pass(&mut self, place: RecordId) {
        self.position.see(place.partition, place.offset.saturating_add(1));
        let lane = self.lanes.iter_mut().find(|lane| lane.partition == place.partition);
        lane.and_then(|lane| lane.records.pop_front());
    }
}

/// Refuses a position that has seen more than there is, as after an older copy of the log was put back: a reader who
/// went on from there would miss what is written until then.
async fn within_the_log(sources: &Sources, position: &Position) -> Result<(), Failure> {
    for (partition, seen) in position.iter() {
        // The follower may be a little behind an answer that was just given.
        if seen > sources.follower.seen(partition) && seen > sources.log.end(partition).await? {
            return Err(Failure::BadPosition);
        }
    }
    Ok(())
}

/// Where all that is wanted stands, when that is one partition: what a customer did, or a product's prices. Who
/// bought a product may stand in any.
fn only_partition(wish: &EventsQuery, partitions: u16) -> Option<Partition> {
    let prices = wish.kinds.as_ref().is_some_and(|kinds| kinds == &[Kind::ProductPriced]);
    let product = wish.product.as_ref().filter(|_| prices);
    let key = wish.customer.as_ref().or(product)?;
    Some(partition_of(key.as_bytes(), partitions))
}

impl PartitionCursor {
    fn front(&self) -> Option<(RecordId, &NewRecord)> {
        let stored = self.records.front()?;
        Some((RecordId { partition: self.partition, offset: stored.offset }, &stored.record))
    }

    fn is_dry(&self) -> bool {
        self.records.is_empty() && self.read < self.end
    }

    async fn refill(
        &mut self,
        sources: &Sources,
        budget: &Budget,
        chunk: usize,
    ) -> Result<(), Failure> {
        if !self.is_dry() {
            return Ok(());
        }
        // The semaphore is never closed; without its leave the read would only be one too many.
        let _leave = sources.reads.acquire().await;
        budget.look_at(chunk)?;
        let read = sources.log.read(self.partition, self.read, chunk).await?;
        budget.give_back(chunk.saturating_sub(read.len()));
        let Some(last) = read.last() else {
            // The follower has seen more than the log gives now: the log is not what it was.
            return Err(LogError::Unavailable("a record that was seen is gone".into()).into());
        };
        self.read = last.offset.saturating_add(1);
        let end = self.end;
        self.records.extend(read.into_iter().filter(|stored| stored.offset < end));
        Ok(())
    }
}
