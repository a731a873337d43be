//! The end of a world: nothing goes wrong any more, and everything must come right.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use event_log::{Follower, MemoryLog, Partition};
use query::{Queries, Settings};
use tokio::time::{Instant, sleep};
use views::{Control, GenerationState};

use super::{
    actors::Actors,
    audit::Positions,
    call_outcomes::{FaultRates, LATEST},
    queries::{Session, ask},
    simulated_store::SimulatedStore,
    world::{IDENTITY, Inner, World},
    writer::Writer,
};

/// Jobs that wait for others, leases and the rest, one after the other.
const LONG: Duration = Duration::from_mins(5);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(500);

/// Lets everybody go on and finish, has an operator tidy up, and looks whether all is well.
pub(super) async fn quiesce(
    actors: &mut Actors,
    writer: &mut Writer,
    follower: Follower,
    session: &Session,
) {
    let world = Arc::clone(&actors.world);
    world.note(|| "from here on nothing goes wrong".into());
    world.with(|inner| inner.weather = FaultRates::CALM);
    actors.wake_all();
    actors.start_dead_projectors();
    sleep(LATEST).await;
    actors.resume();
    all_done(actors, "a rebuild or an order never ends").await;
    writer.skips_nothing_more();
    let is_built = world.with(|inner| match &inner.database.control {
        Some(control) => {
            control.is_built() && control.filling().is_none() && !inner.is_stuck(&control.live)
        }
        None => false,
    });
    if !is_built {
        actors.start_job(0);
        all_done(actors, "the last rebuild never ends").await;
    }
    for _ in 0..3 {
        writer.writes();
    }
    comes_right(&world).await;
    actors.tidy_up();
    all_done(actors, "orphans are never removed").await;
    is_whole(&world);
    is_answered(actors, follower, session).await;
}

async fn all_done(actors: &Actors, otherwise: &str) {
    if !actors.all_done(LONG).await {
        actors.world.with(|inner| inner.violated(otherwise));
    }
}

/// The projectors alone bring the rest about.
async fn comes_right(world: &World) {
    until(world, "the live generation never reaches the end of the log", |inner| {
        live(inner).is_some_and(|control| {
            let at = inner.positions(&control.live);
            Partition::all(IDENTITY.partitions).all(|it| at.get(&it) == Some(&inner.truth.end(it)))
        })
    })
    .await;
    until(world, "the names never point at the live generation", |inner| {
        live(inner).map(|it| &it.live) == inner.database.names.as_ref()
    })
    .await;
    until(world, "a generation is never removed", |inner| {
        let all = |control: &Control| {
            control.generations.values().all(|it| it.state == GenerationState::Ready)
        };
        live(inner).is_some_and(all)
    })
    .await;
}

fn live(inner: &Inner) -> Option<&Control> {
    inner.database.control.as_ref().filter(|it| it.is_built())
}

async fn until(world: &World, otherwise: &str, holds: impl Fn(&Inner) -> bool) {
    let begun = Instant::now();
    while !world.with(|inner| holds(inner)) {
        if begun.elapsed() > LONG {
            world.with(|inner| inner.violated(otherwise));
            return;
        }
        sleep(LOOK).await;
    }
}

/// Every generation that there is is whole, and nothing else is stored.
fn is_whole(world: &World) {
    world.with(|inner| {
        let Some(control) = inner.database.control.clone() else { return };
        let known: BTreeSet<_> = control.generations.keys().cloned().collect();
        let stored = inner.database.stored();
        if known != stored {
            inner.violated(format!("control knows {known:?}, and stored is {stored:?}"));
        }
        for name in &known {
            for partition in Partition::all(IDENTITY.partitions) {
                inner.whole(name, partition, "is left");
            }
            let strange = inner
                .database
                .documents(name)
                .find(|it| inner.truth.partition(&it.key()).is_none())
                .map(views::Document::key);
            if let Some(key) = strange {
                inner.violated(format!("{key:?} of {name} comes from nowhere"));
            }
        }
    });
}

/// A query sees everything.
async fn is_answered(actors: &mut Actors, follower: Follower, session: &Session) {
    let link = actors.link('Q');
    let log = Arc::<MemoryLog>::clone(&link.world.log);
    let reader: Arc<SimulatedStore> = Arc::clone(&link);
    let queries = Queries::start(reader, log, follower, Settings::default());
    let all: Positions = link.world.with(|inner| {
        Partition::all(IDENTITY.partitions).map(|it| (it, inner.truth.end(it))).collect()
    });
    let mut tries = 0;
    // A question of chance may outlast its lease or its deadline, and a few in a row do so once in thousands of worlds.
    while !ask(&link, &queries, &all, session).await {
        tries += 1;
        if tries == 10 {
            link.world.with(|inner| inner.violated("a question is never answered"));
            return;
        }
    }
}
