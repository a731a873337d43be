//! `sklep projector`: whether the views are fed.

use clap::Args;

use crate::{
    exit_code::{Outcome, Usage},
    views_ops::{Instruction, TargetArgs},
};

/// Lets every projector leave the views as they are, or go on
///
/// While projectors are paused purchases go on and queries show the views as they are; `atLeast` beyond that says
/// `STALE_READ`. Rewinding live views in place is not offered: whoever asks would see the past meanwhile. `sklep rebuild` makes
/// them again beside the live ones instead.
#[derive(Debug, Args)]
pub(crate) struct ProjectorArgs {
    #[command(flatten)]
    place: TargetArgs,
    /// Lets every projector wait, also those that start later
    #[arg(long)]
    pause: bool,
    /// Lets them go on
    #[arg(long)]
    resume: bool,
}

/// Tells the projectors.
pub(crate) async fn run(args: ProjectorArgs) -> anyhow::Result<Outcome> {
    let instruction = match (args.pause, args.resume) {
        (true, false) => Instruction::PauseProjector,
        (false, true) => Instruction::ResumeProjector,
        (true, true) | (false, false) => {
            return Err(Usage("say --pause or --resume".into()).into());
        }
    };
    args.place.instruct(instruction).await
}
