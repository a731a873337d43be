//! Typing.

use std::process::Command;

use serde_json::{Value, json};

use crate::house::{House, Stores, folder, refused, run, say, sklep};

const COMMANDS: &[&str] = &[
    "serve",
    "demo",
    "customers",
    "products",
    "events",
    "import-clientflow",
    "status",
    "quarantine list",
    "rebuild",
    "verify",
    "rollback",
    "projector",
    "doctor",
    "export",
    "import",
];

#[test]
fn help_tells_every_command_and_its_variables() {
    let help = say(&["--help"]);
    for command in COMMANDS {
        let words: Vec<&str> = command.split(' ').collect();
        assert!(help.contains(words[0]), "{command} in:\n{help}");
        let help = say(&[&words[..], &["--help"]].concat());
        assert!(help.contains("[env: SKLEP_"), "{command}:\n{help}");
    }
}

/// The variables that the help of this command names.
fn variables(command: &[&str]) -> Vec<String> {
    let help = say(&[command, &["--help"]].concat());
    let named = help.split("[env: ").skip(1);
    named.filter_map(|rest| rest.split(['=', ']']).next()).map(str::to_owned).collect()
}

#[test]
fn an_empty_variable_changes_nothing_for_any_command() {
    let nobody = ["--server", "http://127.0.0.1:2"];
    let folder = folder();
    let data = folder.path().join("nothing");
    let data = ["--data", data.to_str().unwrap()];
    let typed: [&[&str]; 12] = [
        &["serve", "--roles", "query"],
        &[&["demo"], &nobody[..]].concat(),
        &[&["customers"], &nobody[..]].concat(),
        &[&["products"], &nobody[..]].concat(),
        &[&["events"], &nobody[..]].concat(),
        &[&["import-clientflow", "/dev/null"], &nobody[..]].concat(),
        &[&["quarantine", "list"], &nobody[..]].concat(),
        &[&["rebuild"], &nobody[..]].concat(),
        &[&["verify"], &nobody[..]].concat(),
        &[&["rollback"], &nobody[..]].concat(),
        &[&["doctor"], &data[..]].concat(),
        &[&["export", "/dev/null"], &data[..]].concat(),
    ];
    for typed in typed {
        let words = if typed[0] == "quarantine" { 2 } else { 1 };
        let mut emptied = sklep(typed);
        let variables = variables(&typed[..words]);
        assert!(!variables.is_empty(), "{typed:?}");
        emptied.envs(variables.iter().map(|name| (name, "")));
        let (emptied, plain) = (emptied.output().unwrap(), sklep(typed).output().unwrap());
        let told =
            |output: &std::process::Output| String::from_utf8(output.stderr.clone()).unwrap();
        assert_eq!(told(&emptied), told(&plain), "{typed:?}");
        assert_eq!(emptied.status, plain.status, "{typed:?}");
    }
    let mut help = sklep(&["serve", "--help"]);
    let help = help.env("SKLEP_KAFKA", "").output().unwrap();
    assert!(String::from_utf8(help.stdout).unwrap().contains("[env: SKLEP_KAFKA"));
}

#[test]
fn wrong_usage_is_told_and_ends_with_2() {
    let check = |arguments: &[&str], told: &str| {
        let error = refused(arguments, 2);
        assert!(error.contains(told), "{arguments:?}:\n{error}");
    };
    check(&["serve", "--colour"], "--colour");
    check(&["sell"], "sell");
    check(&["serve", "--roles", "query"], "leave --roles out, or give --kafka");
    check(&["serve", "--roles", "queen"], "queen");
    check(&["serve", "--kafka", "nohost"], "--kafka nohost");
    check(&["serve", "--currency", "zł"], "--currency");
    check(&["serve", "--partitions", "0"], "--partitions");
    check(&["customers", "--server", "shop"], "--server shop");
    check(&["import-clientflow"], "FILE");
    check(&["import-clientflow", "-"], "--source");
    check(&["import-clientflow", "file", "--follow"], "--follow");
    check(&["import-clientflow", "--from-topic", "t"], "--kafka");
    check(&["export", "/"], "exists");
    check(&["rebuild", "--memory", "much"], "512MiB");
    check(&["rebuild", "--throttle", "0"], "--throttle");
    check(&["rebuild", "--pause", "--cancel"], "one of");
    check(&["rebuild", "--pause", "--throttle", "5"], "or with --resume");
    check(&["rebuild", "--cancel", "--throttle", "5"], "or with --resume");
    check(&["projector"], "--pause or --resume");
    check(&["serve", "--listen", "zzz"], "HOST:PORT");
    check(&["serve", "--listen", "127.0.0.1:http"], "HOST:PORT");
    check(&["import-clientflow", "/"], "is a folder");
    let folder = folder();
    let file = crate::house::file(&folder, "file", "x");
    let file = file.to_str().unwrap();
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["doctor"], &["export", "/tmp/no"]]
    {
        check(&[command, &["--data", file]].concat(), "is a file");
    }
}

