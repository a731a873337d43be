use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

#[test]
fn a_field_that_is_given_twice_is_refused_wherever_it_is() {
    for twice in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"b":[{"c":{"d":null,"d":2}}]}"#,
        r#"[{"a":1},{"a":1,"\u0061":2}]"#,
    ] {
        let error = read::<Value>(twice.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("is given twice"), "{error}");
    }
    let once = r#"[{"a":1},{"a":{"a":[1.50,true,"x",null]}}]"#;
    let read: Value = read(once.as_bytes()).unwrap();
    assert_eq!(read[1]["a"]["a"][0].to_string(), "1.50");
}

#[test]
fn json_that_nests_too_deep_is_refused() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = |n: usize| format!("{}1{}", open.repeat(n), close.repeat(n));
        assert!(read::<Value>(deep(100).as_bytes()).is_ok());
        for n in [128, 100_000] {
            assert!(read::<Value>(deep(n).as_bytes()).is_err());
        }
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".{0,3}", inner, 0..6).prop_map(|fields| json!(fields)),
        ]
    })
}

proptest! {
    #[test]
    fn what_gives_every_field_once_is_read_as_it_is(value in json()) {
        prop_assert_eq!(read::<Value>(value.to_string().as_bytes()).unwrap(), value);
    }

    #[test]
    fn nothing_else_than_json_is_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let lenient = serde_json::from_slice::<Value>(&bytes);
        if let Ok(value) = read::<Value>(&bytes) {
            prop_assert_eq!(lenient.unwrap(), value);
        }
    }
}
