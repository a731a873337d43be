//! Sources that are not what earlier runs imported under their names.

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

#[test]
fn a_rejected_line_that_was_mended_in_its_place_is_not_told_as_imported() {
    let folder = folder();
    let house = House::open(&Stores::embedded(&folder.path().join("data")));
    let broken = |line: &str| line.replace(r#""event_type":"#, r#""event_typ":"#);
    let first = [ANNA, CHLEB, &broken(DEARER), BOUGHT, &broken(BOUGHT), BOUGHT].join("\n");
    let input = file(&folder, "orders.jsonl", first);
    let command = ["import-clientflow", input.to_str().unwrap(), "--json"];
    for stored in [4, 0] {
        let summary: serde_json::Value = serde_json::from_str(&house.say(&command)).unwrap();
        assert_eq!(
            (&summary["stored"], &summary["rejected"]),
            (&stored.into(), &2.into()),
            "{summary}"
        );
    }

    let mended = [ANNA, CHLEB, DEARER, BOUGHT, BOUGHT, BOUGHT, EWA].join("\n");
    file(&folder, "orders.jsonl", mended);
    let rejects = folder.path().join("left out.jsonl");
    let rejects = rejects.to_str().unwrap();
    let text = refused(&house.against(&[&command[..], &["--rejects", rejects]].concat()), 3);
    for part in ["line 3: left out", "line 5: left out", "2 messages", "--source"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(house.events().len(), 5, "what was put behind them is imported");
    // As it says.
    house.say(&["import-clientflow", rejects]);
    assert_eq!(house.events().len(), 7);
    house.close();
}
