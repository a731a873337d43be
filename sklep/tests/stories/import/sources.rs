//! Sources that are not what earlier runs imported under their names.

use serde_json::Value;

use super::ANNA;
use crate::house::{House, Stores, file, folder, refused, sklep};

const EWA: &str =
    r#"{"first_name":"Ewa","last_name":"K","address":"x","id":"ewa","event_type":"new_customer"}"#;
const JAN: &str =
    r#"{"first_name":"Jan","last_name":"K","address":"x","id":"jan","event_type":"new_customer"}"#;

/// Imports these lines from a file of this name, and refuses them with exit code 3 because of `because`.
#[track_caller]
fn is_another_source(house: &House, name: &str, lines: &[&str], because: &[&str]) {
    let before = house.events().len();
    let folder = folder();
    let input = file(&folder, name, lines.join("\n"));
    let command = ["import-clientflow", input.to_str().unwrap()];
    let text = refused(&house.against(&command), 3);
    for part in because.iter().chain(&["--source"]) {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(house.events().len(), before, "nothing was sent");
    house.say(&[&command[..], &["--source", "another"]].concat());
    assert!(house.events().len() > before);
}

#[test]
fn another_file_of_the_same_name_is_not_taken_for_the_one_that_was_imported() {
    let folder = folder();
    let house = House::open(&Stores::embedded(&folder.path().join("data")));
    let input = file(&folder, "orders.jsonl", [ANNA, EWA].join("\n"));
    house.say(&["import-clientflow", input.to_str().unwrap()]);
    // It comes later, it is of another shape, and it cannot be read at all.
    let because = ["line 2", r#""firstName":"Ewa""#, r#""firstName":"Jan""#];
    is_another_source(&house, "orders.jsonl", &[ANNA, JAN], &because);
    house.close();
}

#[test]
fn a_line_that_was_put_in_front_or_broken_does_not_hide_the_lines_behind_it() {
    let folder = folder();
    let house = House::open(&Stores::embedded(&folder.path().join("data")));
    let input = file(&folder, "orders.jsonl", [ANNA, EWA].join("\n"));
    house.say(&["import-clientflow", input.to_str().unwrap()]);
    is_another_source(&house, "orders.jsonl", &[JAN, ANNA, EWA], &["line 1", "Jan", "Anna"]);
    let broken = file(&folder, "orders.jsonl", format!("{ANNA}\n{{\"event_type\":\n{JAN}"));
    let text = refused(&house.against(&["import-clientflow", broken.to_str().unwrap()]), 3);
    assert!(text.contains("line 2") && text.contains("cannot be read"), "{text}");
    house.close();
}

#[test]
fn what_is_read_only_once_is_compared_as_it_comes() {
    let folder = folder();
    let house = House::open(&Stores::embedded(&folder.path().join("data")));
    let import = |lines: &[&str]| {
        let mut command = sklep(&house.against(&["import-clientflow", "-", "--source", "pipe"]));
        let mut child = command
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), lines.join("\n").as_bytes())
            .unwrap();
        child.wait().unwrap().code()
    };
    assert_eq!(import(&[ANNA, EWA]), Some(0));
    assert_eq!(import(&[ANNA, EWA]), Some(0));
    assert_eq!(import(&[ANNA, JAN]), Some(3));
    assert_eq!(house.events().len(), 2);
    house.close();
}

const CHLEB: &str =
    r#"{"event_type":"new_product","id":"chleb","name":"Chleb","type":"chleb","price":"2.10"}"#;
const DEARER: &str =
    r#"{"event_type":"new_product","id":"chleb","name":"Chleb","type":"chleb","price":"2.30"}"#;
const BOUGHT: &str = r#"{"event_type":"customer_buys_product","customer_id":"anna","product_id":"chleb","quantity":1}"#;

