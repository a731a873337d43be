//! Where runs note what the shop answered without an event.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::json;

use crate::{
    bulk_submit::{Notes, SourceId},
    client::ShopClient,
    stderr,
};

const QUERY: &str = "{ system { log { id } } }";

#[derive(Debug, Deserialize)]
struct Answer {
    system: System,
}

#[derive(Debug, Deserialize)]
struct System {
    log: Log,
}

#[derive(Debug, Deserialize)]
struct Log {
    id: String,
}

/// Opens the notes of a source against the shop's log. Where nobody named a folder and none can be written to, the run
/// goes on without.
pub(super) async fn open(
    state: Option<&Path>,
    shop: &ShopClient,
    source: &SourceId,
) -> anyhow::Result<Notes> {
    let Some(folder) = state.map(Path::to_owned).or_else(usual) else {
        say_without("this machine names no folder for it");
        return Ok(Notes::default());
    };
    let answer: Answer = shop.ask(QUERY, &json!({})).await.context("the shop's log is unknown")?;
    match Notes::open(&folder.join("imports"), &answer.system.log.id, source) {
        Ok(notes) => Ok(notes),
        Err(error) if state.is_none() => {
            say_without(format_args!("{}: {error}", folder.display()));
            Ok(Notes::default())
        }
        Err(error) => Err(error).with_context(|| format!("--state {}", folder.display())),
    }
}

fn usual() -> Option<PathBuf> {
    dirs::state_dir().or_else(dirs::data_local_dir).map(|folder| folder.join("sklep"))
}

fn say_without(why: impl std::fmt::Display) {
    stderr::line(format_args!(
        "what the shop rejects is not noted ({why}), so another run of this import may send it again; --state names a folder"
    ));
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_asked_is_within_the_shops_limits() {
        crate::client::is_taken(super::QUERY, &serde_json::json!({}));
    }
}
