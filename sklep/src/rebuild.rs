//! `sklep rebuild`: the views made again, beside the live ones.

use std::num::NonZeroU32;

use clap::Args;

use crate::{
    exit_code::{Outcome, Usage},
    size::Bytes,
    views_ops::{Instruction, TargetArgs, ViewsTask, throttle},
};

/// Makes the views again from the log, beside the live ones, and then lets queries read the new ones
///
/// The shop goes on meanwhile: queries read the old views until the new ones are complete, as far as the old ones and, unless
/// --no-verify says otherwise, equal to what the log says. Then all views change at once. The old ones stay for `sklep
/// rollback` until the next rebuild. A rebuild that was stopped is gone on with by the same command.
///
/// Rewinding live views in place is not offered: whoever asks would see the past meanwhile. This is what replaces it.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are options, each of which stands for itself"
)]
pub(crate) struct RebuildArgs {
    #[command(flatten)]
    place: TargetArgs,
    /// About how much memory the views' documents may take
    #[arg(long, env = "SKLEP_MEMORY", value_name = "SIZE", default_value = "512MiB")]
    memory: Bytes,
    /// The most events a second, so that the shop keeps its speed; a rebuild that runs is told so, also with --resume
    #[arg(long, env = "SKLEP_THROTTLE", value_name = "N", value_parser = throttle)]
    throttle: Option<NonZeroU32>,
    /// Does not compare the new views with the log before queries read them
    #[arg(long, env = "SKLEP_NO_VERIFY", value_parser = clap::builder::BoolishValueParser::new())]
    no_verify: bool,
    /// Lets the rebuild that runs wait
    #[arg(long)]
    pause: bool,
    /// Lets it go on
    #[arg(long)]
    resume: bool,
    /// Gives it up and removes what it has filled
    #[arg(long)]
    cancel: bool,
    /// Removes the views before the last rebuild, to which `sklep rollback` would go back
    #[arg(long)]
    drop_old: bool,
    /// Removes what is left of views that nobody knows any more, which `sklep status` lists
    #[arg(long)]
    drop_orphans: bool,
    /// One JSON object instead of text
    #[arg(long, env = "SKLEP_JSON", value_parser = clap::builder::BoolishValueParser::new())]
    json: bool,
}

/// Does what is asked of the one or the other.
pub(crate) async fn run(args: RebuildArgs) -> anyhow::Result<Outcome> {
    let RebuildArgs { place, memory, throttle, no_verify, json, .. } = &args;
    let rebuild = ViewsTask::Rebuild { memory: memory.0, throttle: *throttle, verify: !no_verify };
    let asked = [args.pause, args.resume, args.cancel, args.drop_old, args.drop_orphans];
    if throttle.is_some() && !args.resume && asked.contains(&true) {
        let hint = "--throttle (or SKLEP_THROTTLE) goes with a rebuild, or with --resume, alone";
        return Err(Usage(hint.into()).into());
    }
    match asked {
        [false, false, false, false, false] => place.work(rebuild, *json).await,
        [true, false, false, false, false] => place.instruct(Instruction::PauseRebuild).await,
        [false, true, false, false, false] => {
            place.instruct(Instruction::ResumeRebuild { throttle: *throttle }).await
        }
        [false, false, true, false, false] => place.work(ViewsTask::Cancel, *json).await,
        [false, false, false, true, false] => place.work(ViewsTask::DropOld, *json).await,
        [false, false, false, false, true] => place.work(ViewsTask::DropOrphans, *json).await,
        _several => {
            let hint =
                "say one of --pause, --resume, --cancel, --drop-old and --drop-orphans at a time";
            Err(Usage(hint.into()).into())
        }
    }
}
