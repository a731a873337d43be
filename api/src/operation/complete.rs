//! The answer as the specification has it.
//!
//! async-graphql puts fields down in the order in which they become known, leaves out a field that failed where it should be
//! null, does not let a null climb that may not be, and answers null for an object without fields
//! (<https://github.com/async-graphql/async-graphql/issues/531>, <https://github.com/async-graphql/async-graphql/issues/301>).
//! The specification has fields in the order of the question
//! (<https://spec.graphql.org/October2021/#sec-Serialized-Map-Ordering>) and a null climb to the nearest place that may be null
//! (<https://spec.graphql.org/October2021/#sec-Handling-Field-Errors>). One walk along the plan does all of that.

use apollo_compiler::ast::Type;
use async_graphql::{Name, Value, indexmap::IndexMap};

use super::plan::{Field, Set};

/// The data of an answer.
pub(super) fn complete(root: &Set, type_key: &Name, data: Value) -> Value {
    let fields = if let Value::Object(fields) = data { fields } else { IndexMap::new() };
    object(root, type_key, fields)
}

/// An object with its fields in order; null when one of them may not be null and is.
fn object(set: &Set, type_key: &Name, mut given: IndexMap<Name, Value>) -> Value {
    let fields = match set.of_types.as_slice() {
        [(_object, fields)] => fields.as_slice(),
        of_types => {
            let Some(Value::String(ty)) = given.swap_remove(type_key) else { return Value::Null };
            let of_type = of_types.iter().find(|(name, _)| name.as_str() == ty);
            of_type.map(|(_, fields)| fields.as_slice()).unwrap_or_default()
        }
    };
    let mut object = IndexMap::with_capacity(fields.len());
    for Field { key, ty, below, .. } in fields {
        let found = given.swap_remove(key).unwrap_or_default();
        let Some(value) = value(ty, below.as_ref(), type_key, found) else { return Value::Null };
        object.insert(key.clone(), value);
    }
    Value::Object(object)
}

/// A value of this type; none when it is null and may not be.
fn value(ty: &Type, below: Option<&Set>, type_key: &Name, found: Value) -> Option<Value> {
    let value = match (found, below) {
        (Value::List(items), _) if ty.is_list() => {
            let items = items.into_iter().map(|item| value(ty.item_type(), below, type_key, item));
            items.collect::<Option<_>>().map_or(Value::Null, Value::List)
        }
        (Value::Object(fields), Some(set)) => object(set, type_key, fields),
        (leaf, _) => leaf,
    };
    (value != Value::Null || !ty.is_non_null()).then_some(value)
}
