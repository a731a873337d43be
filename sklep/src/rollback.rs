//! `sklep rollback`: the views before the last rebuild.

use clap::Args;

use crate::{
    exit_code::Outcome,
    views_ops::{TargetArgs, ViewsTask},
};

/// Goes back to the views before the last rebuild, brought up to date first
///
/// Nothing is lost by it: both sets of views are made from the same log, and rolling back once more exchanges them again.
#[derive(Debug, Args)]
pub(crate) struct RollbackArgs {
    #[command(flatten)]
    place: TargetArgs,
    /// One JSON object instead of text
    #[arg(long, env = "SKLEP_JSON", value_parser = clap::builder::BoolishValueParser::new())]
    json: bool,
}

/// Brings the older views up to date and exchanges the two.
pub(crate) async fn run(args: RollbackArgs) -> anyhow::Result<Outcome> {
    args.place.work(ViewsTask::Rollback, args.json).await
}
