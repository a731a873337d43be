//! From `first`, `after`, `last`, `before` to a page.

use async_graphql::Result;
use query::{Direction, Page};

use super::{
    cursor::{self, BadCursor, Key, List},
    failure::Code,
};

/// How many nodes a page has when the request does not say.
pub(crate) const USUAL: i32 = 20;

/// How many nodes a page may have.
pub(crate) const MOST: i32 = 100;

/// The paging arguments as they were given.
pub(super) struct Paging {
    pub(super) first: Option<i32>,
    pub(super) after: Option<String>,
    pub(super) last: Option<i32>,
    pub(super) before: Option<String>,
}

impl Paging {
    /// The page that is asked for.
    pub(super) fn page<K: Key>(self, of: List<'_>) -> Result<Page<K>> {
        let (direction, limit) = match (self.first, self.last) {
            (Some(_), Some(_)) => {
                let both = "give `first` or `last`, not both";
                return Err(Code::BadUserInput.error(both));
            }
            (first, None) => (Direction::Forward, limit("first", first)?),
            (None, last) => (Direction::Backward, limit("last", last)?),
        };
        let after = self.after.map(|after| key("after", of, &after)).transpose()?;
        let before = self.before.map(|before| key("before", of, &before)).transpose()?;
        Ok(Page { after, before, direction, limit })
    }
}

/// How many nodes are asked for.
pub(super) fn limit(name: &str, asked: Option<i32>) -> Result<usize> {
    let asked = asked.unwrap_or(USUAL);
    usize::try_from(asked).ok().filter(|_| (1..=MOST).contains(&asked)).ok_or_else(|| {
        Code::BadUserInput.error(format!("`{name}` is between 1 and {MOST}, not {asked}"))
    })
}

fn key<K: Key>(name: &str, of: List<'_>, cursor: &str) -> Result<K> {
    cursor::read(of, cursor).map_err(|bad| match bad {
        BadCursor::Unknown => {
            Code::BadCursor.error(format!("`{name}` is not a cursor that this list gave out"))
        }
        BadCursor::Foreign => {
            Code::BadCursor.error(format!("`{name}` is a cursor of another log; begin again"))
        }
    })
}
