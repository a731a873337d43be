//! What the specification calls request errors, and what is too much: refused before anything runs.

mod hostile;

use std::sync::LazyLock;

use serde_json::json;

use super::*;
use crate::schema::sdl;

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::of(&sdl()));

/// A plan of the shop's schema.
fn check(query: &str, variables: &Json) -> Result<Operation, RequestError> {
    let variables = variables.as_object().cloned().unwrap_or_default();
    CONTRACT.check(query, None, variables)
}

#[track_caller]
fn refused(query: &str, variables: &Json) -> RequestError {
    check(query, variables).err().unwrap_or_else(|| panic!("it would be executed: {query}"))
}

#[track_caller]
fn refused_with(query: &str, variables: &Json, message: &str) {
    let RequestError { code, errors } = refused(query, variables);
    assert_eq!(code, Code::GraphqlValidationFailed, "{query}");
    let told: Vec<_> = errors.iter().map(|it| it.message.as_str()).collect();
    assert!(told.iter().any(|told| told.contains(message)), "{query} {variables}: {told:?}");
}

/// A plan as the executor's document would be written.
#[track_caller]
fn planned(query: &str, variables: &Json, fields: &[&str]) {
    let operation = check(query, variables).unwrap();
    let [(_, of_root)] = operation.root.of_types.as_slice() else { panic!("several roots") };
    let mut told = Vec::new();
    for field in of_root {
        let arguments: Vec<_> =
            field.arguments.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        told.push(format!("{} {}({})", field.key, field.name, arguments.join(", ")));
    }
    assert_eq!(told, fields, "{query}");
}

const BUY: &str = "mutation($first: PurchaseProductInput!, $second: PurchaseProductInput!) {
    a: purchaseProduct(input: $first) { repeated } b: purchaseProduct(input: $second) { repeated } }";

fn purchase() -> Json {
    json!({ "customerId": "anna", "productId": "chleb", "quantity": "1" })
}

#[test]
fn a_variable_without_a_value_is_missed_before_anything_runs() {
    refused_with(BUY, &json!({ "first": purchase() }), "second");
    refused_with(BUY, &json!({ "first": purchase(), "second": null }), "second");
    refused_with("query($w: Boolean!) { __typename @include(if: $w) }", &json!({}), "'w'");
    refused_with(
        "query($w: Boolean = true) { __typename @skip(if: $w) }",
        &json!({ "w": null }),
        "@skip",
    );
    assert!(check(BUY, &json!({ "first": purchase(), "second": purchase() })).is_ok());
}

#[test]
fn a_variable_of_another_type_is_refused_before_anything_runs() {
    let with = |field: &str, value: Json| {
        let mut second = purchase();
        second[field] = value;
        json!({ "first": purchase(), "second": second })
    };
    refused_with(BUY, &with("quantity", json!(0.5)), "\"0.36\"");
    refused_with(BUY, &with("quantity", json!([[["1"]]])), "\"0.36\"");
    refused_with(BUY, &with("quantity", json!(null)), "quantity");
    refused_with(BUY, &with("customerId", json!({})), "customerId");
    refused_with(BUY, &with("nothing", json!(1)), "nothing");
    let RequestError { code, errors } = refused(BUY, &with("atLeast", json!("somewhere")));
    assert_eq!(code, Code::BadPosition, "{errors:?}");
    let in_literal = "query($name: [String]) { customers(filter: {name: $name}) { nodes { id } } }";
    refused_with(in_literal, &json!({ "name": ["a", "b"] }), "String");
    refused_with(
        "query($n: Int) { customers(first: $n) { nodes { id } } }",
        &json!({ "n": 2_147_483_648_i64 }),
        "n",
    );
}

#[test]
fn a_field_that_is_given_twice_is_refused() {
    refused_with(
        "{ customers(filter: {name: \"a\", name: \"b\"}) { nodes { id } } }",
        &json!({}),
        "twice",
    );
    refused_with("{ customers(first: 1, first: 2) { nodes { id } } }", &json!({}), "first");
    refused_with(
        "query($a: Int, $a: Int) { customers(first: $a) { nodes { id } } }",
        &json!({}),
        "a",
    );
    refused_with(
        "query($f: CustomerFilter = {name: \"a\", name: \"b\"}) { customers(filter: $f) { nodes { id } } }",
        &json!({}),
        "twice",
    );
}

#[test]
fn what_does_not_fit_the_schema_is_refused() {
    for query in [
        "{ nothing }",
        "{ customers }",
        "{ customers { nodes { id { x } } } }",
        "{ customer { id } }",
        "{ customer(id: null) { id } }",
        "query($id: ID) { customer(id: $id) { id } }",
        "{ customer(id: $id) { id } }",
        "query($id: ID!) { __typename }",
        "{ ...Nothing }",
        "{ __typename } fragment F on Query { __typename }",
        "{ a: customer(id: 1) { id } a: customer(id: 2) { id } }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "{ __typename @deprecated }",
        "{ __typename @skip(if: true) @skip(if: true) }",
        "{ events { events { ... on Customer { id } } } }",
        "query A { __typename } query B { __typename }",
        "query A { __typename } query A { __typename }",
        "subscription { events { id } }",
        "{ __typename } type Query { a: Int }",
    ] {
        refused_with(query, &json!({}), "");
    }
    assert_eq!(refused("{ customers(first: 1 { nodes", &json!({})).code, Code::GraphqlParseFailed);
}

