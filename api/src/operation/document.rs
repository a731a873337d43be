//! From a plan to the document that async-graphql executes: every field once, every value constant.

use std::collections::HashMap;

use async_graphql::{
    Name, Pos, Positioned, Value,
    parser::types::{
        DocumentOperations, ExecutableDocument, Field as Asked, InlineFragment,
        OperationDefinition, OperationType, Selection, SelectionSet, TypeCondition,
    },
};

use super::{
    places::place,
    plan::{Field, Set},
};

/// The document of a plan.
pub(super) fn of(ty: OperationType, root: &Set, type_key: &Name) -> ExecutableDocument {
    let operation = OperationDefinition {
        ty,
        variable_definitions: Vec::new(),
        directives: Vec::new(),
        selection_set: at(Pos { line: 1, column: 1 }, set(root, type_key)),
    };
    ExecutableDocument {
        operations: DocumentOperations::Single(at(Pos { line: 1, column: 1 }, operation)),
        fragments: HashMap::new(),
    }
}

fn set(set: &Set, type_key: &Name) -> SelectionSet {
    let told = set.told.then(|| leaf(type_key, "__typename"));
    let items = match set.of_types.as_slice() {
        [(_object, fields)] => told.into_iter().chain(all(fields, type_key)).collect(),
        of_types => {
            let asked = of_types.iter().filter(|(_, fields)| !fields.is_empty());
            told.into_iter().chain(asked.map(|(ty, fields)| on(ty, fields, type_key))).collect()
        }
    };
    SelectionSet { items }
}

fn all<'a>(
    fields: &'a [Field],
    type_key: &'a Name,
) -> impl Iterator<Item = Positioned<Selection>> + 'a {
    fields.iter().map(|field| self::field(field, type_key))
}

fn on(ty: &Name, fields: &[Field], type_key: &Name) -> Positioned<Selection> {
    let pos = Pos { line: 1, column: 1 };
    let fragment = InlineFragment {
        type_condition: Some(at(pos, TypeCondition { on: at(pos, ty.clone()) })),
        directives: Vec::new(),
        selection_set: at(pos, SelectionSet { items: all(fields, type_key).collect() }),
    };
    at(pos, Selection::InlineFragment(at(pos, fragment)))
}

fn field(field: &Field, type_key: &Name) -> Positioned<Selection> {
    let pos = place(field.offset);
    let argument = |(name, value): &(Name, Value)| {
        (at(pos, name.clone()), at(pos, value.clone().into_value()))
    };
    let below = field.below.as_ref().map(|below| set(below, type_key)).unwrap_or_default();
    let asked = Asked {
        alias: (field.key != field.name).then(|| at(pos, field.key.clone())),
        name: at(pos, field.name.clone()),
        arguments: field.arguments.iter().map(argument).collect(),
        directives: Vec::new(),
        selection_set: at(pos, below),
    };
    at(pos, Selection::Field(at(pos, asked)))
}

fn leaf(key: &Name, name: &str) -> Positioned<Selection> {
    let pos = Pos { line: 1, column: 1 };
    let asked = Asked {
        alias: Some(at(pos, key.clone())),
        name: at(pos, Name::new(name)),
        arguments: Vec::new(),
        directives: Vec::new(),
        selection_set: at(pos, SelectionSet::default()),
    };
    at(pos, Selection::Field(at(pos, asked)))
}

fn at<T>(pos: Pos, node: T) -> Positioned<T> {
    Positioned::new(node, pos)
}
