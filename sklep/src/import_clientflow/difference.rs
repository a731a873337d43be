//! What is said when a source is not the one that earlier runs imported under its name.

use super::report::Place;
use crate::{
    bulk_submit::{Content, Differs, PreviousRuns, SourceId},
    client::ShopClient,
    exit_code::Mismatch,
};

/// The same result; a message that differs from what the log holds is shown beside it, with what to do.
pub(super) async fn explained(
    done: anyhow::Result<()>,
    shop: &ShopClient,
    series: &SourceId,
    place: Place,
) -> anyhow::Result<()> {
    let Err(error) = done else { return Ok(()) };
    let Some(Differs { mark, now, answered }) = error.downcast_ref() else { return Err(error) };
    if let Some(answered) = answered {
        let there = place.of(*mark);
        return Err(Mismatch(format!(
            "{there} was changed since an earlier run: {answered}, so nothing is imported from this file. Put what was \
             mended into a file of its own (--rejects writes what was left out) and import that; or leave this file as it \
             was"
        ))
        .into());
    }
    let stored = PreviousRuns::content(shop, series, *mark).await?;
    let shown = |content: Option<&Content>, none: &str| {
        content.map_or_else(|| none.to_owned(), Content::to_string)
    };
    let there = place.of(*mark);
    Err(Mismatch(format!(
        "{there} is not what was imported from there before, so this is another source with the same name, or the \
         source was changed\n  now:    {}\n  before: {} (command id {})\nGive another source a name of its own by \
         --source NAME; then all of its messages are imported",
        shown(now.as_ref(), "it cannot be read, or is not there"),
        shown(stored.as_ref(), "it is not in the log any more"),
        series.command_id(*mark),
    ))
    .into())
}
