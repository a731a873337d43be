use proptest::prelude::*;

use super::*;

#[test]
fn ids_are_short_text_of_plain_characters() {
    for id in ["a", "anna", "chleb_2", "Anna.Kowalska:1-b", "0", ":", &"x".repeat(64)] {
        assert_eq!(id.parse::<CustomerId>().unwrap().as_str(), id);
        assert_eq!(id.parse::<ProductId>().unwrap().to_string(), id);
    }
    for id in ["", " ", "anna ", "an na", "żółw", "a/b", "a\n", "a\0", "anna@shop", &"x".repeat(65)]
    {
        assert!(id.parse::<CustomerId>().is_err(), "{id}");
        assert!(id.parse::<ProductId>().is_err(), "{id}");
        assert!(id.parse::<PurchaseId>().is_err(), "{id}");
    }
}

#[test]
fn a_command_id_may_be_twice_as_long() {
    assert!("x".repeat(128).parse::<CommandId>().is_ok());
    assert!("x".repeat(129).parse::<CommandId>().is_err());
    assert!("".parse::<CommandId>().is_err());
}

#[test]
fn what_is_wrong_with_an_id_is_said() {
    let why = "an na".parse::<CustomerId>().unwrap_err().to_string();
    assert_eq!(why, "a customer id is 1 to 64 letters (a-z, A-Z), digits or any of _ . : -");
}

#[test]
fn a_purchase_id_is_the_customer_and_a_number() {
    let id: PurchaseId = "anna:17".parse().unwrap();
    assert_eq!((id.customer.as_str(), id.number), ("anna", 17));
    let id: PurchaseId = "a:b:1".parse().unwrap();
    assert_eq!((id.customer.as_str(), id.number), ("a:b", 1));
}

#[test]
fn a_number_that_is_not_written_the_one_way_makes_no_purchase_id() {
    for id in [
        "anna",
        "anna:",
        ":1",
        "anna:0",
        "anna:01",
        "anna:+1",
        "anna:-1",
        "anna:1 ",
        "anna:18446744073709551616",
    ] {
        assert!(id.parse::<PurchaseId>().is_err(), "{id}");
    }
    assert_eq!("anna:18446744073709551615".parse::<PurchaseId>().unwrap().number, u64::MAX);
}

#[test]
fn a_command_that_names_no_aggregate_always_meets_the_same_one() {
    let command = |text: &str| text.parse::<CommandId>().unwrap();
    let (one, other) = (command("web:42"), command("web:43"));
    assert_eq!(CustomerId::from_command(&one), CustomerId::from_command(&one));
    assert_ne!(CustomerId::from_command(&one), CustomerId::from_command(&other));
    // A changed namespace would break every repeat across an upgrade, so the very text stands here.
    assert_eq!(CustomerId::from_command(&one).as_str(), "2718a6c6-66cc-5c4a-94f2-d1f0281c3d4b");
    assert_eq!(ProductId::from_command(&one).as_str(), CustomerId::from_command(&one).as_str());
}

#[test]
fn the_key_of_an_aggregate_is_its_id() {
    assert_eq!(AggregateId::Customer("anna".parse().unwrap()).as_str(), "anna");
    assert_eq!(AggregateId::Product("chleb_2".parse().unwrap()).as_str(), "chleb_2");
}

proptest! {
    #[test]
    fn a_purchase_id_is_read_back_as_it_is_shown(customer in "[a-zA-Z0-9_.:-]{1,64}", number in 1..=u64::MAX) {
        let id = PurchaseId { customer: customer.parse().unwrap(), number };
        prop_assert_eq!(id.to_string().parse(), Ok(id));
    }

    /// Keys of views and of the log rest on it.
    #[test]
    fn two_purchase_ids_with_one_text_are_one(
        one in "[a:0-9]{1,6}", other in "[a:0-9]{1,6}", number in 1..200_u64, another in 1..200_u64,
    ) {
        let one = PurchaseId { customer: one.parse().unwrap(), number };
        let other = PurchaseId { customer: other.parse().unwrap(), number: another };
        prop_assert_eq!(one.to_string() == other.to_string(), one == other);
    }

    #[test]
    fn any_text_is_an_id_as_it_stands_or_is_refused(text in ".{0,80}") {
        if let Ok(id) = text.parse::<CustomerId>() {
            prop_assert_eq!(id.as_str(), text.as_str());
        }
        if let Ok(id) = text.parse::<PurchaseId>() {
            prop_assert_eq!(id.to_string(), text);
        }
    }

    #[test]
    fn a_minted_id_is_an_id(bits: u128) {
        let id = CustomerId::from_uuid(Uuid::from_u128(bits));
        prop_assert_eq!(id.as_str().parse(), Ok(id));
    }
}
