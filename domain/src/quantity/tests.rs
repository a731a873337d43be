use proptest::prelude::*;

use super::*;
use crate::Currency;

fn price(minor: i64) -> Price {
    Price::new(Money::new(minor, Currency::PLN)).unwrap()
}

fn read(text: &str) -> Result<Quantity, InvalidInput> {
    Quantity::from_decimal(text.parse()?)
}

#[track_caller]
fn check_cost(units: &str, minor: i64, total: i64) {
    assert_eq!(read(units).unwrap().cost(price(minor)), Some(Money::new(total, Currency::PLN)));
}

#[test]
fn quantities_are_shown_in_their_shortest_form() {
    for (text, shown) in [
        ("6", "6"),
        ("6.000", "6"),
        ("0.250", "0.25"),
        ("1e3", "1000"),
        ("1000000", "1000000"),
        ("0.001", "0.001"),
    ] {
        assert_eq!(read(text).unwrap().to_string(), shown);
    }
}

#[test]
fn what_nobody_can_buy_is_no_quantity() {
    for text in [
        "0",
        "0.000",
        "-1",
        "-0.001",
        "0.0001",
        "1000000.001",
        "1e9",
        "99999999999999999999999999999999999",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
    for thousandths in [i64::MIN, -1, 0, 1_000_000_001, i64::MAX] {
        assert!(Quantity::from_thousandths(thousandths).is_err(), "{thousandths}");
    }
}

#[test]
fn costs_are_rounded_half_up_to_minor_units() {
    check_cost("6", 36, 216);
    check_cost("2.5", 36, 90);
    check_cost("0.001", 499, 0);
    check_cost("0.001", 500, 1);
    check_cost("0.5", 1, 1);
    check_cost("0.499", 1, 0);
    check_cost("1.5", 1, 2);
    check_cost("2.5", 1, 3);
}

#[test]
fn a_cost_that_does_not_fit_is_none() {
    assert_eq!(read("1").unwrap().cost(price(i64::MAX)), Some(price(i64::MAX).money()));
    assert_eq!(read("1.001").unwrap().cost(price(i64::MAX)), None);
    assert_eq!(read("1000000").unwrap().cost(price(i64::MAX)), None);
}

prop_compose! {
    fn quantity()(thousandths in 1_i64..=1_000_000_000) -> Quantity { Quantity::from_thousandths(thousandths).unwrap() }
}

proptest! {
    /// Against whole-number division and its remainder: never wraps, is half up, and is none exactly when too large.
    #[test]
    fn a_cost_is_exact_and_rounded_half_up(quantity in quantity(), minor in 1..=i64::MAX) {
        let exact = i128::from(minor).checked_mul(i128::from(quantity.thousandths())).unwrap();
        let up = i128::from(exact.rem_euclid(1_000) >= 500);
        let expected = exact.div_euclid(1_000).checked_add(up).unwrap();
        let expected = i64::try_from(expected).ok().map(|total| Money::new(total, Currency::PLN));
        prop_assert_eq!(quantity.cost(price(minor)), expected);
    }

    #[test]
    fn more_never_costs_less(one in quantity(), other in quantity(), minor in 1..=1_000_000_000_i64) {
        let (less, more) = if one < other { (one, other) } else { (other, one) };
        let cost = |quantity: Quantity| quantity.cost(price(minor)).unwrap().minor();
        prop_assert!(cost(less) <= cost(more));
    }

    #[test]
    fn a_quantity_is_read_back_as_it_is_shown(quantity in quantity()) {
        prop_assert_eq!(read(&quantity.to_string()), Ok(quantity));
    }
}
