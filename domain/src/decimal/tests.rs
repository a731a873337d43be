use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(text: &str, shown: &str) {
    assert_eq!(text.parse::<Decimal>().unwrap().to_string(), shown);
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn decimals_are_read_exactly_and_shown_in_their_shortest_form() {
    check("0.36", "0.36");
    check("0.360", "0.36");
    check("-0.05", "-0.05");
    check("6", "6");
    check("600", "600");
    check("3.6e-1", "0.36");
    check("36E-2", "0.36");
    check("1.5e3", "1500");
    check("0e0", "0");
    check("-0", "0");
    check("007", "7");
}

#[test]
fn what_is_no_decimal_is_refused() {
    for text in [
        "", "-", ".5", "5.", "1e", "0x1", "NaN", "1,5", " 1", "--1", "1e99999", "+1", "1.-5",
        "1e1_0",
    ] {
        assert!(text.parse::<Decimal>().is_err(), "{text}");
    }
}

#[test]
fn numbers_beyond_what_fits_are_refused_and_not_rounded() {
    let longest = "170141183460469231731687303715884105727";
    check(longest, longest);
    for text in
        ["170141183460469231731687303715884105728", "1e39", "0.1e-2147483649", "1e2147483648"]
    {
        assert!(text.parse::<Decimal>().is_err(), "{text}");
    }
}

#[test]
fn a_number_is_refused_by_its_length_and_its_exponent_before_it_is_computed_with() {
    let zeros = |count| "0".repeat(count);
    for text in [
        "0e-200000000".to_owned(),
        "0e200000000".to_owned(),
        "1e-65535".to_owned(),
        "1e-65".to_owned(),
        format!("1e{}1", zeros(200)),
        format!("0.{}1", zeros(64)),
        format!("{}1", zeros(MAX_TEXT)),
        format!("1.{}", zeros(MAX_TEXT)),
    ] {
        assert!(text.parse::<Decimal>().is_err(), "{text}");
    }
    check("1e-64", &format!("0.{}1", zeros(63)));
    check("0e-64", "0");
    check("0.0000", "0");
}

#[test]
fn a_number_is_counted_in_units_only_when_it_is_a_whole_number_of_them() {
    let price = decimal("0.36");
    assert_eq!(
        (price.in_units_of(2), price.in_units_of(3), price.in_units_of(1)),
        (Some(36), Some(360), None)
    );
    assert_eq!(decimal(&i128::MAX.to_string()).in_units_of(1), None);
    assert_eq!(decimal("1").in_units_of(u32::MAX), None);
}

proptest! {
    #[test]
    fn a_decimal_is_read_back_as_it_is_shown(digits: i128, places in 0..=MAX_PLACES) {
        let decimal = Decimal::normalized(digits.max(-i128::MAX), places);
        prop_assert_eq!(decimal.to_string().parse(), Ok(decimal));
        let thousandths = Decimal::from_thousandths(digits);
        prop_assert_eq!(thousandths.to_string().parse(), Ok(thousandths));
    }

    #[test]
    fn no_text_makes_a_number_that_is_long_to_work_with(text in "-?[0-9]{1,6}(\\.[0-9]{1,6})?[eE][-+]?[0-9]{1,12}") {
        if let Ok(decimal) = text.parse::<Decimal>() {
            prop_assert!(decimal.to_string().len() <= MAX_TEXT);
            prop_assert!(decimal.places <= MAX_PLACES);
        }
    }

    #[test]
    fn any_text_is_a_decimal_or_is_refused(text in "[-+0-9.eE]{0,50}|.{0,20}") {
        if let Ok(decimal) = text.parse::<Decimal>() {
            prop_assert_eq!(decimal.to_string().parse(), Ok(decimal));
        }
    }

    #[test]
    fn a_short_number_is_read_as_any_other(text in "[-+0-9.eE]{0,20}|-?[0-9]{0,12}[.]?[0-9]{0,8}|.{0,20}") {
        prop_assert!(short(&text).is_none_or(|short| parse(&text) == Some(short)), "{}", text);
    }
}
