use icu_normalizer::{ComposingNormalizer, DecomposingNormalizer};
use proptest::prelude::*;
use xxhash_rust::xxh3::Xxh3;

use super::*;

#[track_caller]
fn check(examples: &[(&str, &str)]) {
    for (text, expected) in examples {
        assert_eq!(searchable(text), *expected, "{text:?}");
    }
}

#[test]
fn polish_is_found_without_its_letters() {
    check(&[("Łódź", "lodz"), ("ŁO\u{301}DZ\u{301}", "lodz"), ("lodz", "lodz")]);
    assert_eq!(full_name("Łucja", "ŻÓŁĆ-Ślęk"), "lucja zolc-slek");
}

#[test]
fn turkish_is_found_with_and_without_dots() {
    check(&[("İstanbul", "istanbul"), ("ISTANBUL", "istanbul"), ("ıstanbul", "istanbul")]);
}

#[test]
fn a_final_sigma_is_a_sigma() {
    check(&[("Γιώργος", "γιωργοσ"), ("ΓΙΏΡΓΟΣ", "γιωργοσ"), ("Γιω\u{301}ργοσ", "γιωργοσ")]);
}

#[test]
fn german_is_found_as_it_is_shouted() {
    check(&[("Straße", "strasse"), ("STRASSE", "strasse"), ("STRAẞE", "strasse")]);
    check(&[("Müller", "muller"), ("GRÖẞER", "grosser")]);
}

#[test]
fn the_north_and_vietnam_are_found_from_any_keyboard() {
    check(&[("Søren Ægir Þór Guðrún", "soren aegir thor gudrun"), ("Ångström", "angstrom")]);
    check(&[("Nguyễn Thị Đặng", "nguyen thi dang"), ("ﬁancée œuvre", "fiancee oeuvre")]);
}

#[test]
fn widths_of_japanese_make_no_difference_and_sounds_do() {
    check(&[
        ("ﾊﾞﾅﾅ", "バナナ"),
        ("バナナ", "バナナ"),
        ("ハ\u{3099}ナナ", "バナナ"),
        ("ＴＯＫＹＯ", "tokyo"),
    ]);
    assert_ne!(searchable("ハナ"), searchable("バナ"));
    assert_ne!(searchable("はは"), searchable("ぱぱ"));
}

#[test]
fn scripts_are_neither_spelled_out_nor_robbed_of_their_vowels() {
    check(&[("東京", "東京"), ("กิน", "กิน"), ("कुमार", "कुमार"), ("Ёлкин", "елкин")]);
    check(&[("مُحَمَّد", "محمد"), ("שָׁלוֹם", "שלום")]);
    // A syllable of Korean is not part of another one.
    check(&[("각", "각"), ("\u{1100}\u{1161}\u{11A8}", "각")]);
    assert!(!searchable("각").contains(&searchable("가")));
}

#[test]
fn all_spaces_are_one_and_none_stands_at_the_ends() {
    check(&[("  Anna\u{A0}\u{2003} \n Maria\u{3000}", "anna maria"), (" \u{A0} ", ""), ("", "")]);
    check(&[("ul. Krótka 1\n00-001  Warszawa", "ul. krotka 1 00-001 warszawa")]);
}

#[test]
fn what_is_not_seen_and_how_signs_are_set_makes_no_difference() {
    check(&[
        ("Kra\u{AD}ków\u{200B}", "krakow"),
        ("O’Brien", "o'brien"),
        ("Warszawa–Wola", "warszawa-wola"),
    ]);
}

#[test]
fn a_text_grows_elevenfold_at_the_most() {
    assert_eq!(searchable("\u{FDFA}").len(), 33);
    for c in every_char() {
        let found = searchable(c.encode_utf8(&mut [0; 4]));
        assert!(found.len() <= 11 * c.len_utf8(), "{c:?} is {found:?}");
    }
}

/// Stored search texts are documents of the views. When this fails after an update of the Unicode data, set what it
/// shows here and raise the version of the folds, `projector::fold::VERSIONS`, so that views are made again.
#[test]
fn the_search_text_of_every_character_is_what_this_version_of_the_folds_stored() {
    let mut all = Xxh3::new();
    every_char().for_each(|c| all.update(searchable(&format!("a{c}")).as_bytes()));
    assert_eq!(format!("{:016x}", all.digest()), "8d2fea467f8722c1");
}

#[test]
fn no_character_changes_twice_or_depends_on_form_or_case() {
    for c in every_char().filter(|c| is_changed(*c)) {
        unchanged(&c.to_string());
        unchanged(&format!("a{c}\u{301}"));
    }
}

/// The planes of Unicode in which anything is assigned, but those for private use.
fn every_char() -> impl Iterator<Item = char> {
    ('\0'..='\u{3FFFF}').chain('\u{E0000}'..='\u{EFFFF}')
}

/// Whether the character has another form or case, or is searched as something else.
fn is_changed(c: char) -> bool {
    let text = c.to_string();
    let decomposed = DecomposingNormalizer::new_nfkd().normalize(&text) != text;
    decomposed || searchable(&text) != text || text.to_uppercase() != text
}

/// In every form of Unicode, in every case, and folded again, it is the same.
fn unchanged(text: &str) {
    let found = searchable(text);
    let (c, kc) = (ComposingNormalizer::new_nfc(), ComposingNormalizer::new_nfkc());
    let (d, kd) = (DecomposingNormalizer::new_nfd(), DecomposingNormalizer::new_nfkd());
    let forms = [c.normalize(text), kc.normalize(text), d.normalize(text), kd.normalize(text)];
    for form in forms {
        assert_eq!(searchable(&form), found, "{text:?} as {form:?}");
    }
    // Decomposed, since a composed letter in upper case can be two, before the accents that follow (U+1F80 U+10A3F).
    let letters = d.normalize(text);
    for other in [letters.to_lowercase(), letters.to_uppercase(), found.clone()] {
        assert_eq!(searchable(&other), found, "{text:?} as {other:?}");
    }
}

proptest! {
    #[test]
    fn no_text_changes_twice_or_depends_on_form_or_case(text in any::<String>()) {
        unchanged(&text);
    }

    #[test]
    fn no_text_of_letters_and_marks_does(text in "[\\p{L}\\p{M}\\s\\p{Cf}]{0,12}") {
        unchanged(&text);
    }

    #[test]
    fn what_is_found_has_no_space_to_spare(text in "[\\s\\p{L}]{0,12}") {
        let found = searchable(&text);
        prop_assert_eq!(found.split_whitespace().collect::<Vec<_>>().join(" "), found.clone());
    }
}
