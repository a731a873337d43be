//! What an operator asks of this process by the API, checked before anything is begun.
//!
//! The command line refuses the same by itself: it has no option for what is wrong, and reads its numbers as these are read.

use std::num::NonZeroU32;

use api::operator::{JobRefused, ViewsInstruction, ViewsJobInput, ViewsJobKind};

use super::super::{A_THROTTLE, Instruction, ViewsTask};
use crate::size::Bytes;

/// What a job may take when nobody says: what the command line says too.
const MEMORY: Bytes = Bytes(512 << 20);

/// The work that is asked for.
pub(super) fn work(input: &ViewsJobInput) -> Result<ViewsTask, JobRefused> {
    let ViewsJobInput { kind, memory, throttle, verify, all } = input;
    let (rebuilds, verifies) = (*kind == ViewsJobKind::Rebuild, *kind == ViewsJobKind::Verify);
    only_if(
        rebuilds || verifies,
        "memory",
        memory.is_some(),
        "it goes with REBUILD and VERIFY only",
    )?;
    only_if(rebuilds, "throttle", throttle.is_some(), "it goes with REBUILD only")?;
    only_if(rebuilds, "verify", !verify, "it goes with REBUILD only")?;
    only_if(verifies, "all", *all, "it goes with VERIFY only")?;
    let throttle = limit(*throttle)?;
    let memory = memory.as_deref().map_or(Ok(MEMORY), str::parse);
    let memory = memory.map_err(|expected| JobRefused::Wrong { field: "memory", expected })?.0;
    Ok(match kind {
        ViewsJobKind::Rebuild => ViewsTask::Rebuild { memory, throttle, verify: *verify },
        ViewsJobKind::Verify => ViewsTask::Verify { memory, all: *all },
        ViewsJobKind::Cancel => ViewsTask::Cancel,
        ViewsJobKind::Rollback => ViewsTask::Rollback,
        ViewsJobKind::DropOld => ViewsTask::DropOld,
        ViewsJobKind::DropOrphans => ViewsTask::DropOrphans,
    })
}

/// The instruction that is asked for.
pub(super) fn instruction(
    asked: ViewsInstruction,
    throttle: Option<u32>,
) -> Result<Instruction, JobRefused> {
    let resumes = asked == ViewsInstruction::ResumeRebuild;
    only_if(resumes, "throttle", throttle.is_some(), "it goes with RESUME_REBUILD only")?;
    let throttle = limit(throttle)?;
    Ok(match asked {
        ViewsInstruction::PauseRebuild => Instruction::PauseRebuild,
        ViewsInstruction::ResumeRebuild => Instruction::ResumeRebuild { throttle },
        ViewsInstruction::PauseProjector => Instruction::PauseProjector,
        ViewsInstruction::ResumeProjector => Instruction::ResumeProjector,
    })
}

fn limit(throttle: Option<u32>) -> Result<Option<NonZeroU32>, JobRefused> {
    let wrong = || JobRefused::Wrong { field: "throttle", expected: A_THROTTLE.into() };
    throttle.map(|most| NonZeroU32::new(most).ok_or_else(wrong)).transpose()
}

/// Refuses a field that is given where it means nothing, rather than leaving it out in silence.
fn only_if(
    belongs: bool,
    field: &'static str,
    is_given: bool,
    expected: &str,
) -> Result<(), JobRefused> {
    if is_given && !belongs {
        return Err(JobRefused::Wrong { field, expected: expected.into() });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
