//! Requests that are made to hurt.

use std::{
    fmt::Write as _,
    thread,
    time::{Duration, Instant},
};

use proptest::prelude::*;
use serde_json::json;

use super::{RequestError, check, refused};

/// A quarter of what a thread of the shop has. Whoever would overflow it ends the test's process.
const STACK: usize = 512 << 10;

/// Checks a document and the variables behind its first zero byte: it may be refused, and must not end the process. For fuzzing
/// it is `api::check`.
fn examine(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let within = thread::Builder::new().stack_size(STACK).spawn(move || {
        let (query, variables) = text.split_once('\0').unwrap_or((&text, ""));
        let variables = serde_json::from_str(variables).unwrap_or_default();
        if let Ok(operation) = check(query, &variables) {
            drop(operation.document());
        }
    });
    within.unwrap().join().expect("a request ended a thread");
}

#[test]
fn nothing_nests_without_bound() {
    for n in [60, 63, 64, 65, 1_562, 100_000] {
        let (lists, objects) = ("[".repeat(n), "{a:".repeat(n));
        for query in [
            format!("{{ customers(filter: {{name: {lists}"),
            format!(
                "{{ customers(filter: {{name: {lists}{}}}) {{ nodes {{ id }} }} }}",
                "]".repeat(n)
            ),
            format!("{{ customers(filter: {objects}1{}) {{ nodes {{ id }} }} }}", "}".repeat(n)),
            format!(
                "{{ customers(filter: {}1{}) {{ nodes {{ id }} }} }}",
                "[{a:".repeat(n),
                "}]".repeat(n)
            ),
            format!("query($a: [String] = {lists}{}) {{ __typename }}", "]".repeat(n)),
            format!("query($a: {lists}String{}) {{ __typename }}", "]".repeat(n)),
            format!("query($a: {lists}String{}) {{ __typename }}", "!]".repeat(n)),
            format!("{{ __typename @skip(if: {lists}{}) }}", "]".repeat(n)),
            format!("query @a(b: {objects}1{}) {{ __typename }}", "}".repeat(n)),
            "{ a ".repeat(n),
            format!("{}{}", "{ a ".repeat(n), "}".repeat(n)),
            format!("{}{}", "{ ... ".repeat(n), "}".repeat(n)),
            format!("{}{}", "{ a(b: [{c: ".repeat(n), "}])".repeat(n)),
            format!("# \"\n{lists}"),
            format!("{{ a(b: \"\"\" \\\"\"\" [[ \"\"\", c: {lists}"),
            lists.clone(),
        ] {
            assert!(check(&query, &json!({})).is_err());
            examine(query.as_bytes());
        }
    }
}

#[test]
fn brackets_in_strings_and_comments_are_no_nesting() {
    let text = "[{(".repeat(5_000);
    for query in [
        format!("{{ customers(filter: {{name: \"{text}\"}}) {{ nodes {{ id }} }} }}"),
        format!(
            "{{ customers(filter: {{name: \"\"\"{text} \\\"\"\" \" {text}\"\"\"}}) {{ nodes {{ id }} }} }}"
        ),
        format!("# {text} \"\n{{ customers {{ nodes {{ id }} }} }}"),
    ] {
        assert!(check(&query, &json!({})).is_ok());
    }
}

#[test]
fn introspection_is_counted() {
    let of_event = "__type(name: \"Event\") { possibleTypes { interfaces { possibleTypes { interfaces { possibleTypes { fields { name args { name } type { name } } } } } } } }";
    let mut many = String::new();
    (0..120).for_each(|n| write!(many, "a{n}: {of_event} ").unwrap());
    refused(&format!("{{ {many} }}"), &json!({}));
    assert!(check(&format!("{{ {of_event} }}"), &json!({})).is_ok());
}

#[test]
fn a_variable_that_is_used_over_and_over_is_counted_each_time() {
    let mut fields = String::new();
    (0..300).for_each(|n| write!(fields, "a{n}: customer(id: $id) {{ id }} ").unwrap());
    let query = format!("query($id: ID!) {{ {fields} }}");
    assert!(check(&query, &json!({ "id": "a".repeat(100) })).is_ok());
    let RequestError { errors, .. } = refused(&query, &json!({ "id": "a".repeat(100_000) }));
    assert!(errors[0].message.contains("1048576"), "{errors:?}");
}

