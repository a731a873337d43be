//! One page of a walk through something ordered.

use std::ops::Bound;

use crate::{Direction, MAX_SCANNED, Page, PageResult};

/// The part of a list that a page may take from, as bounds on its sort key.
pub(crate) fn bounds<Cursor: Clone>(page: &Page<Cursor>) -> (Bound<Cursor>, Bound<Cursor>) {
    let bound = |cursor: &Option<Cursor>| {
        cursor.clone().map_or(Bound::Unbounded, |cursor| Bound::Excluded(cursor))
    };
    (bound(&page.after), bound(&page.before))
}

/// Whether no key can lie between the bounds; a `BTreeMap` panics on those.
pub(crate) fn empty<Cursor: Ord>(page: &Page<Cursor>) -> bool {
    matches!((&page.after, &page.before), (Some(after), Some(before)) if after >= before)
}

/// Takes matching items until the page is full or enough has been looked at. `candidates` come in list order.
pub(crate) fn walk<Item, Cursor: Clone>(
    candidates: impl DoubleEndedIterator<Item = (Cursor, Item)>,
    page: &Page<Cursor>,
    matches: impl Fn(&Item) -> bool,
) -> PageResult<Item, Cursor> {
    match page.direction {
        Direction::Forward => take(candidates, page.limit, matches),
        Direction::Backward => {
            let mut found = take(candidates.rev(), page.limit, matches);
            found.items.reverse();
            found
        }
    }
}

fn take<Item, Cursor: Clone>(
    candidates: impl Iterator<Item = (Cursor, Item)>,
    limit: usize,
    matches: impl Fn(&Item) -> bool,
) -> PageResult<Item, Cursor> {
    let mut found = PageResult { items: Vec::new(), stopped_at: None, more: false };
    let mut last_looked_at = None;
    for (looked_at, (cursor, item)) in candidates.enumerate() {
        if looked_at == MAX_SCANNED {
            return PageResult { stopped_at: last_looked_at, more: true, ..found };
        }
        last_looked_at = Some(cursor);
        if !matches(&item) {
            continue;
        }
        if found.items.len() == limit {
            return PageResult { more: true, ..found };
        }
        found.items.push(item);
    }
    found
}