#[test]
fn a_wrong_variable_is_called_by_its_name() {
    let output = sklep(&["serve"]).env("SKLEP_PARTITIONS", "many").output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("SKLEP_PARTITIONS"), "{told}");
    let typed = ["serve", "--partitions", "many"];
    let output = sklep(&typed).env("SKLEP_PARTITIONS", "3").output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!told.contains("SKLEP_PARTITIONS"), "{told}");
}

#[test]
fn a_shop_that_is_not_there_is_a_failure_with_a_hint() {
    let error = refused(&["customers", "--server", "http://127.0.0.1:1"], 1);
    assert!(error.contains("http://127.0.0.1:1") && error.contains("sklep serve"), "{error}");
}

#[test]
fn options_may_be_variables() {
    let mut command = sklep(&["products"]);
    let output = command.env("SKLEP_SERVER", "http://127.0.0.1:2").output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("127.0.0.1:2"), "{told}");
}

#[test]
fn a_reader_that_has_seen_enough_ends_a_list_quietly() {
    let folder = folder();
    let house = House::open(&Stores::embedded(folder.path()));
    house.say(&["demo", "--customers", "300", "--purchases", "600"]);
    let line =
        format!("{} customers --server {} | head -n 1", env!("CARGO_BIN_EXE_sklep"), house.server);
    let output =
        Command::new("bash").args(["-c", &format!("set -o pipefail; {line}")]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    house.close();
}

#[test]
fn status_tells_how_the_shop_is() {
    let folder = folder();
    let house = House::open(&Stores::embedded(folder.path()));
    let text = house.say(&["status"]);
    assert!(text.starts_with(&format!("{}/graphql is ready\n", house.server)), "{text}");
    let json: Value = serde_json::from_str(&house.say(&["status", "--json"])).unwrap();
    assert_eq!(json["ready"], true);
    let names: Vec<&str> = json["projections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["customers", "purchases", "products", "prices", "sales"]);
    house.close();
}

#[test]
fn ctrl_c_is_a_clean_end_too() {
    let folder = folder();
    let mut house = House::open(&Stores::embedded(folder.path()));
    house.program.interrupt().unwrap();
    assert!(house.program.wait(crate::house::SOON).unwrap().success());
}

#[test]
fn version_is_told() {
    assert!(run(&["--version"]).status.success());
}

#[tokio::test]
async fn what_others_wrote_does_nothing_to_a_terminal() {
    let folder = folder();
    let house = House::open(&Stores::embedded(&folder.path().join("data")));
    let name = "Ewa\u{202E}\u{200B}awE";
    let mutation = "mutation($name: String!) { createCustomer(input: {id: \"ewa\", firstName: $name, lastName: \"N\", \
         address: \"x\"}) { rejection { code } } \
         priceProduct(input: {productId: \"kawa\", name: $name, type: \"kawa\", price: \"1\"}) { rejection { code } position } }";
    let answer = house.ask(mutation, json!({ "name": name })).await;
    assert_eq!(answer["createCustomer"]["rejection"], Value::Null, "{answer}");
    let at_least = &answer["priceProduct"]["position"];
    let wait = "query($p: Position) { customers(atLeast: $p) { nodes { id } } products(atLeast: $p) { nodes { id } } }";
    house.ask(wait, json!({ "p": at_least })).await;
    for list in ["customers", "products", "events"] {
        let text = house.say(&[list]);
        assert!(text.contains(r"Ewa\u{202e}\u{200b}awE"), "{text}");
        let lines = house.say(&[list, "--json"]);
        assert!(!lines.contains(['\u{202E}', '\u{200B}']), "{lines}");
        let first: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
        let told = first.get("firstName").or_else(|| first.get("name")).unwrap();
        assert_eq!(told, name, "as JSON it is the very same text");
    }
    house.close();
}
