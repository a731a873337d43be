//! Messages of the older shop.

#![expect(clippy::arithmetic_side_effects, reason = "an overflow in a test is a failed test")]

mod sources;

use serde_json::Value;
use testkit::Program;

use crate::house::{House, SOON, Stores, file, folder, refused, sklep};

/// Messages, some of them no good, and what becomes of each: `s` stored, `u` unchanged, `r` rejected.
const MESSAGES: &[(&str, &[u8])] = &[
    // It comes before what would make it acceptable, and must stay refused for ever.
    ("r", br#"{"event_type":"customer_buys_product","customer_id":"anna","product_id":"chleb_2","quantity":1}"#),
    ("s", br#"{"name":"Chleb","type":"chleb","price":0.36,"id":"chleb_2","event_type":"new_product"}"#),
    ("u", br#"{"name":"Chleb","type":"chleb","price":0.360,"id":"chleb_2","event_type":"new_product"}"#),
    ("s", br#"{"first_name":"Anna","last_name":"K","address":"x","id":"anna","event_type":"new_customer","more":[]}"#),
    ("s", br#"{"event_type":"customer_buys_product","customer_id":"anna","product_id":"chleb_2","quantity":6}"#),
    ("s", br#"{"name":"Chleb","type":"chleb","price":"0.40","id":"chleb_2","event_type":"new_product"}"#),
    ("s", br#"{"event_type":"customer_buys_product","customer_id":"anna","product_id":"chleb_2","quantity":"2"}"#),
    ("s", br#"{"name":"Chleb","type":"chleb","price":0.36,"id":"chleb_2","event_type":"new_product"}"#),
    ("s", br#"{"event_type":"customer_buys_product","customer_id":"anna","product_id":"chleb_2","quantity":0.5}"#),
    ("r", br#"{"event_type":"customer_buys_product","customer_id":"nobody","product_id":"chleb_2","quantity":6}"#),
    ("r", br#"{"event_type":"customer_buys_product","customer_id":"anna","product_id":"nothing","quantity":6}"#),
    ("r", br#"{"event_type":"customer_buys_product","customer_id":"anna","product_id":"chleb_2","quantity":-6}"#),
    ("r", b"{\"event_type\":"),
    ("r", b"null"),
    ("r", b"null"),
    ("r", b"\xff\xfe"),
    ("r", br#"{"event_type":"old_customer"}"#),
    ("r", br#"{"first_name":"Ewa","last_name":"K","address":"x","id":"anna","event_type":"new_customer"}"#),
    // The very last line: an earlier run must not make a later one take it for new.
    ("u", br#"{"first_name":"Anna","last_name":"K","address":"x","id":"anna","event_type":"new_customer"}"#),
];

pub(crate) fn messages() -> Vec<&'static [u8]> {
    MESSAGES.iter().map(|(_, message)| *message).collect()
}

fn count(what: &str) -> usize {
    MESSAGES.iter().filter(|(of, _)| *of == what).count()
}

/// The summary of a run is that of a first, or of a later one.
#[track_caller]
pub(crate) fn check(summary: &str, first: bool) {
    let summary: Value = serde_json::from_str(summary).unwrap();
    let stored = count("s");
    let (stored, there) = if first { (stored, 0) } else { (0, stored) };
    assert_eq!(summary["read"], MESSAGES.len(), "{summary}");
    assert_eq!(summary["stored"], stored, "{summary}");
    assert_eq!(summary["alreadyThere"], there, "{summary}");
    assert_eq!(summary["unchanged"], count("u"), "{summary}");
    assert_eq!(summary["rejected"], count("r"), "{summary}");
}

/// What Anna has bought, each at the price that stood before it.
pub(crate) fn check_purchases(house: &House) {
    let customers = house.say(&["customers", "--json"]);
    let anna: Value = serde_json::from_str(&customers).unwrap();
    let total = |it: &Value| it["total"]["amount"].as_str().unwrap().to_owned();
    let totals: Vec<String> = anna["purchases"].as_array().unwrap().iter().map(total).collect();
    assert_eq!(totals, ["2.16", "0.80", "0.18"]);
    assert_eq!(house.events().len(), count("s"));
}

#[test]
fn a_file_is_imported_once_however_often_it_is_imported() {
    let folder = folder();
    let house = House::open(&Stores::embedded(&folder.path().join("data")));
    let input = file(&folder, "old shop.jsonl", messages().join(&b'\n'));
    let rejects = folder.path().join("rejects");
    let command = [
        "import-clientflow",
        input.to_str().unwrap(),
        "--json",
        "--rejects",
        rejects.to_str().unwrap(),
    ];
    check(&house.say(&command), true);
    check_purchases(&house);
    let kept = std::fs::read(&rejects).unwrap();
    let mut lines: Vec<&[u8]> = kept.split(|byte| *byte == b'\n').collect();
    assert_eq!(lines.pop(), Some(&b""[..]));
    let mut expected: Vec<&[u8]> =
        MESSAGES.iter().filter(|(of, _)| *of == "r").map(|(_, message)| *message).collect();
    lines.sort_unstable();
    expected.sort_unstable();
    assert_eq!(lines, expected);
    refused(&house.against(&command), 2);
    assert_eq!(std::fs::read(&rejects).unwrap(), kept, "the rejects of the first run are not lost");
    check(&house.say(&[&command[..], &["--overwrite"]].concat()), false);
    check_purchases(&house);
    house.close();
}

#[test]
fn blank_lines_are_passed_over_and_two_runs_do_not_share_their_rejects() {
    let folder = folder();
    let house = House::open(&Stores::embedded(&folder.path().join("data")));
    let input = file(&folder, "spaced", messages().join(&b"\r\n \n\n"[..]));
    let rejects = folder.path().join("rejects");
    let rejects = rejects.to_str().unwrap();
    let command = ["import-clientflow", input.to_str().unwrap(), "--json", "--rejects", rejects];
    let other = std::fs::File::create(rejects).unwrap();
    other.lock().unwrap();
    for again in [&[][..], &["--overwrite"]] {
        let said = refused(&house.against(&[&command[..], again].concat()), 2);
        assert!(said.contains("is being written to by another run"), "{said}");
    }
    drop(other);
    check(&house.say(&command), true);
    check_purchases(&house);
    house.close();
}

#[test]
fn an_import_goes_on_where_it_stopped() {
    let folder = folder();
    let house = House::open(&Stores::embedded(&folder.path().join("data")));
    for end in 1..=MESSAGES.len() {
        let input = file(&folder, "part", messages()[..end].join(&b'\n'));
        let command = ["import-clientflow", input.to_str().unwrap(), "--source", "old"];
        if end == 1 {
            refused(&house.against(&command), 1);
        } else {
            house.say(&command);
        }
    }
    check_purchases(&house);
    let input = file(&folder, "whole", messages().join(&b'\n'));
    check(
        &house.say(&["import-clientflow", input.to_str().unwrap(), "--source", "old", "--json"]),
        false,
    );
    check_purchases(&house);
    house.close();
}

const ANNA: &str = r#"{"first_name":"Anna","last_name":"K","address":"x","id":"anna","event_type":"new_customer"}"#;

#[test]
fn rejects_never_go_where_the_messages_come_from() {
    let folder = folder();
    let house = House::open(&Stores::embedded(&folder.path().join("data")));
    let input = file(&folder, "input", ANNA);
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&input, &link).unwrap();
    for rejects in [&input, &link] {
        let rejects = rejects.to_str().unwrap();
        let command =
            ["import-clientflow", input.to_str().unwrap(), "--rejects", rejects, "--overwrite"];
        refused(&house.against(&command), 2);
        let mut from_stdin = sklep(&house.against(&[
            "import-clientflow",
            "-",
            "--source",
            "s",
            "--rejects",
            rejects,
            "--overwrite",
        ]));
        let stdin = std::fs::File::open(&input).unwrap();
        assert_eq!(from_stdin.stdin(stdin).output().unwrap().status.code(), Some(2));
    }
    assert_eq!(std::fs::read(&input).unwrap(), ANNA.as_bytes());
    house.close();
}

#[test]
fn a_number_that_nobody_can_work_with_rejects_its_line_and_no_other() {
    let folder = folder();
    let house = House::open(&Stores::embedded(&folder.path().join("data")));
    let absurd = ["1e-65535", "0e-200000000", "1e200000000"].map(|price| {
        format!(
            r#"{{"name":"P","type":"t","price":"{price}","id":"p","event_type":"new_product"}}"#
        )
    });
    let input = file(&folder, "input", format!("{}\n{ANNA}", absurd.join("\n")));
    let summary = house.say(&["import-clientflow", input.to_str().unwrap(), "--json"]);
    let summary: Value = serde_json::from_str(&summary).unwrap();
    assert_eq!((&summary["rejected"], &summary["stored"]), (&Value::from(3), &Value::from(1)));
    house.close();
}

#[test]
fn every_purchase_is_charged_the_price_before_it() {
    let folder = folder();
    let history = History::of(900);
    let house = House::open(&Stores::embedded(&folder.path().join("data")));
    let input = file(&folder, "input", history.lines.join("\n"));
    house.say(&["import-clientflow", input.to_str().unwrap()]);
    history.check(&house);
    house.close();
}

#[test]
fn a_killed_import_goes_on_and_adds_everything_once() {
    let folder = folder();
    let history = History::of(1200);
    let house = House::open(&Stores::embedded(&folder.path().join("data")));
    let input = file(&folder, "input", history.lines.join("\n"));
    let command = ["import-clientflow", input.to_str().unwrap()];
    for kill in 1..=4_usize {
        let mut import = Program::start(&sklep(&house.against(&command))).unwrap();
        let enough = history.lines.len() * kill / 6;
        while house.events().len() < enough {
            assert!(import.pid() > 0);
        }
        import.kill().unwrap();
    }
    house.say(&command);
    history.check(&house);
    let again: Value =
        serde_json::from_str(&house.say(&[command[0], command[1], "--json"])).unwrap();
    assert_eq!(again["stored"], 0, "{again}");
    history.check(&house);
    house.close();
}

#[test]
fn an_import_waits_for_a_shop_that_is_killed_and_started_again() {
    let folder = folder();
    let history = History::of(1200);
    let stores = Stores::embedded(&folder.path().join("data"));
    let mut house = House::open(&stores);
    let address = house.server.strip_prefix("http://").unwrap().to_owned();
    let input = file(&folder, "input", history.lines.join("\n"));
    let command = ["import-clientflow", input.to_str().unwrap(), "--json"];
    let mut import = Program::start(&sklep(&house.against(&command))).unwrap();
    for kill in 1..=2_usize {
        while house.events().len() < history.lines.len() * kill / 4 {}
        house.program.kill().unwrap();
        house = House::open_at(&stores, &address);
    }
    assert!(import.wait(SOON).unwrap().success(), "{}", import.output());
    let output = import.output();
    let summary: Value =
        serde_json::from_str(output.lines().find(|line| line.starts_with('{')).unwrap()).unwrap();
    assert_eq!(summary["rejected"], 0, "{output}");
    assert_eq!(summary["stored"], history.lines.len(), "{output}");
    history.check(&house);
    house.close();
}

/// A history of few products whose prices change all the time, which is the hardest order to keep.
struct History {
    lines: Vec<String>,
    /// What each customer has spent, in grosz.
    spent: Vec<u64>,
}

impl History {
    fn of(steps: u64) -> Self {
        let customers = (0..20).map(|number| {
            format!(
                r#"{{"first_name":"A","last_name":"B","address":"c","id":"c{number}","event_type":"new_customer"}}"#
            )
        });
        let mut history = Self { lines: customers.collect(), spent: vec![0; 20] };
        let mut prices = [0_u64; 3];
        for step in 0..steps {
            let product = usize::try_from(step % 3).unwrap();
            if step < 3 || step % 5 == 0 {
                prices[product] = 100 + step;
                let price = format!("{}.{:02}", prices[product] / 100, prices[product] % 100);
                history.lines.push(format!(
                    r#"{{"name":"P","type":"t","price":{price},"id":"p{product}","event_type":"new_product"}}"#
                ));
            } else {
                let customer = usize::try_from(step * 7 % 20).unwrap();
                history.spent[customer] += prices[product] * 2;
                history.lines.push(format!(
                    r#"{{"event_type":"customer_buys_product","customer_id":"c{customer}","product_id":"p{product}","quantity":2}}"#
                ));
            }
        }
        history
    }

    fn check(&self, house: &House) {
        assert_eq!(house.events().len(), self.lines.len());
        for line in house.say(&["customers", "--json"]).lines() {
            let customer: Value = serde_json::from_str(line).unwrap();
            let number: usize = customer["id"].as_str().unwrap()[1..].parse().unwrap();
            let spent = customer["totalSpent"]["amount"].as_str().unwrap().replace('.', "");
            assert_eq!(spent.parse(), Ok(self.spent[number]), "{customer}");
        }
    }
}
