//! Who runs in a world: the real projectors and rebuilds, and an operator.

use std::{sync::Arc, time::Duration};

use event_log::{EventLog, MemoryLog};
use projector::{
    Progress, Projector, RebuildError, RebuildSettings, Settings, cancel, drop_orphans_with,
    drop_previous_with, rebuild_with, rollback, throttle, wish,
};
use tokio::{sync::watch, task::JoinHandle, time::sleep};
use tokio_util::sync::CancellationToken;
use views::{DesiredState, ViewStore};

use super::{
    simulated_store::SimulatedStore,
    world::{IDENTITY, World},
};

/// Two projectors, two places to rebuild from, and one to operate from.
pub(super) struct Actors {
    pub(super) world: Arc<World>,
    projectors: [Option<Running<Projector>>; 2],
    jobs: [Option<Running<JoinHandle<()>>>; 2],
    operator: Option<Running<JoinHandle<()>>>,
    /// Those that answer queries: they are paused like the others.
    pub(super) queries: Vec<Arc<SimulatedStore>>,
    started: u64,
}

struct Running<T> {
    link: Arc<SimulatedStore>,
    work: T,
}

/// What an operator does.
#[derive(Debug, Clone, Copy)]
enum Order {
    Wish(DesiredState),
    Throttle(Option<u32>),
    Cancel,
    Rollback,
    DropBack,
    DropOrphans,
}

impl Actors {
    pub(super) fn new(world: &Arc<World>) -> Self {
        Self {
            world: Arc::clone(world),
            projectors: [None, None],
            jobs: [None, None],
            operator: None,
            queries: Vec::new(),
            started: 0,
        }
    }

    pub(super) fn link(&mut self, kind: char) -> Arc<SimulatedStore> {
        self.started += 1;
        SimulatedStore::new(&self.world, format!("{kind}{}", self.started))
    }

    fn log(&self) -> Arc<dyn EventLog> {
        Arc::<MemoryLog>::clone(&self.world.log)
    }

    /// Starts a projector in this place, in a new process.
    pub(super) fn start_projector(&mut self, place: usize) {
        self.kill_projector(place);
        let link = self.link('P');
        let name = link.process.name.clone();
        self.world.note(|| format!("{name} starts"));
        let settings = Settings::new(name.clone(), name.to_lowercase(), self.started);
        let store: Arc<dyn ViewStore> = Arc::<SimulatedStore>::clone(&link);
        let shutdown = CancellationToken::new();
        let work = Projector::start(self.log(), IDENTITY, store, settings, &shutdown);
        self.projectors[place] = Some(Running { link, work });
    }

    pub(super) fn kill_projector(&mut self, place: usize) {
        if let Some(running) = self.projectors[place].take() {
            self.world.note(|| format!("{} is killed", running.link.process.name));
            running.link.process.kill();
        }
    }

    pub(super) fn start_dead_projectors(&mut self) {
        (0..2).for_each(|place| self.start_projector_if_dead(place));
    }

    pub(super) fn start_projector_if_dead(&mut self, place: usize) {
        if self.projectors[place].is_none() {
            self.start_projector(place);
        }
    }

    /// Starts a rebuild in this place, unless one runs there.
    pub(super) fn start_job(&mut self, place: usize) {
        if self.jobs[place].as_ref().is_some_and(|it| !it.work.is_finished()) {
            return;
        }
        let link = self.link('J');
        let settings = self.rebuild_settings(&link.process.name);
        let store: Arc<dyn ViewStore> = Arc::<SimulatedStore>::clone(&link);
        let (log, world, name) = (self.log(), Arc::clone(&self.world), link.process.name.clone());
        self.world.note(|| format!("{name} rebuilds: {settings:?}"));
        let work = tokio::spawn(async move {
            let (fault, shutdown) = (world.fault(), CancellationToken::new());
            let done = rebuild_with(&log, IDENTITY, &store, settings, &shutdown, fault).await;
            world.note(|| format!("{name} ends: {done:?}"));
            if let Err(RebuildError::Stopped(why)) = done {
                world.with(|inner| inner.violated(format!("{name} stopped: {why}")));
            }
        });
        self.jobs[place] = Some(Running { link, work });
    }

    fn rebuild_settings(&self, name: &str) -> RebuildSettings {
        let memory = [4_500, 30_000, 1 << 20][usize::try_from(self.world.below(3)).unwrap()];
        let throttle = [None, None, None, Some(20)][usize::try_from(self.world.below(4)).unwrap()];
        RebuildSettings {
            instance: name.to_owned(),
            job: name.to_owned(),
            tag: name.to_lowercase(),
            seed: self.started,
            memory,
            throttle,
            at_once: usize::try_from(self.world.below(2)).unwrap() + 1,
            verify: false,
        }
    }

