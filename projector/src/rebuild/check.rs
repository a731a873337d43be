//! Comparing the new generation with the log before queries read it.

use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use views::{GenerationName, Phase};

use super::{Job, RebuildError};
use crate::{
    step_error::StepError,
    verify::{Verified, VerifyError, VerifySettings, verify},
};

impl Job {
    /// Ends the job when the generation is not what the log says. It is kept, so that one can look at it.
    pub(super) async fn check(&self, name: &GenerationName) -> Result<(), StepError> {
        self.meter.phase(Phase::Verifying);
        let settings = VerifySettings {
            memory: self.settings.memory,
            at_once: self.settings.at_once,
            generation: Some(name.clone()),
            all: false,
        };
        let (tell, told) = watch::channel(Verified::default());
        let never = CancellationToken::new();
        let (log, store) = (Arc::clone(&self.ground.log), Arc::clone(&self.ground.store));
        let verdict = tokio::select! {
            biased;
            verdict = verify(&log, self.ground.identity, &store, settings, tell, &never) => verdict?,
            () = self.tell(told) => return Err(StepError::Retry("the check was left".into())),
        };
        if verdict.differences.is_empty() {
            self.meter.checked_all();
            Ok(())
        } else {
            Err(StepError::Fatal(RebuildError::Differs(Box::new(verdict))))
        }
    }

    async fn tell(&self, told: watch::Receiver<Verified>) {
        let mut told = told;
        while told.changed().await.is_ok() {
            let Verified { done, total } = *told.borrow_and_update();
            self.meter.checked(done, total);
        }
        // The check ends next.
        std::future::pending::<()>().await;
    }
}

impl From<VerifyError> for StepError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Store(error) => error.into(),
            VerifyError::Log(error) => error.into(),
            VerifyError::Stopped(_) => Self::Fatal(RebuildError::Stopped(error.to_string())),
            VerifyError::Moving | VerifyError::ShutDown => Self::Retry(error.to_string()),
        }
    }
}
