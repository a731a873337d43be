//! What async-graphql does not do as the specification has it, and `api/src/operation` does in its place. When one of these tests
//! fails, a new release has mended that, and its part of the mend can go.

use async_graphql::{
    EmptyMutation, EmptySubscription, InputObject, Interface, Object, Request, Schema,
    SimpleObject, Value, Variables, value,
};

struct Query;

#[derive(SimpleObject, Clone)]
struct A {
    a: i32,
}

#[derive(SimpleObject, Clone)]
struct B {
    id: i32,
    b: i32,
}

#[derive(SimpleObject, Clone)]
struct C {
    id: i32,
}

#[derive(Interface, Clone)]
#[graphql(field(name = "id", ty = "&i32"))]
enum Any {
    B(B),
    C(C),
}

#[derive(InputObject)]
struct Input {
    a: i32,
}

#[Object]
impl Query {
    async fn one(&self) -> A {
        A { a: 1 }
    }

    async fn all(&self) -> Vec<Any> {
        vec![Any::B(B { id: 1, b: 2 }), Any::C(C { id: 2 })]
    }

    async fn maybe(&self) -> Option<Failing> {
        Some(Failing)
    }

    async fn take(&self, input: Input) -> i32 {
        input.a
    }
}

struct Failing;

#[Object]
impl Failing {
    async fn fine(&self) -> i32 {
        1
    }

    #[expect(clippy::unused_async, reason = "every field of a schema is asked so")]
    async fn fails(&self) -> async_graphql::Result<i32> {
        Err("no".into())
    }
}

async fn ask(query: &str, variables: Value) -> Result<Value, String> {
    let schema = Schema::build(Query, EmptyMutation, EmptySubscription).finish();
    let request = Request::new(query).variables(Variables::from_value(variables));
    let response = schema.execute(request).await;
    if response.data == Value::Null {
        Err(format!("{:?}", response.errors))
    } else {
        Ok(response.data)
    }
}

/// <https://github.com/async-graphql/async-graphql/pull/1827>
#[tokio::test]
async fn a_default_is_forgotten_by_directives() {
    let query = "query($w: Boolean = true) { one { a @include(if: $w) b: a } }";
    assert_eq!(ask(query, value!({})).await.unwrap(), value!({ "one": { "b": 1 } }));
    let query = "query($w: Boolean!) { one { a @include(if: $w) b: a } }";
    assert_eq!(ask(query, value!({})).await.unwrap(), value!({ "one": { "b": 1 } }));
}

/// <https://github.com/async-graphql/async-graphql/issues/301>
#[tokio::test]
async fn an_object_without_fields_is_null() {
    let read = ask("{ one { a @skip(if: true) } }", value!({})).await.unwrap();
    assert_eq!(read, value!({ "one": null }));
    let read = ask("{ all { ... on B { b } } }", value!({})).await.unwrap();
    assert_eq!(read, value!({ "all": [{ "b": 2 }, null] }));
}

/// <https://github.com/async-graphql/async-graphql/issues/531>
#[tokio::test]
async fn a_null_does_not_climb() {
    let read = ask("{ maybe { fine fails } }", value!({})).await.unwrap();
    assert_eq!(read, value!({ "maybe": { "fine": 1 } }));
}

/// No issue is known. The missing variable is found while it executes, after other fields were executed.
#[tokio::test]
async fn a_missing_variable_is_found_while_it_executes() {
    let query = "query($i: Input!) { one { a } take(input: $i) }";
    assert_eq!(ask(query, value!({})).await.unwrap(), value!({ "one": { "a": 1 } }));
}

/// No issue is known.
#[tokio::test]
async fn the_last_of_two_fields_counts() {
    let read = ask("{ take(input: {a: 1, a: 2}) }", value!({})).await.unwrap();
    assert_eq!(read, value!({ "take": 2 }));
}
