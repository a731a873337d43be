//! Relay's connections over keyset pages.

use std::borrow::Cow;

use async_graphql::{Object, OutputType, SimpleObject, TypeName};
use query::{Direction, Page, PageResult};

use super::cursor::{self, Key, List};

/// A page of a list.
pub(super) struct Connection<Node> {
    edges: Vec<Edge<Node>>,
    page_info: PageInfo,
}

pub(super) struct Edge<Node> {
    node: Node,
    cursor: String,
}

/// Where a page stands in its list. A bounded search may return a short page, even an empty one, whose cursor goes
/// on from there.
#[derive(Debug, Clone, SimpleObject)]
pub(super) struct PageInfo {
    has_next_page: bool,
    has_previous_page: bool,
    start_cursor: Option<String>,
    end_cursor: Option<String>,
}

impl<Node> Connection<Node> {
    /// What was found of a page, each item as its key and node.
    pub(super) fn of<Item, K: Key>(
        whose: List<'_>,
        page: &Page<K>,
        found: PageResult<Item, K>,
        tell: impl Fn(Item) -> (K, Node),
    ) -> Self {
        let edges: Vec<_> = found
            .items
            .into_iter()
            .map(|item| {
                let (key, node) = tell(item);
                Edge { node, cursor: cursor::write(whose, &key) }
            })
            .collect();
        let stopped = found.stopped_at.map(|key| cursor::write(whose, &key));
        let more = found.more || stopped.is_some();
        let first = edges.first().map(|edge| edge.cursor.clone());
        let last = edges.last().map(|edge| edge.cursor.clone());
        // Against the walk a page knows only that it began behind something.
        let page_info = match page.direction {
            Direction::Forward => PageInfo {
                has_next_page: more,
                has_previous_page: page.after.is_some(),
                start_cursor: first,
                end_cursor: stopped.or(last),
            },
            Direction::Backward => PageInfo {
                has_next_page: page.before.is_some(),
                has_previous_page: more,
                start_cursor: stopped.or(first),
                end_cursor: last,
            },
        };
        Self { edges, page_info }
    }
}

impl<Node: OutputType> TypeName for Connection<Node> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", Node::type_name()).into()
    }
}

impl<Node: OutputType> TypeName for Edge<Node> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", Node::type_name()).into()
    }
}

#[Object(name_type)]
impl<Node: OutputType> Connection<Node> {
    async fn edges(&self) -> &[Edge<Node>] {
        &self.edges
    }

    async fn nodes(&self) -> Vec<&Node> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }
}

#[Object(name_type)]
impl<Node: OutputType> Edge<Node> {
    async fn node(&self) -> &Node {
        &self.node
    }

    async fn cursor(&self) -> &str {
        &self.cursor
    }
}
