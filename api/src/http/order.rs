//! The order of an answer's fields: that of the question.
//!
//! async-graphql puts fields down in the order in which they become known, so that the same question has answers that differ
//! from time to time. The specification has them in the order of the question
//! (<https://spec.graphql.org/October2021/#sec-Serialized-Map-Ordering>).

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value,
    parser::types::{
        ExecutableDocument, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
    },
};

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// The fields of an object in their order, each with those below it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Order(Vec<(Name, Self)>);

impl Order {
    /// The order that an operation asks for. Which of its fields an object has depends on its type, and is not looked at.
    pub(super) fn of(document: &ExecutableDocument, operation: &OperationDefinition) -> Self {
        let mut order = Self::default();
        order.take(&operation.selection_set.node, &document.fragments);
        order
    }

    fn take(&mut self, set: &SelectionSet, fragments: &Fragments) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let below = self.below(&field.node.response_key().node);
                    below.take(&field.node.selection_set.node, fragments);
                }
                Selection::InlineFragment(fragment) => {
                    self.take(&fragment.node.selection_set.node, fragments);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = fragments.get(&spread.node.fragment_name.node) {
                        self.take(&fragment.node.selection_set.node, fragments);
                    }
                }
            }
        }
    }

    /// The order below a field, which comes where it is named first.
    fn below(&mut self, name: &Name) -> &mut Self {
        let index = self.0.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            self.0.push((name.clone(), Self::default()));
            self.0.len().saturating_sub(1)
        });
        #[expect(clippy::indexing_slicing, reason = "the index was just found or made")]
        &mut self.0[index].1
    }

    /// Puts an answer into this order.
    pub(super) fn put(&self, value: &mut Value) {
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.put(item)),
            Value::Object(fields) => {
                for (name, below) in &self.0 {
                    if let Some(field) = fields.get_mut(name) {
                        below.put(field);
                    }
                }
                let place = |name: &Name| self.0.iter().position(|(known, _)| known == name);
                if !fields.keys().is_sorted_by_key(place) {
                    fields.sort_by_cached_key(|name, _| place(name));
                }
            }
            Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Boolean(_)
            | Value::Binary(_)
            | Value::Enum(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::{parse_query, types::DocumentOperations};
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(query: &str, answer: serde_json::Value, ordered: &str) {
        let document = parse_query(query).unwrap();
        let DocumentOperations::Single(operation) = &document.operations else { panic!("several") };
        let mut value = Value::from_json(answer).unwrap();
        Order::of(&document, &operation.node).put(&mut value);
        assert_eq!(serde_json::to_string(&value).unwrap(), ordered);
    }

    #[test]
    fn fields_come_as_they_were_asked_for() {
        let answer = json!({ "a": { "d": 4, "c": [{ "f": 6, "e": 5 }, null] }, "b": 2 });
        check(
            "{ b a { c { e f } d } }",
            answer.clone(),
            r#"{"b":2,"a":{"c":[{"e":5,"f":6},null],"d":4}}"#,
        );
        check("{ a { d c { f e } } b }", answer, r#"{"a":{"d":4,"c":[{"f":6,"e":5},null]},"b":2}"#);
    }

    #[test]
    fn fragments_and_other_names_count_where_they_stand() {
        check(
            "query { x: b ...Two ... on Query { z: a { e } } } fragment Two on Query { y: b a { d } z: a { d } }",
            json!({ "z": { "e": 1, "d": 2 }, "a": { "d": 3 }, "y": 4, "x": 5 }),
            r#"{"x":5,"y":4,"a":{"d":3},"z":{"d":2,"e":1}}"#,
        );
    }
}
