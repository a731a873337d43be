//! What `serde_json` could not read, in words of JSON.

/// The message of an error, without the names of Rust's types.
pub fn json_error(error: &serde_json::Error) -> String {
    const WORDS: [(&str, &str); 12] = [
        ("u8", "a whole number"),
        ("u16", "a whole number"),
        ("u32", "a whole number"),
        ("u64", "a whole number"),
        ("i32", "a whole number"),
        ("i64", "a whole number"),
        ("usize", "a whole number"),
        ("a map", "an object"),
        ("a sequence", "a list"),
        ("a string", "text"),
        ("a borrowed string", "text"),
        ("unit", "null"),
    ];
    let message = error.to_string();
    let (told, place) = message.rsplit_once(" at line ").unwrap_or((&message, ""));
    let Some((found, expected)) = told.rsplit_once(", expected ") else { return message };
    match WORDS.iter().find(|(rust, _)| *rust == expected) {
        Some((_, json)) => format!("{found}, expected {json} at line {place}"),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::de::DeserializeOwned;

    use super::json_error;

    #[track_caller]
    fn check<T: DeserializeOwned>(json: &str, message: &str) {
        let error = serde_json::from_str::<T>(json).err().unwrap();
        assert_eq!(json_error(&error), message);
    }

    #[test]
    fn types_of_rust_are_those_of_json() {
        check::<u16>(
            "65536",
            "invalid value: integer `65536`, expected a whole number at line 1 column 5",
        );
        check::<i64>(
            "\", expected u8\"",
            "invalid type: string \", expected u8\", expected a whole number at line 1 column 15",
        );
        check::<BTreeMap<String, u8>>(
            "7",
            "invalid type: integer `7`, expected an object at line 1 column 1",
        );
        check::<Vec<u8>>("7", "invalid type: integer `7`, expected a list at line 1 column 1");
        check::<String>("7", "invalid type: integer `7`, expected text at line 1 column 1");
    }

    #[test]
    fn what_is_no_json_is_told_as_it_is() {
        check::<u16>("}", "expected value at line 1 column 1");
    }
}
