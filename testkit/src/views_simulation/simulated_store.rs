//! A process's way to the database.

use std::{fmt, sync::Arc};

use tokio::{sync::oneshot, time::sleep};
use views::StoreError;

use super::{
    call_outcomes::Told,
    process::Process,
    world::{Inner, World},
};

/// One step of a call, which takes effect as a whole.
pub(super) type Step<T> = Box<dyn FnOnce(&mut Inner) -> T + Send>;

/// A process's way to the database: the store, as that process has it.
pub(super) struct SimulatedStore {
    pub(super) world: Arc<World>,
    pub(super) process: Arc<Process>,
}

impl fmt::Debug for SimulatedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("process", &self.process.name).finish_non_exhaustive()
    }
}

impl SimulatedStore {
    pub(super) fn new(world: &Arc<World>, name: String) -> Arc<Self> {
        Arc::new(Self { world: Arc::clone(world), process: Process::new(name) })
    }

    /// A call of one step.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        what: impl FnOnce() -> String,
        step: impl FnOnce(&mut Inner) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        self.call(what, vec![Box::new(step)]).await
    }

    /// A call of many steps, each at its own moment; answers with what the last one came to.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        what: impl FnOnce() -> String,
        steps: Vec<Step<T>>,
    ) -> Result<T, StoreError> {
        // A killed process waits here for ever.
        self.process.awake().await;
        let (world, process) = (Arc::clone(&self.world), Arc::clone(&self.process));
        let fate = world.with(|inner| {
            inner.under_way += 1;
            inner.weather.fate(steps.len(), &mut inner.chance)
        });
        world.note(|| format!("{} asks: {} {fate:?}", process.name, what()));
        let (tell, told) = oneshot::channel();
        tokio::spawn(async move {
            sleep(fate.before).await;
            let mut last = None;
            for (number, step) in steps.into_iter().take(fate.steps).enumerate() {
                if number > 0 && !fate.between.is_zero() {
                    sleep(fate.between).await;
                }
                last = Some(world.with(|inner| {
                    inner.steps += 1;
                    step(inner)
                }));
            }
            world.with(|inner| inner.under_way -= 1);
            if fate.told != Told::FailedEarly {
                sleep(fate.after).await;
                process.awake().await;
                // The caller may have given up.
                let _ = tell.send(last.filter(|_| fate.told == Told::Truth));
            }
        });
        if fate.told == Told::FailedEarly {
            sleep(fate.after).await;
            self.process.awake().await;
            return Err(lost());
        }
        match told.await {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) | Err(_) => Err(lost()),
        }
    }
}

pub(super) fn lost() -> StoreError {
    StoreError::Unavailable("no answer".into())
}
