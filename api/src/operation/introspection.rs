//! How large the answer to introspection is.
//!
//! The schema is known, so its answer can be counted before it is made. Its types refer to each other: a few kilobytes of
//! `possibleTypes { interfaces { possibleTypes { … } } }` would be answered with as many megabytes as somebody likes.

use apollo_compiler::{
    Name, Schema,
    ast::{FieldDefinition, InputValueDefinition, Type},
    schema::ExtendedType,
    validation::Valid,
};
use async_graphql::Value;

use super::{
    RequestError,
    plan::{Field, Set},
};

/// How many fields an answer to introspection may have. What GraphiQL asks for has 14,000 or so.
const MOST: usize = 50_000;

/// How many fields the answers to the introspection below this root have.
pub(super) fn size(schema: &Valid<Schema>, root: &Set) -> Result<usize, RequestError> {
    counted(schema, root).ok_or_else(|| {
        RequestError::too_large(format_args!(
            "the answer to the introspection has more than {MOST} fields"
        ))
    })
}

/// None when it is too much.
fn counted(schema: &Valid<Schema>, root: &Set) -> Option<usize> {
    let mut count = Count { schema, left: MOST };
    for field in root.of_types.iter().flat_map(|(_, fields)| fields) {
        if field.name == "__schema" {
            count.below(field, [Node::Schema])?;
        }
        if field.name == "__type" {
            let named = field.arguments.iter().find_map(|(_, value)| {
                let Value::String(name) = value else { return None };
                schema.types.get(name.as_str())
            });
            count.below(field, named.map(Node::Named))?;
        }
    }
    MOST.checked_sub(count.left)
}

/// What introspection tells of.
#[derive(Clone, Copy)]
enum Node<'a> {
    Schema,
    Named(&'a ExtendedType),
    /// With the type that may not be null.
    NonNull(&'a Type),
    /// With the type of its items.
    List(&'a Type),
    Field(&'a FieldDefinition),
    Input(&'a InputValueDefinition),
    Directive(&'a [apollo_compiler::Node<InputValueDefinition>]),
    Value,
}

struct Count<'a> {
    schema: &'a Valid<Schema>,
    left: usize,
}

impl<'a> Count<'a> {
    /// None when that is too much; it goes no further then.
    fn below(&mut self, field: &Field, nodes: impl IntoIterator<Item = Node<'a>>) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        let Some(set) = &field.below else { return Some(()) };
        for node in nodes {
            for field in set.of_types.iter().flat_map(|(_, fields)| fields) {
                self.field(field, node)?;
            }
        }
        Some(())
    }

    fn field(&mut self, field: &Field, node: Node<'a>) -> Option<()> {
        let schema = self.schema;
        match (node, field.name.as_str()) {
            (Node::Schema, "types") => self.below(field, schema.types.values().map(Node::Named)),
            (Node::Schema, "directives") => {
                let of_each = schema.directive_definitions.values();
                self.below(field, of_each.map(|it| Node::Directive(&it.arguments)))
            }
            (Node::Schema, _root) => {
                let query = schema.schema_definition.query.as_ref();
                self.below(field, query.and_then(|query| self.named(query)))
            }
            (Node::Named(ty), name) => self.named_field(field, ty, name),
            (Node::NonNull(ty), "ofType") => {
                let below = match ty {
                    Type::List(of) | Type::NonNullList(of) => Some(Node::List(of)),
                    Type::Named(name) | Type::NonNullNamed(name) => self.named(name),
                };
                self.below(field, below)
            }
            (Node::List(of), "ofType") => self.below(field, self.of(of)),
            (Node::Field(of), "type") => self.below(field, self.of(&of.ty)),
            (Node::Field(of), "args") => {
                self.below(field, of.arguments.iter().map(|it| Node::Input(it)))
            }
            (Node::Input(of), "type") => self.below(field, self.of(&of.ty)),
            (Node::Directive(of), "args") => self.below(field, of.iter().map(|it| Node::Input(it))),
            _leaf => self.below(field, None),
        }
    }

    fn named_field(&mut self, field: &Field, ty: &'a ExtendedType, name: &str) -> Option<()> {
        let schema = self.schema;
        match (ty, name) {
            (ExtendedType::Object(of), "fields") => {
                self.below(field, of.fields.values().map(|it| Node::Field(it)))
            }
            (ExtendedType::Interface(of), "fields") => {
                self.below(field, of.fields.values().map(|it| Node::Field(it)))
            }
            (ExtendedType::InputObject(of), "inputFields") => {
                self.below(field, of.fields.values().map(|it| Node::Input(it)))
            }
            (ExtendedType::Enum(of), "enumValues") => {
                self.below(field, of.values.values().map(|_| Node::Value))
            }
            (ExtendedType::Object(of), "interfaces") => {
                let all = of.implements_interfaces.iter().filter_map(|it| schema.types.get(&**it));
                self.below(field, all.map(Node::Named))
            }
            (ExtendedType::Interface(of), "possibleTypes") => {
                let all = schema.types.values().filter(|it| schema.is_subtype(&of.name, it.name()));
                self.below(field, all.map(Node::Named))
            }
            _leaf => self.below(field, None),
        }
    }

    fn of(&self, ty: &'a Type) -> Option<Node<'a>> {
        match ty {
            Type::Named(name) => self.named(name),
            Type::List(of) => Some(Node::List(of)),
            Type::NonNullNamed(_) | Type::NonNullList(_) => Some(Node::NonNull(ty)),
        }
    }

    fn named(&self, name: &Name) -> Option<Node<'a>> {
        self.schema.types.get(name).map(Node::Named)
    }
}
