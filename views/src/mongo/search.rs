//! One page of an ordered list, by keyset.

mod listed;

use futures::TryStreamExt;
use mongodb::bson::{Document, doc};

pub(super) use self::listed::{End, Listed};
use super::{
    MongoViews,
    options::{ANSWER, within},
    row::read,
};
use crate::{Direction, GenerationName, MAX_SCANNED, Page, PageResult, StoreError};

/// What is wanted of a list.
pub(super) struct Search<'a, R: Listed> {
    pub(super) generation: &'a GenerationName,
    /// What an index serves.
    pub(super) within: Option<Document>,
    /// What each document has to be looked at for.
    pub(super) matching: Vec<Document>,
    pub(super) page: &'a Page<R::Cursor>,
}

impl MongoViews {
    pub(super) async fn search<R: Listed>(
        &self,
        search: Search<'_, R>,
    ) -> Result<PageResult<R::Document, R::Cursor>, StoreError> {
        let Search { generation, within, matching, page } = search;
        let mut filter: Vec<Document> = within.into_iter().collect();
        filter.extend(page.after.as_ref().map(|cursor| R::stretch(cursor, End::After)));
        filter.extend(page.before.as_ref().map(|cursor| R::stretch(cursor, End::Before)));
        let mut stopped_at = None;
        if !matching.is_empty() {
            stopped_at = self.edge::<R>(generation, &filter, page.direction).await?;
            let end = match page.direction {
                Direction::Forward => End::UpTo,
                Direction::Backward => End::From,
            };
            filter.extend(stopped_at.as_ref().map(|cursor| R::stretch(cursor, end)));
            filter.extend(matching);
        }
        let wanted = page.limit.saturating_add(1);
        let mut rows: Vec<R> = self.stretch(generation, &filter, page.direction, 0, wanted).await?;
        let full = rows.len() > page.limit;
        rows.truncate(page.limit);
        if page.direction == Direction::Backward {
            rows.reverse();
        }
        let more = full || stopped_at.is_some();
        let stopped_at = stopped_at.filter(|_| !full);
        Ok(PageResult { items: read(rows)?, stopped_at, more })
    }

    /// The last document that may be looked at, when there are more after it. Found first, so that what is stored in
    /// the meantime cannot come between what was looked at and what is said to have been.
    async fn edge<R: Listed>(
        &self,
        generation: &GenerationName,
        filter: &[Document],
        direction: Direction,
    ) -> Result<Option<R::Cursor>, StoreError> {
        let skip = MAX_SCANNED.saturating_sub(1);
        let edge: Vec<R> = self.stretch(generation, filter, direction, skip, 2).await?;
        Ok(match edge.as_slice() {
            [last, _one_more] => Some(last.cursor()),
            _everything_may_be_looked_at => None,
        })
    }

    async fn stretch<R: Listed>(
        &self,
        generation: &GenerationName,
        filter: &[Document],
        direction: Direction,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<R>, StoreError> {
        let all = if filter.is_empty() {
            doc! {}
        } else {
            doc! { "$and": filter }
        };
        let order = match direction {
            Direction::Forward => R::order(1),
            Direction::Backward => R::order(-1),
        };
        let rows = self.rows::<R>(generation);
        let find = rows
            .find(all)
            .sort(order)
            .skip(u64::try_from(skip).unwrap_or(u64::MAX))
            .limit(i64::try_from(limit).unwrap_or(i64::MAX));
        within(ANSWER, async { find.await?.try_collect().await }).await
    }
}