/// The worst that fits into a request, of each sort. Twice as long, it takes twice as long or is refused.
#[test]
fn a_check_takes_no_longer_than_its_request_is_long() {
    let of = |n: usize, piece: &dyn Fn(usize) -> String| (0..n).map(piece).collect::<String>();
    let sorts: [&dyn Fn(usize) -> String; 12] = [
        &|n| format!("{{ {} }}", of(n, &|n| format!("a{n}: __typename "))),
        &|n| format!("{{ {} }}", of(n, &|_| "a: __typename ".into())),
        &|n| format!("{{ {} }}", of(n, &|n| format!("a{n}: nothing "))),
        &|n| format!("query({}) {{ __typename }}", of(n, &|n| format!("$v{n}: Int "))),
        &|n| {
            format!(
                "query({}) {{ {} }}",
                of(n, &|n| format!("$v{n}: ID! ")),
                of(n, &|n| format!("a{n}: customer(id: $v{n}) {{ id }} "))
            )
        },
        &|n| {
            of(n, &|n| format!("query A{n} {{ ...F{n} }} fragment F{n} on Query {{ __typename }} "))
        },
        &|n| format!("{{ __typename {} }}", of(n, &|_| "@skip(if: false) ".into())),
        &|n| {
            format!("{{ events(types: [{}]) {{ hasMore }} }}", of(n, &|_| "PRODUCT_PRICED ".into()))
        },
        &|n| {
            format!(
                "{{ customers(filter: {{{}}}) {{ nodes {{ id }} }} }}",
                of(n, &|n| format!("a{n}: 1 "))
            )
        },
        &|n| format!("{{ customers({}) {{ nodes {{ id }} }} }}", of(n, &|n| format!("a{n}: 1 "))),
        &|n| "{ é @ ".repeat(n),
        &|n| {
            format!(
                "{{ ...F0 }} {}",
                of(n, &|i| format!(
                    "fragment F{i} on Query {{ ...F{} ...F{} }} ",
                    i + 1,
                    (i + 7) % n
                ))
            )
        },
    ];
    for (sort, make) in sorts.iter().enumerate() {
        for n in [1_000, 3_000, 60_000] {
            let query = make(n);
            let begun = Instant::now();
            let _checked = check(&query, &json!({}));
            let took = begun.elapsed();
            assert!(took < Duration::from_secs(2), "sort {sort}, {n} pieces: {took:?}");
        }
    }
}

/// What documents are made of, and what breaks them.
const WORDS: &str = "{ } [ ] ( ) {a: [[[[[[[[ ]]]]]]]] {{{{ }}}} : ! $ $a @ @skip if true null 1 -1.5e3 \"[{\" \" \"\"\" \\\"\"\" # \n , ... \
    on query mutation fragment F customers customer id nodes filter name events first __typename Query Event é \u{feff} \
    CustomerCreated __schema types fields purchaseProduct input = | & \0 {\"a\":[[[1]]]}";

fn piece() -> impl Strategy<Value = String> {
    let words: Vec<_> = WORDS.split(' ').collect();
    prop_oneof![8 => prop::sample::select(words).prop_map(str::to_owned), 1 => "\\PC{0,4}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_asked_the_process_goes_on(pieces in prop::collection::vec((piece(), 1..40_usize), 0..60)) {
        let text: String = pieces.iter().map(|(piece, times)| format!("{piece} ").repeat(*times)).collect();
        examine(text.as_bytes());
    }

    #[test]
    fn bytes_of_any_sort_are_refused_or_understood(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        examine(&bytes);
        let _ = crate::http::check(&bytes);
    }

    #[test]
    fn variables_of_any_shape_are_refused_or_fit(value in "(\\[|\\{\"[a-z]{1,9}\":){0,40}(1|\"a\"|null|true|1e999)(\\]|\\}){0,40}") {
        let query = "query($v: CustomerFilter, $p: Decimal, $t: [EventType!]) {
            customers(filter: $v) { nodes { id } } products(filter: {minPrice: $p}) { nodes { id } } events(types: $t) { hasMore } }";
        for name in ["v", "p", "t"] {
            let variables = format!("{{\"{name}\":{value}}}");
            examine(format!("{query}\0{variables}").as_bytes());
        }
    }
}
