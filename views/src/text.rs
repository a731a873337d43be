//! Search without regard to case, the same for what is stored and for what is searched.

/// The text in lower case as Rust folds it, Polish letters too; `MongoDB`'s own `$toLower` leaves those as they are.
pub fn searchable(text: &str) -> String {
    text.to_lowercase()
}

/// What a search by name looks at.
pub fn full_name(first_name: &str, last_name: &str) -> String {
    searchable(&format!("{first_name} {last_name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polish_letters_lose_their_case_too() {
        assert_eq!(full_name("Łucja", "ŻÓŁĆ-Ślęk"), "łucja żółć-ślęk");
    }
}
