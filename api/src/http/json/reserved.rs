//! Names of fields that `serde_json` keeps to itself.

const RESERVED: &str = "$serde_json::private::";

/// Whether an object of this JSON has a field under a name that `serde_json` reads as a number or as JSON in a text.
///
/// Its features `arbitrary_precision` and `raw_value` pass both through objects with such a field, and nothing that reads
/// by `serde` can tell them from an object that somebody sent (<https://github.com/serde-rs/json/issues/826>).
pub fn has_reserved_name(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some(begin) = rest.iter().position(|byte| *byte == b'"') {
        let text = rest.get(begin..).unwrap_or_default();
        let (literal, behind) = text.split_at(literal_length(text));
        let is_name = behind.trim_ascii_start().first() == Some(&b':');
        if is_name && may_be_reserved(literal) {
            let name = serde_json::from_slice::<String>(literal);
            if name.is_ok_and(|name| name.starts_with(RESERVED)) {
                return true;
            }
        }
        rest = behind;
    }
    false
}

/// How long the text is that begins with this quote, with both its quotes.
fn literal_length(text: &[u8]) -> usize {
    let mut escaped = false;
    let end = text.iter().skip(1).position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end.saturating_add(2))
}

/// Few names begin with a dollar sign, or with an escape.
fn may_be_reserved(literal: &[u8]) -> bool {
    matches!(literal.get(1), Some(b'$' | b'\\'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_reserved_name_is_found_however_it_is_written() {
        for json in [
            r#"{"$serde_json::private::Number":"7"}"#,
            r#"{"a":[{"b":"\"","$serde_json::private::RawValue" : "{}"}]}"#,
            r#"{"\u0024serde_json::private::Number":"7"}"#,
            r#"{"$\u0073erde_json\u003a:private::Number":"7"}"#,
        ] {
            assert!(has_reserved_name(json.as_bytes()), "{json}");
        }
    }

    #[test]
    fn other_names_and_all_texts_are_free() {
        for json in [
            r#"{"$ref":"$serde_json::private::Number"}"#,
            r#"["$serde_json::private::Number"]"#,
            r#"{"a":"{\"$serde_json::private::Number\":\"7\"}"}"#,
            r#"{"serde_json::private::Number":7}"#,
            r#"{"$"#,
            "",
        ] {
            assert!(!has_reserved_name(json.as_bytes()), "{json}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_through(json in prop::collection::vec(any::<u8>(), 0..200)) {
            has_reserved_name(&json);
        }

        /// What the search does not find, no value that was read has, except where it makes a number of it.
        #[test]
        fn any_name_is_found(name in ".{0,12}", before in ".{0,8}") {
            let free = serde_json::json!({ before.clone(): 1, name.clone(): [{ name.clone(): before.clone() }] });
            let found = has_reserved_name(free.to_string().as_bytes());
            prop_assert_eq!(found, name.starts_with(RESERVED) || before.starts_with(RESERVED));
            let taken = serde_json::json!({ before: { format!("{RESERVED}{name}"): 1 } });
            prop_assert!(has_reserved_name(taken.to_string().as_bytes()));
        }
    }
}
