//! What jobs and projectors are told, wherever they run.

use std::num::NonZeroU32;

use projector::RebuildError;
use views::DesiredState;

use super::Context;

/// What jobs and projectors are told; they obey within a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instruction {
    /// The job of the rebuild waits.
    PauseRebuild,
    /// It goes on.
    ResumeRebuild {
        /// The most events a second from now on; none for as many as it was told before.
        throttle: Option<NonZeroU32>,
    },
    /// Every projector leaves the views as they are.
    PauseProjector,
    /// They go on.
    ResumeProjector,
}

impl Context {
    /// Tells it, and says what was told.
    pub(crate) async fn instruct(
        &self,
        instruction: Instruction,
    ) -> Result<&'static str, RebuildError> {
        let store = &*self.store;
        match instruction {
            Instruction::PauseRebuild => {
                projector::wish(store, DesiredState::Pause).await?;
                Ok("the rebuild waits; `sklep rebuild --resume` lets it go on")
            }
            Instruction::ResumeRebuild { throttle } => {
                // First, so that it does not go on faster for a moment.
                if throttle.is_some() {
                    projector::throttle(store, throttle.map(NonZeroU32::get)).await?;
                }
                projector::wish(store, DesiredState::Run).await?;
                Ok(
                    "the rebuild goes on where its job still runs; otherwise `sklep rebuild` goes on with it",
                )
            }
            Instruction::PauseProjector => {
                projector::pause_projectors(store).await?;
                Ok(
                    "the views stay as they are while purchases go on; `sklep projector --resume` lets them catch up",
                )
            }
            Instruction::ResumeProjector => {
                projector::resume(store).await?;
                Ok("the projector goes on")
            }
        }
    }
}
