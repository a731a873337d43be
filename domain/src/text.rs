//! Names and addresses.

use std::{fmt, str::FromStr, sync::Arc};

use crate::Invalid;

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $what:literal, $longest:literal, $control:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The text, without white space around it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                let text = text.trim();
                let control = |c: char| c.is_control() && !$control.contains(&c);
                if (1..=$longest).contains(&text.chars().count()) && !text.contains(control) {
                    Ok(Self(text.into()))
                } else {
                    Err(Invalid::new(concat!($what, " is 1 to ", $longest, " characters, none of them a control character")))
                }
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
    Name, "a name", 200, ['\0'; 0]
);
text!(
    /// Where a customer lives: 1 to 500 characters, in one line or several.
    Address, "an address", 500, ['\n']
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_and_counted_in_characters() {
        assert_eq!("  Żółć \n".parse::<Name>().unwrap().as_str(), "Żółć");
        assert!("ż".repeat(200).parse::<Name>().is_ok());
        assert!("ż".repeat(201).parse::<Name>().is_err());
        assert!("  ".parse::<Name>().is_err());
    }

    #[test]
    fn only_an_address_may_have_lines() {
        assert!("ul. Krótka 1\n00-001 Warszawa".parse::<Address>().is_ok());
        assert!("ul. Krótka 1\r\nWarszawa".parse::<Address>().is_err());
        assert!("Anna\nMaria".parse::<Name>().is_err());
        assert!("An\0na".parse::<Name>().is_err());
    }
}
