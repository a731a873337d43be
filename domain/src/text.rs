//! Names and addresses.

use std::{
    borrow::Cow,
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
    sync::Arc,
};

use icu_normalizer::{ComposingNormalizer, ComposingNormalizerBorrowed};

use crate::InvalidInput;

/// The text in Unicode's normalization form C: `ó` is one character, whether it came as one or as `o` and an accent.
///
/// Most keyboards and programs write that form anyway; file names of macOS, for one, come in the other.
pub fn composed(text: &str) -> Cow<'_, str> {
    const FORM_C: ComposingNormalizerBorrowed<'static> = ComposingNormalizer::new_nfc();
    FORM_C.normalize(text)
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $what:literal, $longest:literal, $control:expr, $but:literal, $as_lines:expr) => {
        $(#[$doc])*
        ///
        /// New ones are in Unicode's normalization form C. One that was [recorded](Self::recorded) stays as it was
        /// written, and is equal to what it is in that form.
        #[derive(Debug, Clone)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The text, without white space around it.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Takes a text that was accepted once: rules that came later do not make the past unreadable.
            pub fn recorded(text: &str) -> Result<Self, InvalidInput> {
                // Nearly every text is a short plain one, which needs to be looked through only once.
                if text.len() <= $longest && is_plain(text) {
                    return Ok(Self(text.into()));
                }
                let text = text.trim();
                let control = |c: char| c.is_control() && !$control.contains(&c);
                if (1..=$longest).contains(&text.chars().count()) && !text.contains(control) {
                    Ok(Self(text.into()))
                } else {
                    Err(InvalidInput::new(concat!($what, " is 1 to ", $longest, " characters, none of them a control character", $but)))
                }
            }
        }

        impl FromStr for $name {
            type Err = InvalidInput;

            fn from_str(text: &str) -> Result<Self, InvalidInput> {
                let text = Self::recorded(&composed(&$as_lines(text)))?;
                if text.as_str().chars().all(is_unseen) {
                    return Err(InvalidInput::new(concat!($what, " needs a character that can be seen")));
                }
                Ok(text)
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0 || composed(&self.0) == composed(&other.0)
            }
        }

        impl Eq for $name {}

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                composed(&self.0).hash(state);
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text!(
    /// A first or last name, a product's name, or a product's type: 1 to 200 characters.
    Name, "a name", 200, ['\0'; 0], "", Cow::Borrowed
);
text!(
    /// Where a customer lives: 1 to 500 characters, in one line or several, each of which ends in a line feed however it was typed.
    Address, "an address", 500, ['\n'], " but the ends of its lines", unix_lines
);

/// With a line feed for each end of a line, which other systems write as `\r\n` or `\r`: the same address is the same text.
fn unix_lines(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether it is a text of ASCII's letters, digits and signs, with spaces at most between them.
fn is_plain(text: &str) -> bool {
    let has_ends = matches!(text.as_bytes(), [b'!'..=b'~', .., b'!'..=b'~'] | [b'!'..=b'~']);
    has_ends && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Characters of which nothing is seen: white space, what only steers how others are shown (Unicode's property
/// `Default_Ignorable_Code_Point`), and the blank pattern of Braille.
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
                | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
                | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'
        )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use icu_normalizer::DecomposingNormalizer;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_trimmed_and_counted_in_characters() {
        assert_eq!("  Żółć \n".parse::<Name>().unwrap().as_str(), "Żółć");
        assert!("ż".repeat(200).parse::<Name>().is_ok());
        assert!("ż".repeat(201).parse::<Name>().is_err());
        assert!("  ".parse::<Name>().is_err());
    }

    #[test]
    fn a_plain_text_is_taken_as_any_other() {
        for text in ["a", "!", "~", "Anna Maria", &"a".repeat(200)] {
            assert!(is_plain(text));
            assert_eq!(Name::recorded(text).unwrap().as_str(), text);
        }
        for text in ["", " ", " a", "a ", "a\tb", "a\u{7f}b", "a\u{7f}", "ż", "aż", "ża"] {
            assert!(!is_plain(text), "{text:?}");
        }
        assert!(Name::recorded(&"a".repeat(201)).is_err());
    }

    #[test]
    fn a_name_can_be_seen() {
        for unseen in ["\u{200B}", "\u{FEFF}\u{2060}", "\u{AD} \u{200D}", "\u{3164}", "\u{2800}"] {
            assert!(unseen.parse::<Name>().is_err(), "{unseen:?}");
            assert!(unseen.parse::<Address>().is_err(), "{unseen:?}");
            // Where such a name was accepted once it stays readable.
            assert!(Name::recorded(unseen).is_ok(), "{unseen:?}");
        }
        for seen in ["Ż", "a\u{200D}", "क्\u{200D}ष", "👩\u{200D}🌾", "."] {
            assert!(seen.parse::<Name>().is_ok(), "{seen:?}");
        }
    }

    /// In form D, in which every accent is a character of its own.
    fn decomposed(text: &str) -> String {
        DecomposingNormalizer::new_nfd().normalize(text).into_owned()
    }

    #[test]
    fn a_new_text_is_composed_and_counted_so_and_a_recorded_one_stays_as_it_is() {
        let name: Name = "Zo\u{301}ł\u{107}".parse().unwrap();
        assert_eq!(name.as_str(), "Zółć");
        assert!(decomposed(&"ż".repeat(200)).parse::<Name>().is_ok());
        assert!(decomposed(&"ż".repeat(201)).parse::<Name>().is_err());

        let recorded = Name::recorded("Zo\u{301}łc\u{301}").unwrap();
        assert_eq!(recorded.as_str(), "Zo\u{301}łc\u{301}");
        assert_eq!(recorded, name);
        assert_ne!(recorded, "Zołć".parse().unwrap());
        assert_eq!(HashSet::from([recorded, name]).len(), 1);
    }

    proptest! {
        #[test]
        fn a_text_is_the_same_in_whichever_form_it_comes(text in "[\\PC\n]{0,210}") {
            let (one, other) = (composed(&text).into_owned(), decomposed(&text));
            prop_assert_eq!(one.parse::<Name>(), other.parse::<Name>());
            let written = |text: &str| text.parse::<Address>().map(|it| it.to_string());
            prop_assert_eq!(written(&one), written(&other));
        }
    }

    #[test]
    fn only_an_address_may_have_lines() {
        assert!("ul. Krótka 1\n00-001 Warszawa".parse::<Address>().is_ok());
        assert!("Anna\nMaria".parse::<Name>().is_err());
        assert!("Anna\r\nMaria".parse::<Name>().is_err());
        assert!("An\0na".parse::<Name>().is_err());
        let why = "ul. Krótka\t1".parse::<Address>().unwrap_err().to_string();
        assert!(
            why.ends_with("none of them a control character but the ends of its lines"),
            "{why}"
        );
    }

    #[test]
    fn the_end_of_a_line_is_a_line_feed_however_it_is_typed() {
        for typed in ["a\nb\n\nc", "a\r\nb\r\n\r\nc", "a\rb\r\rc", "\r\na\r\nb\n\rc\r"] {
            let address = typed.parse::<Address>().unwrap();
            assert_eq!(address.as_str(), "a\nb\n\nc", "{typed:?}");
            assert_eq!(Address::recorded(address.as_str()).unwrap(), address);
        }
        // It is counted as it is kept.
        assert!(format!("{}\r\nb", "a".repeat(498)).parse::<Address>().is_ok());
    }

    proptest::proptest! {
        #[test]
        fn an_address_is_the_same_with_any_ends_of_lines(
            lines in proptest::collection::vec("[ -~ż]{0,9}", 1..9), ends in proptest::collection::vec(0..3_usize, 9),
        ) {
            let (mut typed, mut plain) = (String::new(), String::new());
            for (line, end) in lines.iter().zip(ends) {
                typed.push_str(line);
                typed.push_str(["\n", "\r\n", "\r"][end]);
                // What a lone `\r` and a line feed after it would be together is for nobody to say.
                typed.push('.');
                plain.push_str(line);
                plain.push_str("\n.");
            }
            proptest::prop_assert_eq!(typed.parse::<Address>(), plain.parse::<Address>());
        }
    }
}
