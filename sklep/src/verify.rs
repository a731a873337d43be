//! `sklep verify`: whether the views are what the log says.

use clap::Args;

use crate::{
    exit_code::Outcome,
    size::Bytes,
    views_ops::{TargetArgs, ViewsTask},
};

/// Compares every document of the views with what the log says it must be
///
/// The shop goes on meanwhile. Equal: prints a digest of each view and ends with 0. Different: names view, document and
/// field, with what was expected and what was found, and ends with 3; `sklep rebuild` mends it.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    place: TargetArgs,
    /// Tells every difference instead of the first 20
    #[arg(long, env = "SKLEP_ALL", value_parser = clap::builder::BoolishValueParser::new())]
    all: bool,
    /// About how much memory the comparison may take, whatever the log's size
    #[arg(long, env = "SKLEP_MEMORY", value_name = "SIZE", default_value = "512MiB")]
    memory: Bytes,
    /// One JSON object instead of text
    #[arg(long, env = "SKLEP_JSON", value_parser = clap::builder::BoolishValueParser::new())]
    json: bool,
}

/// Compares and prints what was found.
pub(crate) async fn run(args: VerifyArgs) -> anyhow::Result<Outcome> {
    let VerifyArgs { place, all, memory, json } = args;
    place.work(ViewsTask::Verify { memory: memory.0, all }, json).await
}