    pub(super) fn kill_job(&mut self, place: usize) {
        if let Some(running) = self.jobs[place].take() {
            self.world.note(|| format!("{} is killed", running.link.process.name));
            running.link.process.kill();
            running.work.abort();
        }
    }

    /// Has the operator do something, unless the last thing is not done yet.
    pub(super) fn order(&mut self) {
        let order = match self.world.below(12) {
            0 => Order::Wish(DesiredState::Pause),
            1 | 2 => Order::Wish(DesiredState::Run),
            3 => Order::Wish(DesiredState::Cancel),
            4 => Order::Throttle(Some(10)),
            5 => Order::Throttle(None),
            6 => Order::Cancel,
            7 | 8 => Order::Rollback,
            9 | 10 => Order::DropBack,
            _ => Order::DropOrphans,
        };
        if self.operator.as_ref().is_none_or(|it| it.work.is_finished()) {
            self.obey(order);
        }
    }

    /// Has a rebuild that waits go on.
    pub(super) fn resume(&mut self) {
        self.obey(Order::Wish(DesiredState::Run));
    }

    /// Has the orphans removed.
    pub(super) fn tidy_up(&mut self) {
        self.obey(Order::DropOrphans);
    }

    fn obey(&mut self, order: Order) {
        let link = self.link('O');
        let name = link.process.name.clone();
        self.world.note(|| format!("{name} orders {order:?}"));
        let settings = self.rebuild_settings(&name);
        let store: Arc<dyn ViewStore> = Arc::<SimulatedStore>::clone(&link);
        let (log, world) = (self.log(), Arc::clone(&self.world));
        let work = tokio::spawn(async move {
            let done = obey(order, &log, &store, settings, &world).await;
            world.note(|| format!("{name} is done with {order:?}: {done:?}"));
        });
        self.operator = Some(Running { link, work });
    }

    /// A process that runs, by chance.
    pub(super) fn anybody(&self) -> Option<Arc<SimulatedStore>> {
        let projectors = self.projectors.iter().flatten().map(|it| &it.link);
        let jobs = self.jobs.iter().flatten().map(|it| &it.link);
        let operator = self.operator.iter().map(|it| &it.link);
        let all: Vec<_> = projectors.chain(jobs).chain(operator).chain(&self.queries).collect();
        let number = usize::try_from(self.world.below(u64::try_from(all.len()).unwrap())).unwrap();
        all.get(number).map(|it| Arc::clone(it))
    }

    /// Everybody who is paused goes on.
    pub(super) fn wake_all(&self) {
        let projectors = self.projectors.iter().flatten().map(|it| &it.link);
        let jobs = self.jobs.iter().flatten().map(|it| &it.link);
        let operator = self.operator.iter().map(|it| &it.link);
        projectors
            .chain(jobs)
            .chain(operator)
            .chain(&self.queries)
            .for_each(|it| it.process.go_on());
    }

    /// Waits until no rebuild and no order is under way; says whether that came about.
    pub(super) async fn all_done(&self, within: Duration) -> bool {
        let running = || {
            let jobs = self.jobs.iter().flatten().any(|it| !it.work.is_finished());
            jobs || self.operator.iter().any(|it| !it.work.is_finished())
        };
        let begun = tokio::time::Instant::now();
        while running() && begun.elapsed() < within {
            sleep(Duration::from_millis(500)).await;
        }
        !running()
    }
}

async fn obey(
    order: Order,
    log: &Arc<dyn EventLog>,
    store: &Arc<dyn ViewStore>,
    settings: RebuildSettings,
    world: &Arc<World>,
) -> Result<(), RebuildError> {
    match order {
        Order::Wish(wanted) => wish(&**store, wanted).await.map(drop),
        Order::Throttle(events) => throttle(&**store, events).await.map(drop),
        Order::Cancel => cancel(&**store).await.map(drop),
        Order::Rollback => {
            let (progress, shutdown) =
                (watch::Sender::new(Progress::default()), CancellationToken::new());
            rollback(log, IDENTITY, store, settings, progress, &shutdown).await.map(drop)
        }
        Order::DropBack => drop_previous_with(store, world.fault()).await.map(drop),
        Order::DropOrphans => {
            let orphans = drop_orphans_with(store, world.fault()).await?;
            let count = u64::try_from(orphans.len()).unwrap();
            world.with(|inner| inner.audit.tally.orphans += count);
            Ok(())
        }
    }
}
