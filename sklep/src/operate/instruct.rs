//! What jobs and projectors are told, wherever they run.

use views::Wish;

use super::Ground;

/// What jobs and projectors are told; they obey within a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instruction {
    /// The job of the rebuild waits.
    PauseRebuild,
    /// It goes on.
    ResumeRebuild,
    /// Every projector leaves the views as they are.
    PauseProjector,
    /// They go on.
    ResumeProjector,
}

impl Ground {
    /// Tells it, and says what was told.
    pub(crate) async fn instruct(&self, instruction: Instruction) -> anyhow::Result<&'static str> {
        let store = &*self.store;
        match instruction {
            Instruction::PauseRebuild => {
                projector::wish(store, Wish::Pause).await?;
                Ok("the rebuild waits; `sklep rebuild --resume` lets it go on")
            }
            Instruction::ResumeRebuild => {
                projector::wish(store, Wish::Run).await?;
                Ok(
                    "the rebuild goes on where its job still runs; otherwise `sklep rebuild` goes on with it",
                )
            }
            Instruction::PauseProjector => {
                projector::pause(store).await?;
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
