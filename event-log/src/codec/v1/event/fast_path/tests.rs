use proptest::prelude::*;
use serde::Serialize;

use super::*;

const PURCHASE: &str = r#"{"purchase_id":"anna:1","customer_id":"anna","product_id":"chleb","product_name":"Chleb żytni","product_type":"chleb","unit_price":{"amount":"0.36","currency":"PLN"},"quantity":"1.5","total":{"amount":"0.54","currency":"PLN"},"price_version":10}"#;
const PRICED: &str = r#"{"product_id":"chleb","name":"Chleb żytni","product_type":"chleb","price":{"amount":"0.36","currency":"PLN"},"previous_price":null,"version":2}"#;
const CREATED: &str =
    r#"{"customer_id":"anna","first_name":"Anna","last_name":"Żak","address":"Polna 1"}"#;

/// What one reader makes of a value, as JSON; none when it is not read.
fn usually<'a, T: FastParse<'a> + Serialize>(value: &'a [u8]) -> Option<String> {
    T::fast_parse(value, |form| serde_json::to_string(form).unwrap())
}

fn always<'a, T: serde::Deserialize<'a> + Serialize>(value: &'a [u8]) -> Option<String> {
    let form = serde_json::from_slice::<T>(value).ok();
    form.map(|form| serde_json::to_string(&form).unwrap())
}

/// That whatever is read here is what serde reads; gives whether anything was.
fn agrees(value: &[u8]) -> bool {
    let pairs = [
        (usually::<ProductPurchased<'_>>(value), always::<ProductPurchased<'_>>(value)),
        (usually::<ProductPriced<'_>>(value), always::<ProductPriced<'_>>(value)),
        (usually::<CustomerCreated<'_>>(value), always::<CustomerCreated<'_>>(value)),
    ];
    for (usual, any) in &pairs {
        assert!(usual.is_none() || usual == any, "{}", String::from_utf8_lossy(value));
    }
    pairs.iter().any(|(usual, _)| usual.is_some())
}

#[test]
fn what_the_shop_writes_is_read_here() {
    assert!([PURCHASE, PRICED, CREATED].map(str::as_bytes).into_iter().all(agrees));
    let changed = PRICED.replace("null", r#"{"amount":"0.30","currency":"PLN"}"#);
    assert!(agrees(changed.as_bytes()));
}

#[test]
fn what_is_written_otherwise_is_left_to_serde() {
    for (from, to) in [
        (":10", ":010"),
        (":10", ":00"),
        (":10", ":1e1"),
        (":10", ":-1"),
        (":10", ":4294967296"),
        (":10", ":"),
        (":10}", ":10"),
        (":10}", ":10} "),
        (":10}", ":10}}"),
        ("ż", "\\u017c"),
        ("ż", "\\\""),
        ("ż", "\n"),
        ("ż", "\""),
        (r#","customer_id":"anna""#, ""),
        (r#"{"purchase_id""#, r#"{"later":1,"purchase_id""#),
    ] {
        assert!(PURCHASE.contains(from), "{from}");
        assert!(!agrees(PURCHASE.replacen(from, to, 1).as_bytes()), "{to}");
    }
    assert!(agrees(PURCHASE.replacen(":10", ":0", 1).as_bytes()));
    assert!(agrees(PURCHASE.replacen(":10", ":4294967295", 1).as_bytes()));
    assert!(agrees(PURCHASE.replacen('ż', "\u{7f}", 1).as_bytes()));
}

proptest! {
    #[test]
    fn a_damaged_value_is_never_read_otherwise_than_by_serde(
        which in 0..3_usize, at: prop::sample::Index, with in prop::collection::vec(any::<u8>(), 0..3), cut in 0..3_usize,
    ) {
        let mut value = [PURCHASE, PRICED, CREATED][which].as_bytes().to_vec();
        let at = at.index(value.len());
        let until = at.saturating_add(cut).min(value.len());
        value.splice(at..until, with);
        agrees(&value);
    }

    #[test]
    fn a_text_ends_where_a_look_at_each_byte_finds_its_end(
        mut bytes in prop::collection::vec(any::<u8>(), 0..40), plain: bool,
    ) {
        if plain {
            for byte in &mut bytes {
                *byte = (*byte).max(b'#');
            }
        }
        let first = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..b' '));
        prop_assert_eq!(end_of_text(&bytes), first);
    }
}
