//! Random search: a seed makes a world and everything that befalls it.

use std::{sync::Arc, time::Duration};

use rand::SeedableRng as _;
use tokio::{runtime::Builder, time::sleep};

pub use super::audit::Tally;
use super::{
    Fault,
    actors::Actors,
    call_outcomes::FaultRates,
    queries::{Session, ask_for_ever, follower},
    quiesce,
    world::{Chance, World},
    writer::Writer,
};
use crate::simulation::Trace;

/// What became of a seed.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// Steps of calls that took effect.
    pub steps: usize,
    /// Seconds that passed in the world.
    pub seconds: u64,
    /// How much happened.
    pub tally: Tally,
    /// Everything that is wrong.
    pub violations: Vec<String>,
}

/// Runs one seed.
pub fn run(seed: u64, fault: Option<Fault>, notes: &mut Trace) -> Outcome {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime of one thread");
    let (outcome, taken) = runtime.block_on(live(seed, fault, std::mem::take(notes)));
    *notes = taken;
    outcome
}

async fn live(seed: u64, fault: Option<Fault>, notes: Trace) -> (Outcome, Trace) {
    let world = World::new(Chance::seed_from_u64(seed), fault, notes);
    let mut writer = Writer::new(&world);
    for _ in 0..world.below(60) {
        writer.writes();
    }
    let mut actors = Actors::new(&world);
    let session = Session::default();
    let follower = follower(&world);
    for _ in 0..2 {
        let link = actors.link('Q');
        actors.queries.push(Arc::clone(&link));
        tokio::spawn(ask_for_ever(link, follower.clone(), Arc::clone(&session)));
    }
    world.with(|inner| inner.weather = FaultRates::draw(&mut inner.chance));
    let plan = Plan::draw(&world);
    for _ in 0..plan.steps {
        sleep(Duration::from_millis(world.below(1_600))).await;
        plan.step(&mut actors, &mut writer);
    }
    quiesce::quiesce(&mut actors, &mut writer, follower, &session).await;
    let seconds = world.begun.elapsed().as_secs();
    let (steps, tally, violations, notes) = world.with(|inner| {
        let (audit, notes) = (std::mem::take(&mut inner.audit), std::mem::take(&mut inner.notes));
        (inner.steps, audit.tally, audit.violations, notes)
    });
    (Outcome { seed, steps, seconds, tally, violations }, notes)
}

/// How likely each misfortune is in one world, of a hundred steps.
#[derive(Debug)]
struct Plan {
    steps: u64,
    start: u64,
    kill: u64,
    order: u64,
    pause: u64,
    drop: u64,
}

impl Plan {
    fn draw(world: &World) -> Self {
        let usual = |of: [u64; 4]| of[usize::try_from(world.below(4)).unwrap()];
        Self {
            steps: 20 + world.below(60),
            start: usual([5, 10, 10, 20]),
            kill: usual([0, 2, 5, 10]),
            order: usual([0, 10, 20, 30]),
            pause: usual([0, 3, 5, 10]),
            drop: usual([0, 0, 2, 5]),
        }
    }

    fn step(&self, actors: &mut Actors, writer: &mut Writer) {
        let world = Arc::clone(&actors.world);
        let happens = |chance| world.below(100) < chance;
        let place = || usize::try_from(world.below(2)).unwrap();
        for _ in 0..world.below(6) {
            writer.writes();
        }
        if happens(30) {
            actors.start_projector_if_dead(place());
        }
        if happens(self.start) {
            actors.start_job(place());
        }
        if happens(self.kill) {
            actors.kill_job(place());
        }
        if happens(self.kill) {
            actors.kill_projector(place());
        }
        if happens(self.order) {
            actors.order();
        }
        if happens(self.drop) {
            world.note(|| "the database is dropped".into());
            world.with(super::world::Inner::drop_database);
        }
        if happens(self.pause)
            && let Some(link) = actors.anybody()
        {
            pause(&world, link);
        }
    }
}

/// Most pauses are short, and some are longer than a lease.
fn pause(world: &Arc<World>, link: Arc<super::simulated_store::SimulatedStore>) {
    let millis = if world.below(3) == 0 { world.below(50_000) } else { world.below(3_000) };
    world.note(|| format!("{} pauses for {millis} ms", link.process.name));
    link.process.pause();
    tokio::spawn(async move {
        sleep(Duration::from_millis(millis)).await;
        link.process.go_on();
    });
}
