//! What others wrote, such that a terminal shows it and does nothing else: nothing in it moves the cursor, colours what
//! follows, is not seen, or turns the order of what is seen round.

use std::{borrow::Cow, fmt::Write as _};

/// As one line: such characters are written as their escapes.
pub(crate) fn escape_control(text: &str) -> String {
    escaped(text, is_harmful, rust).into_owned()
}

/// As many lines as it has.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| is_harmful(c) && !matches!(c, '\n' | '\t'), rust)
}

/// Lines of our own in colour, which is begun and ended by an escape character.
pub(crate) fn coloured(text: &str) -> Cow<'_, str> {
    escaped(text, |c| is_harmful(c) && !matches!(c, '\n' | '\t' | '\u{1B}'), rust)
}

/// JSON: such characters are in its texts alone, where their escapes are the same text.
pub(crate) fn json(text: &str) -> Cow<'_, str> {
    escaped(
        text,
        |c| is_harmful(c) && !matches!(c, '\n' | '\t' | '\r'),
        |c, to| {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a text cannot fail.
                let _ = write!(to, "\\u{unit:04x}");
            }
        },
    )
}

/// One line of at most so many characters, with how long it is when that is longer.
pub(crate) fn clipped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => {
            let begin = escape_control(text.get(..end).unwrap_or_default());
            format!("{begin}… ({} bytes)", text.len())
        }
        None => escape_control(text),
    }
}

/// The escape that Rust and this program's logs have.
fn rust(c: char, to: &mut String) {
    to.extend(c.escape_unicode());
}

fn escaped(
    text: &str,
    harmful: impl Fn(char) -> bool,
    escape: impl Fn(char, &mut String),
) -> Cow<'_, str> {
    if !text.contains(&harmful) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if harmful(c) {
            escape(c, &mut safe);
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// Control characters, and what Unicode counts as format characters or invisible: marks of direction, separators of lines,
/// joins and tags. Two of them are parts of honest names and emoji: `U+200C` and `U+200D`.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}'
                | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E007F}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVIL: &str = "a\u{202E}b\x1b[31mc\u{9B}d\ne\u{E0041}";

    #[test]
    fn what_a_terminal_would_obey_is_shown_by_its_escape() {
        assert_eq!(escape_control(EVIL), r"a\u{202e}b\u{1b}[31mc\u{9b}d\u{a}e\u{e0041}");
        assert_eq!(lines(EVIL), "a\\u{202e}b\\u{1b}[31mc\\u{9b}d\ne\\u{e0041}");
        assert_eq!(coloured("\x1b[2ma\u{202E}\n"), "\x1b[2ma\\u{202e}\n");
        for honest in ["Żółć", "क्\u{200D}ष", "👩\u{200D}🌾", "نامه\u{200C}ای", "ul. Krótka 1"]
        {
            assert_eq!(escape_control(honest), honest);
        }
    }

    #[test]
    fn json_stays_the_same_json() {
        let value = serde_json::json!({ "name": EVIL, "more": ["\u{2066}", "\\", "\r\n"] });
        let text = serde_json::to_string(&value).unwrap();
        let safe = json(&text);
        assert!(!safe.contains(is_harmful), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }

    #[test]
    fn a_long_text_is_cut_and_says_how_long_it_is() {
        assert_eq!(clipped("żółć", 4), "żółć");
        assert_eq!(clipped("żółć", 3), "żół… (8 bytes)");
        assert!(clipped(&"\n".repeat(30_000), 80).len() < 500);
    }
}
