//! How large an operation is once its fragments are written out.
//!
//! async-graphql visits every spread of a fragment anew, and counts depth and fields only on that way. A few
//! hundred bytes of fragments that spread each other twice would keep it busy for ever.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    parser::types::{ExecutableDocument, FragmentDefinition, Selection, SelectionSet},
};

/// How many fields and spreads a document may have with its fragments written out. A client that asks for
/// everything there is needs a few hundred.
const MOST: usize = 10_000;

/// How deep they may nest: async-graphql's own bound.
const DEEPEST: usize = 32;

/// Whether a document may be looked at in full, all its operations together.
pub(super) fn is_bounded(document: &ExecutableDocument) -> bool {
    let mut walk = Walk { fragments: &document.fragments, left: MOST };
    let mut operations = document.operations.iter();
    operations.all(|(_, operation)| walk.through(&operation.node.selection_set, DEEPEST).is_some())
}

struct Walk<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    left: usize,
}

impl Walk<'_> {
    /// None when that is too much. It stops there, so that it never takes longer than what it allows.
    fn through(&mut self, set: &Positioned<SelectionSet>, deeper: usize) -> Option<()> {
        let deeper = deeper.checked_sub(1)?;
        for selection in &set.node.items {
            self.left = self.left.checked_sub(1)?;
            let inner = match &selection.node {
                Selection::Field(field) => Some(&field.node.selection_set),
                Selection::InlineFragment(fragment) => Some(&fragment.node.selection_set),
                Selection::FragmentSpread(spread) => {
                    let named = self.fragments.get(&spread.node.fragment_name.node);
                    named.map(|fragment| &fragment.node.selection_set)
                }
            };
            if let Some(inner) = inner {
                self.through(inner, deeper)?;
            }
        }
        Some(())
    }
}
