//! The contract.

use std::collections::BTreeSet;

use async_graphql::parser::{
    parse_schema,
    types::{FieldDefinition, InputValueDefinition, TypeKind, TypeSystemDefinition},
};

/// The served part of the contract and what was added to it.
const CONTRACT: &str = include_str!("../../schema.graphql");

/// A schema as a set of statements: what there is, of what type, and how it is described.
fn statements(schema: &str) -> BTreeSet<String> {
    let document = parse_schema(schema).unwrap();
    let mut all = BTreeSet::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let (name, described) = (definition.node.name, definition.node.description);
        let described = described.map(|text| words(&text.node)).unwrap_or_default();
        let name = name.node;
        let kind = match definition.node.kind {
            TypeKind::Scalar => "scalar",
            TypeKind::Object(object) => {
                all.extend(
                    object.implements.iter().map(|it| format!("{name} implements {}", it.node)),
                );
                object.fields.iter().for_each(|it| all.extend(field(&name, &it.node)));
                "type"
            }
            TypeKind::Interface(interface) => {
                interface.fields.iter().for_each(|it| all.extend(field(&name, &it.node)));
                "interface"
            }
            TypeKind::Enum(of) => {
                all.extend(of.values.iter().map(|it| format!("{name} = {}", it.node.value.node)));
                "enum"
            }
            TypeKind::InputObject(input) => {
                all.extend(input.fields.iter().map(|it| value(&name, &it.node)));
                "input"
            }
            TypeKind::Union(_) => "union",
        };
        all.insert(format!("{kind} {name} \"{described}\""));
    }
    all
}

fn field(of: &str, field: &FieldDefinition) -> Vec<String> {
    let name = format!("{of}.{}", field.name.node);
    let described = field.description.as_ref().map(|text| words(&text.node)).unwrap_or_default();
    let mut all = vec![format!("{name}: {} \"{described}\"", field.ty.node)];
    all.extend(field.arguments.iter().map(|argument| value(&name, &argument.node)));
    all
}

fn value(of: &str, value: &InputValueDefinition) -> String {
    let described = value.description.as_ref().map(|text| words(&text.node)).unwrap_or_default();
    let usual = value.default_value.as_ref().map(|it| it.node.to_string()).unwrap_or_default();
    format!("{of}({}: {} = {usual}) \"{described}\"", value.name.node, value.ty.node)
}

/// Where lines break says nothing, nor does how code is set off.
fn words(text: &str) -> String {
    text.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_served_schema_is_the_contract() {
    let (served, contract) = (statements(&api::sdl()), statements(CONTRACT));
    let missing: Vec<_> = contract.difference(&served).collect();
    let more: Vec<_> = served.difference(&contract).collect();
    assert!(missing.is_empty() && more.is_empty(), "missing: {missing:#?}\nmore: {more:#?}");
}
