//! What a search looks at: texts without what people leave out or write otherwise when they search.

mod letters;

use icu_casemap::{CaseMapper, CaseMapperBorrowed};
use icu_normalizer::{
    ComposingNormalizer, ComposingNormalizerBorrowed, DecomposingNormalizer,
    DecomposingNormalizerBorrowed,
};

use self::letters::{is_left_out, plain};

const DECOMPOSED: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizer::new_nfkd();
const COMPOSED: ComposingNormalizerBorrowed<'static> = ComposingNormalizer::new_nfc();
const CASES: CaseMapperBorrowed<'static> = CaseMapper::new();

/// The text as searches compare it, the same for what is stored and for what is searched.
///
/// Case, accents, forms of Unicode (composed or not, half width or full), and the sort and number of spaces make no
/// difference: `lodz` is `ŁÓDŹ`. Letters are not spelled out in other scripts, and sounds that Japanese tells apart
/// stay apart. Applied again, it changes nothing.
///
/// The result can be longer than the text: eleven times as many bytes at the most (U+FDFA is a whole sentence).
pub fn searchable(text: &str) -> String {
    if text.is_ascii() {
        return with_single_spaces(&text.to_ascii_lowercase());
    }
    let mut letters = String::with_capacity(text.len());
    for c in folded(text).chars().filter(|c| !is_left_out(*c)) {
        match plain(c) {
            Some(plain) => letters.push_str(plain),
            None => letters.push(c),
        }
    }
    // What is kept is composed again: a Korean syllable is not to be found in another one that it begins.
    with_single_spaces(&COMPOSED.normalize(&letters))
}

/// What a search by name looks at.
pub fn full_name(first_name: &str, last_name: &str) -> String {
    searchable(&format!("{first_name} {last_name}"))
}

/// Decomposed (NFKD), and without case by Unicode's full case folding.
fn folded(text: &str) -> String {
    let decomposed = DECOMPOSED.normalize(text);
    CASES.fold_string(&decomposed).into_owned()
}

fn with_single_spaces(text: &str) -> String {
    let mut words = text.split_whitespace();
    let mut joined = String::with_capacity(text.len());
    joined.extend(words.next());
    for word in words {
        joined.push(' ');
        joined.push_str(word);
    }
    joined
}

#[cfg(test)]
mod tests;
