use super::*;

#[test]
fn a_new_customer_is_registered() {
    given([]).when(create_customer("anna")).then(customer_created("anna"));
    given([customer_created("ola")]).when(create_customer("anna")).then(customer_created("anna"));
}

#[test]
fn the_same_data_again_changes_nothing() {
    given([customer_created("anna")]).when(create_customer("anna")).then_is_already(anna());
}

#[test]
fn the_same_data_again_changes_nothing_after_purchases_either() {
    let past =
        [customer_created("anna"), product_priced("chleb_1", "0.36"), purchased(1, "2", "0.72")];
    given(past).when(create_customer("anna")).then_is_already(anna());
}

#[test]
fn other_data_under_a_taken_id_is_refused() {
    for other in [
        anna_but(|wish| wish.first_name = name("Ola")),
        anna_but(|wish| wish.last_name = name("Nowak")),
        anna_but(|wish| wish.address = address("ul. Długa 2, Kraków")),
    ] {
        given([customer_created("anna")]).when(other).then_refused(Refusal::CustomerAlreadyExists);
    }
}

#[test]
fn names_that_only_look_alike_when_joined_are_other_data() {
    let split = |first: &str, last: &str| {
        anna_but(|wish| {
            wish.first_name = name(first);
            wish.last_name = name(last);
        })
    };
    let created = given([]).when(split("Anna", "Kowalska")).then_happens();
    given([created]).when(split("AnnaK", "owalska")).then_refused(Refusal::CustomerAlreadyExists);
}

#[test]
fn a_product_of_the_same_id_is_nobodys_customer() {
    given([product_priced("anna", "0.36")])
        .when(create_customer("anna"))
        .then(customer_created("anna"));
}

#[test]
fn the_same_data_in_another_form_of_unicode_changes_nothing() {
    let zofia = |first: &str| {
        Command::CreateCustomer(CreateCustomer {
            customer_id: "anna".parse().unwrap(),
            first_name: name(first),
            last_name: name("Żółć"),
            address: address("ul. Krótka 1"),
        })
    };
    let (decomposed, composed) = ("Zo\u{301}sia", "Zósia");
    let created = given([]).when(zofia(decomposed)).then_happens();
    assert!(zofia(composed).is_satisfied_by(&created));
    given([created]).when(zofia(composed)).then_is_already(anna());
}

#[test]
fn what_was_recorded_in_another_form_of_unicode_is_the_same_data() {
    // As programs recorded it that took every text as it came.
    let recorded = Event::CustomerCreated(CustomerCreated {
        customer_id: "anna".parse().unwrap(),
        first_name: Name::recorded("Zo\u{301}sia").unwrap(),
        last_name: Name::recorded("Z\u{307}o\u{301}łc\u{301}").unwrap(),
        address: Address::recorded("ul. Kro\u{301}tka 1").unwrap(),
    });
    let zofia = |first: &str, last: &str| {
        anna_but(|wish| {
            wish.first_name = name(first);
            wish.last_name = name(last);
            wish.address = address("ul. Krótka 1");
        })
    };
    for same in [zofia("Zósia", "Żółć"), zofia("Zo\u{301}sia", "Z\u{307}o\u{301}łc\u{301}")] {
        assert!(same.is_satisfied_by(&recorded));
        given([recorded.clone()]).when(same).then_is_already(anna());
    }
    let other = zofia("Zosia", "Żółć");
    assert!(!other.is_satisfied_by(&recorded));
    given([recorded]).when(other).then_refused(Refusal::CustomerAlreadyExists);
}
