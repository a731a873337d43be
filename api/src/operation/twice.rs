//! Fields that are given twice in a literal, wherever it stands.
//!
//! The specification refuses them (<https://spec.graphql.org/October2021/#sec-Input-Object-Field-Uniqueness>); apollo-compiler
//! does not look, and async-graphql takes the last.

use apollo_compiler::{
    Node,
    ast::{Argument, Definition, DirectiveList, Document, Selection, Value},
    collections::HashSet,
};

use super::error::RequestError;
use crate::schema::Code;

/// Refuses a document with a literal that gives a field twice.
pub(super) fn check(document: &Document) -> Result<(), RequestError> {
    for definition in &document.definitions {
        if let Definition::OperationDefinition(operation) = definition {
            for variable in &operation.variables {
                variable.default_value.as_ref().map_or(Ok(()), value)?;
                directives(&variable.directives)?;
            }
            directives(&operation.directives)?;
            selections(&operation.selection_set)?;
        }
        if let Definition::FragmentDefinition(fragment) = definition {
            directives(&fragment.directives)?;
            selections(&fragment.selection_set)?;
        }
    }
    Ok(())
}

fn selections(set: &[Selection]) -> Result<(), RequestError> {
    set.iter().try_for_each(|selection| match selection {
        Selection::Field(field) => {
            arguments(&field.arguments)?;
            directives(&field.directives)?;
            selections(&field.selection_set)
        }
        Selection::FragmentSpread(spread) => directives(&spread.directives),
        Selection::InlineFragment(fragment) => {
            directives(&fragment.directives)?;
            selections(&fragment.selection_set)
        }
    })
}

fn directives(directives: &DirectiveList) -> Result<(), RequestError> {
    directives.iter().try_for_each(|directive| arguments(&directive.arguments))
}

fn arguments(arguments: &[Node<Argument>]) -> Result<(), RequestError> {
    arguments.iter().try_for_each(|argument| value(&argument.value))
}

fn value(of: &Node<Value>) -> Result<(), RequestError> {
    if let Value::List(items) = &**of {
        return items.iter().try_for_each(value);
    }
    let Value::Object(fields) = &**of else { return Ok(()) };
    let mut seen = HashSet::default();
    fields.iter().try_for_each(|(name, of)| {
        if !seen.insert(name) {
            let offset = name.location().map(|at| at.offset());
            let message = format!("the field `{name}` is given twice");
            return Err(RequestError::at(Code::GraphqlValidationFailed, message, offset));
        }
        value(of)
    })
}
