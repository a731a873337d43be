//! Clients of the real query role.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use event_log::{Follower, MemoryLog, Position, RecordId, Subscribers};
use query::{Failure, Queries, ReadSession, Settings};
use tokio::time::sleep;

use super::{
    audit::Positions,
    simulated_store::SimulatedStore,
    world::{IDENTITY, World},
};

/// How far the clients know that the views have been: they tell one another, as people do.
pub(super) type Session = Arc<Mutex<Positions>>;

/// Asks one process for ever, one question after the other.
pub(super) async fn ask_for_ever(link: Arc<SimulatedStore>, follower: Follower, session: Session) {
    let log = Arc::<MemoryLog>::clone(&link.world.log);
    let reader: Arc<SimulatedStore> = Arc::clone(&link);
    let queries = Queries::start(reader, log, follower, Settings::default());
    let world = &link.world;
    loop {
        sleep(Duration::from_millis(world.below(1_500))).await;
        let wanted = match world.below(4) {
            0 => Positions::new(),
            _ => session.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        };
        ask(&link, &queries, &wanted, &session).await;
    }
}

/// Asks once; whether it was answered.
pub(super) async fn ask(
    link: &Arc<SimulatedStore>,
    queries: &Queries,
    wanted: &Positions,
    session: &Session,
) -> bool {
    let (world, name) = (&link.world, &link.process.name);
    let answer = queries.read(|reading| {
        // Only what the last attempt has read is answered.
        world.with(|inner| inner.audit.reads.remove(name));
        attempt(reading, position(wanted), Arc::clone(world))
    });
    let answer = answer.await.and_then(|answer| answer);
    let reads = world.with(|inner| inner.audit.reads.remove(name)).unwrap_or_default();
    world.note(|| format!("{name} answers {:?}", answer.as_ref().map_err(ToString::to_string)));
    if answer.is_err() {
        world.with(|inner| inner.audit.tally.unanswered += 1);
        return false;
    }
    world.with(|inner| inner.answered(name, &reads, wanted));
    if let Some(first) = reads.first() {
        let mut session = session.lock().unwrap_or_else(PoisonError::into_inner);
        for (partition, at) in &first.at {
            let known = session.entry(*partition).or_default();
            *known = (*known).max(*at);
        }
        drop(session);
    }
    true
}

async fn attempt(
    reading: Arc<ReadSession>,
    wanted: Position,
    world: Arc<World>,
) -> Result<(), Failure> {
    reading.at_least(&wanted).await?;
    for _ in 0..=world.below(3) {
        // Some questions take long, and some longer than a lease.
        let pause = match world.below(30) {
            0 => world.below(40_000),
            1..5 => world.below(1_000),
            _ => 0,
        };
        sleep(Duration::from_millis(pause)).await;
        match world.below(3) {
            0 => drop(reading.customers(&["c0", "c1", "c2", "c3"].map(ToOwned::to_owned)).await?),
            1 => drop(reading.products(&["p0", "p1", "p2"].map(ToOwned::to_owned)).await?),
            _ => drop(reading.product_sales(&["p0", "p1", "p2"].map(ToOwned::to_owned)).await?),
        }
    }
    Ok(())
}

pub(super) fn position(wanted: &Positions) -> Position {
    let mut position = Position::start(IDENTITY.id);
    for (&partition, &at) in wanted {
        if let Some(offset) = at.checked_sub(1) {
            position.join(&Position::after(IDENTITY.id, RecordId { partition, offset }));
        }
    }
    position
}

pub(super) fn follower(world: &World) -> Follower {
    Follower::start(&*world.log, IDENTITY, Subscribers::default())
}