#[test]
fn defaults_are_put_in_and_what_is_not_given_stays_so() {
    let query = "query($n: Int = 7, $after: String, $id: ID!, $f: CustomerFilter = {name: \"A\"}) {
        a: customers(first: $n, after: $after, filter: $f) { nodes { id } } b: customer(id: $id) { id }
        c: customers(first: 1, filter: {name: $after, address: \"x\"}) { nodes { id } } }";
    let fields = [
        "a customers(first: 7, filter: {name: \"A\"})",
        "b customer(id: \"5\")",
        "c customers(first: 1, filter: {address: \"x\"})",
    ];
    planned(query, &json!({ "id": 5 }), &fields);
    planned(
        "{ customer(id: 123456789012345678901234567890) { id } }",
        &json!({}),
        &["customer customer(id: \"123456789012345678901234567890\")"],
    );
}

#[test]
fn directives_are_obeyed_and_fields_merged() {
    let query = "query($no: Boolean = false, $yes: Boolean!) {
        ...F b: __typename @skip(if: $no) @include(if: $yes) c: __typename @include(if: $no) ...F
        ... @skip(if: $yes) { d: __typename } ... on Query @include(if: $yes) { a: __typename e: __typename } }
        fragment F on Query { a: __typename }";
    planned(
        query,
        &json!({ "yes": true }),
        &["a __typename()", "b __typename()", "e __typename()"],
    );
    planned(
        query,
        &json!({ "yes": true, "no": true }),
        &["a __typename()", "c __typename()", "e __typename()"],
    );
}

#[test]
fn errors_stand_where_the_text_is_wrong() {
    let query = "{\n  a: __typename # é\r\n  customers(filter: {name: [1]}) { nodes { id } } }";
    let place = refused(query, &json!({})).errors[0].locations[0];
    assert_eq!((place.line, place.column), (3, 28));
    let query = "# é\n{ a: __typename # ü\n  customers(filter: {name: \"a\", name: \"b\"}) { nodes { id } } }";
    let place = refused(query, &json!({})).errors[0].locations[0];
    assert_eq!((place.line, place.column), (3, 33));
}

/// What graphql-js asks for with every option on, and so GraphiQL, Apollo and the others, two types deeper than they do.
fn standard_introspection() -> String {
    let of_type =
        (0..10).fold("kind name".to_owned(), |inner, _| format!("kind name ofType {{ {inner} }}"));
    let input = "name description type { ...T } defaultValue isDeprecated deprecationReason";
    format!(
        "query IntrospectionQuery {{ __schema {{ description queryType {{ name kind }} mutationType {{ name kind }}
         subscriptionType {{ name kind }} types {{ ...F }} directives {{ name description isRepeatable locations
         args(includeDeprecated: true) {{ ...I }} }} }} }}
         fragment F on __Type {{ kind name description specifiedByURL isOneOf fields(includeDeprecated: true) {{ name description
         args(includeDeprecated: true) {{ ...I }} type {{ ...T }} isDeprecated deprecationReason }}
         inputFields(includeDeprecated: true) {{ ...I }} interfaces {{ ...T }} enumValues(includeDeprecated: true) {{ name
         description isDeprecated deprecationReason }} possibleTypes {{ ...T }} }}
         fragment I on __InputValue {{ {input} }} fragment T on __Type {{ {of_type} }}"
    )
}

#[test]
fn standard_introspection_is_well_within_the_limits() {
    let operation = check(&standard_introspection(), &json!({})).unwrap();
    assert!(operation.cost() < 25_000, "{}", operation.cost());
}

#[test]
fn a_list_without_an_end_counts_for_much() {
    let cost = |query: &str| check(query, &json!({})).unwrap().cost();
    assert!(cost("{ quarantine { key } }") > 1_000);
    assert!(cost("{ system { views { generations { feeders { instance } } } } }") > 2_000);
    assert_eq!(
        cost("{ customers(first: 10) { nodes { id } edges { node { id } } } }"),
        10 * 5 + 50
    );
    assert_eq!(
        cost("{ events(first: 2) { events { id ... on ProductPriced { name } } hasMore } }"),
        2 * 4 + 50
    );
    let many: Vec<_> = (0..50).map(|n| format!("a{n}: quarantine {{ key }}")).collect();
    refused_with(
        &format!("{{ {} }}", many.join(" ")),
        &json!({}),
        "may have 50050 fields, more than the 50000",
    );
}

#[test]
fn a_name_of_the_answer_is_not_longer_than_a_name() {
    let query = |length| format!("{{ customers {{ nodes {{ {}: id }} }} }}", "a".repeat(length));
    check(&query(100), &json!({})).unwrap();
    refused_with(
        &query(101),
        &json!({}),
        "a name of the answer has 101 characters, and 100 is the most",
    );
    let mutation = format!("mutation {{ {}: __typename }}", "a".repeat(1_000_000));
    refused_with(&mutation, &json!({}), "1000000 characters");
    let schema = format!("{{ __schema {{ types {{ {}: name }} }} }}", "a".repeat(101));
    refused_with(&schema, &json!({}), "101 characters");
}

#[test]
fn the_playgrounds_own_queries_are_within_the_limits() {
    let examples: Json = serde_json::from_str(include_str!("../playground/examples.json")).unwrap();
    for example in examples.as_array().unwrap() {
        let variables: Json = serde_json::from_str(example["variables"].as_str().unwrap()).unwrap();
        check(example["query"].as_str().unwrap(), &variables).unwrap();
    }
}
