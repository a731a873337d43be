use proptest::{prelude::*, sample::select};

use super::*;

fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

fn read(amount: &str, code: &str) -> Result<Money, InvalidInput> {
    Money::from_decimal(amount.parse()?, currency(code))
}

#[test]
fn amounts_are_shown_with_all_places_of_their_currency() {
    for (minor, code, shown) in [
        (210, "PLN", "2.10 PLN"),
        (5, "PLN", "0.05 PLN"),
        (-5, "PLN", "-0.05 PLN"),
        (0, "PLN", "0.00 PLN"),
        (210, "JPY", "210 JPY"),
        (210, "KWD", "0.210 KWD"),
        (i64::MIN, "PLN", "-92233720368547758.08 PLN"),
        (i64::MAX, "KWD", "9223372036854775.807 KWD"),
    ] {
        assert_eq!(Money::new(minor, currency(code)).to_string(), shown);
    }
}

#[test]
fn an_amount_finer_than_its_currency_is_refused() {
    assert_eq!(read("0.360", "PLN"), Ok(Money::new(36, Currency::PLN)));
    assert_eq!(read("2", "PLN"), Ok(Money::new(200, Currency::PLN)));
    assert_eq!(read("0.365", "KWD").unwrap().minor(), 365);
    for (amount, code) in [("0.365", "PLN"), ("0.5", "JPY"), ("0.3651", "KWD")] {
        assert!(read(amount, code).is_err(), "{amount} {code}");
    }
}

#[test]
fn an_amount_that_does_not_fit_is_refused() {
    assert!(read("92233720368547758.07", "PLN").is_ok());
    assert!(read("92233720368547758.08", "PLN").is_err());
    assert!(read("-92233720368547758.08", "PLN").is_ok());
    assert!(read("1e30", "PLN").is_err());
}

#[test]
fn a_price_is_more_than_zero() {
    assert!(Price::new(Money::new(1, Currency::PLN)).is_ok());
    for minor in [0, -1, i64::MIN] {
        assert!(Price::new(Money::new(minor, Currency::PLN)).is_err(), "{minor}");
    }
}

#[test]
fn a_sum_may_be_larger_than_any_amount() {
    let sum = i128::from(i64::MAX).checked_mul(1_000).unwrap();
    assert_eq!(Money::amount_of_sum(sum, Currency::PLN), "92233720368547758070.00");
    assert_eq!(
        Money::amount_of_sum(i128::MIN, Currency::PLN),
        "-1701411834604692317316873037158841057.28"
    );
}

proptest! {
    #[test]
    fn money_is_read_back_as_it_is_shown(minor: i64, code in select(vec!["PLN", "JPY", "KWD"])) {
        let money = Money::new(minor, currency(code));
        prop_assert_eq!(read(&money.amount(), code), Ok(money));
    }

    #[test]
    fn any_decimal_is_money_of_that_very_value_or_is_refused(digits in -i128::MAX..i128::MAX, exponent in -40..30_i32) {
        let Ok(amount) = format!("{digits}e{exponent}").parse::<Decimal>() else { return Ok(()) };
        if let Ok(money) = Money::from_decimal(amount, Currency::PLN) {
            prop_assert_eq!(money.amount().parse::<Decimal>(), Ok(amount));
        }
    }
}