fn broken(line: &str) -> String {
    line.replace(r#""event_type":"#, r#""event_typ":"#)
}

/// A history of which two lines are broken, and the same mended in their places.
fn mended() -> [String; 2] {
    let (broken_price, broken_purchase) = (broken(DEARER), broken(BOUGHT));
    let first = [ANNA, CHLEB, &broken_price, BOUGHT, &broken_purchase, BOUGHT];
    let mended = [ANNA, CHLEB, DEARER, BOUGHT, BOUGHT, BOUGHT, EWA];
    [first.join("\n"), mended.join("\n")]
}

#[test]
fn a_rejected_line_that_was_mended_in_its_place_stops_the_import() {
    let folder = folder();
    let house = House::open(&Stores::embedded(&folder.path().join("data")));
    let [first, mended] = mended();
    let input = file(&folder, "orders.jsonl", &first);
    let command = ["import-clientflow", input.to_str().unwrap(), "--json"];
    for stored in [4, 0] {
        let summary: Value = serde_json::from_str(&house.say(&command)).unwrap();
        assert_eq!(
            (&summary["stored"], &summary["rejected"]),
            (&stored.into(), &2.into()),
            "{summary}"
        );
    }
    file(&folder, "orders.jsonl", mended);
    let text = refused(&house.against(&command), 3);
    for part in ["line 3 was changed", "FIELD_MISSING", "--rejects"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(house.events().len(), 4, "nothing was sent");
    file(&folder, "orders.jsonl", first);
    house.say(&command);
    house.close();
}

#[test]
fn without_notes_a_rejected_line_that_was_mended_is_left_out() {
    let folder = folder();
    let house = House::open(&Stores::embedded(&folder.path().join("data")));
    let [first, mended] = mended();
    let input = file(&folder, "orders.jsonl", first);
    let command = ["import-clientflow", input.to_str().unwrap(), "--json"];
    house.say(&command);

    file(&folder, "orders.jsonl", mended);
    let (state, rejects) = (folder.path().join("state"), folder.path().join("left out.jsonl"));
    let (state, rejects) = (state.to_str().unwrap(), rejects.to_str().unwrap());
    let elsewhere = [&command[..], &["--state", state, "--rejects", rejects]].concat();
    let text = refused(&house.against(&elsewhere), 3);
    for part in ["line 3: left out", "line 5: left out", "2 messages", "--source"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(house.events().len(), 5, "what was put behind them is imported");
    // As it says.
    house.say(&["import-clientflow", rejects]);
    assert_eq!(house.events().len(), 7);
    house.close();
}

#[test]
fn what_was_mended_under_another_name_is_not_imported_once_more() {
    let folder = folder();
    let house = House::open(&Stores::embedded(&folder.path().join("data")));
    let catalogue = file(&folder, "catalogue.jsonl", CHLEB);
    let orders = file(&folder, "orders.jsonl", [BOUGHT, EWA].join("\n"));
    let mended = file(&folder, "mended.jsonl", [ANNA, BOUGHT].join("\n"));
    for input in [&catalogue, &orders, &mended, &orders, &mended, &catalogue] {
        house.say(&["import-clientflow", input.to_str().unwrap()]);
    }
    let types: Vec<Value> = house.events().iter().map(|event| event["type"].clone()).collect();
    assert_eq!(
        types,
        ["ProductPriced", "CustomerCreated", "CustomerCreated", "ProductPurchased"],
        "anna has bought once"
    );
    house.close();
}

#[test]
fn a_price_that_changed_nothing_is_not_set_again_when_others_have_changed_it() {
    let folder = folder();
    let house = House::open(&Stores::embedded(&folder.path().join("data")));
    for (name, line) in [("a", CHLEB), ("b", CHLEB), ("c", DEARER), ("b", CHLEB), ("a", CHLEB)] {
        let input = file(&folder, name, line);
        house.say(&["import-clientflow", input.to_str().unwrap()]);
    }
    assert_eq!(house.events().len(), 2);
    house.close();
}

#[test]
fn whatever_the_shop_rejected_an_unchanged_file_ends_as_it_did() {
    let folder = folder();
    let house = House::open(&Stores::embedded(&folder.path().join("data")));
    let fine = CHLEB.replace("2.10", "2.105");
    let many = BOUGHT.replace(r#""quantity":1"#, r#""quantity":"900000000000""#);
    let lines = [ANNA, &fine, CHLEB, BOUGHT, &many, BOUGHT];
    let input = file(&folder, "orders.jsonl", lines.join("\n"));
    let command = ["import-clientflow", input.to_str().unwrap(), "--json"];
    let rejected = |text: &str| {
        let summary: Value = serde_json::from_str(text).unwrap();
        summary["rejectedByReason"].clone()
    };
    let first = rejected(&house.say(&command));
    assert!(!first.as_object().unwrap().is_empty(), "{first}");
    assert_eq!(rejected(&house.say(&command)), first);
    assert_eq!(house.events().len(), 4);
    house.close();
}

#[test]
fn rejects_are_kept_in_the_order_of_the_input() {
    let folder = folder();
    let house = House::open(&Stores::embedded(&folder.path().join("data")));
    // What the shop rejects is known later than what cannot be read.
    let lines: Vec<String> = (0..200)
        .map(|n| match n % 2 {
            0 => BOUGHT.replace("anna", &format!("nobody-{n}")),
            _ => broken(&BOUGHT.replace("anna", &format!("nobody-{n}"))),
        })
        .chain([ANNA.to_owned()])
        .collect();
    let input = file(&folder, "orders.jsonl", lines.join("\n"));
    let rejects = folder.path().join("rejects.jsonl");
    let (input, rejects) = (input.to_str().unwrap(), rejects.to_str().unwrap());
    house.say(&["import-clientflow", input, "--rejects", rejects]);
    let kept = std::fs::read_to_string(rejects).unwrap();
    assert_eq!(kept.lines().collect::<Vec<_>>(), lines[..200]);
    house.close();
}
