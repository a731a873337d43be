//! Which characters a search leaves out, and which it takes for others.

use icu_properties::{
    CodePointMapData, CodePointMapDataBorrowed, CodePointSetData, CodePointSetDataBorrowed,
    props::{DefaultIgnorableCodePoint, GeneralCategory, Script},
};

/// What a folded text is searched without: what is not seen (zero-width joiners, soft hyphens), and accents, vowel
/// points and the like of the scripts that are also written without them.
pub(super) fn is_left_out(c: char) -> bool {
    const UNSEEN: CodePointSetDataBorrowed<'static> =
        CodePointSetData::new::<DefaultIgnorableCodePoint>();
    const TATWEEL: char = '\u{640}';
    !c.is_ascii() && (is_accent(c) || UNSEEN.contains(c) || c == TATWEEL)
}

/// The marks of Indic scripts or of Thai are vowels, and no word can be read without them; Japanese's voiced sound
/// marks, which Unicode counts among those of no particular script, make another sound.
fn is_accent(c: char) -> bool {
    const CATEGORY: CodePointMapDataBorrowed<'static, GeneralCategory> = CodePointMapData::new();
    const SCRIPT: CodePointMapDataBorrowed<'static, Script> = CodePointMapData::new();
    const VOICED: char = '\u{3099}';
    const HALF_VOICED: char = '\u{309A}';
    CATEGORY.get(c) == GeneralCategory::NonspacingMark
        && [
            Script::Inherited,
            Script::Latin,
            Script::Greek,
            Script::Cyrillic,
            Script::Hebrew,
            Script::Arabic,
            Script::Syriac,
        ]
        .contains(&SCRIPT.get(c))
        && !matches!(c, VOICED | HALF_VOICED)
}

/// What is typed for a folded letter that Unicode does not take apart, as strokes and hooks belong to the letter, and
/// for signs of which keyboards have only the plain one. A selection from CLDR's transform `Latin-ASCII`.
pub(super) fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'æ' => "ae",
        'ƀ' | 'ƃ' | 'ɓ' => "b",
        'ƈ' | 'ȼ' | 'ɕ' => "c",
        'ð' | 'đ' | 'ƌ' | 'ȡ' | 'ɖ' | 'ɗ' => "d",
        'ǝ' | 'ɇ' | 'ə' | 'ɛ' => "e",
        'ƒ' => "f",
        'ǥ' | 'ɠ' => "g",
        'ħ' | 'ɦ' | 'ⱨ' => "h",
        'ı' | 'ɨ' | 'ɩ' => "i",
        'ȷ' | 'ɉ' | 'ʝ' => "j",
        'ƙ' | 'ⱪ' => "k",
        'ł' | 'ƚ' | 'ȴ' | 'ɫ' | 'ɬ' | 'ɭ' | 'ⱡ' | 'ꝉ' => "l",
        'ɱ' => "m",
        'ŋ' | 'ƞ' | 'ȵ' | 'ɲ' | 'ɳ' => "n",
        'ø' | 'ɔ' | 'ɵ' => "o",
        'œ' => "oe",
        'ƥ' | 'ᵽ' => "p",
        'ĸ' | 'ɋ' => "q",
        'ɍ' | 'ɼ' | 'ɽ' => "r",
        'ȿ' | 'ʂ' => "s",
        'þ' => "th",
        'ŧ' | 'ƫ' | 'ƭ' | 'ȶ' | 'ʈ' | 'ⱦ' => "t",
        'ʉ' => "u",
        'ʋ' => "v",
        'ⱳ' => "w",
        'ƴ' | 'ɏ' => "y",
        'ƶ' | 'ȥ' | 'ɀ' | 'ʐ' | 'ʑ' | 'ⱬ' => "z",
        '‘' | '’' | '‛' | '′' | 'ʹ' | 'ʻ' | 'ʼ' | 'ʽ' => "'",
        '“' | '”' | '„' | '‟' | '″' => "\"",
        '‐' | '‒' | '–' | '—' | '―' | '−' => "-",
        _ => return None,
    })
}
