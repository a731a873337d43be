//! How large a document is once its fragments are written out.
//!
//! A few hundred bytes of fragments that spread each other twice would keep whoever writes them out busy for ever.

use std::collections::HashMap;

use apollo_compiler::{
    Name,
    ast::{Definition, Document, Selection},
};

use super::error::RequestError;

/// How many fields and spreads a document may have with its fragments written out. A client that asks for
/// everything there is needs a few hundred.
const MOST: usize = 10_000;

/// How deep they may nest. With fragments written out, twice what a query may be deep.
const DEEPEST: usize = 32;

/// Refuses a document that is too large to be looked at in full, all its operations together.
pub(super) fn check(document: &Document) -> Result<(), RequestError> {
    let mut walk = Walk { fragments: HashMap::new(), left: MOST };
    for definition in &document.definitions {
        if let Definition::FragmentDefinition(fragment) = definition {
            walk.fragments.insert(&fragment.name, &fragment.selection_set);
        }
    }
    for definition in &document.definitions {
        if let Definition::OperationDefinition(operation) = definition {
            walk.through(&operation.selection_set, DEEPEST)?;
        }
    }
    Ok(())
}

struct Walk<'a> {
    fragments: HashMap<&'a Name, &'a [Selection]>,
    left: usize,
}

impl<'a> Walk<'a> {
    /// It stops where that is too much, so that it never takes longer than what it allows.
    fn through(&mut self, set: &'a [Selection], deeper: usize) -> Result<(), RequestError> {
        let deeper = deeper.checked_sub(1).ok_or_else(|| RequestError::too_deep(DEEPEST))?;
        for selection in set {
            self.left = self.left.checked_sub(1).ok_or_else(too_large)?;
            let inner = match selection {
                Selection::Field(field) => &*field.selection_set,
                Selection::InlineFragment(fragment) => &*fragment.selection_set,
                Selection::FragmentSpread(spread) => {
                    self.fragments.get(&spread.fragment_name).copied().unwrap_or_default()
                }
            };
            if !inner.is_empty() {
                self.through(inner, deeper)?;
            }
        }
        Ok(())
    }
}

fn too_large() -> RequestError {
    RequestError::too_large(format_args!(
        "the request has more than {MOST} fields and spreads with its fragments written out"
    ))
}
