//! What scripts rely on: names of commands, options and variables, and the shapes of what `--json` prints.
//!
//! `SKLEP_TEST_WRITE=1 cargo test -p sklep --test stories surface` writes the files anew; read what changed.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use mongodb::bson::{Document, doc};
use serde_json::Value;

use crate::house::{House, Stores, file, folder, run, say};

/// Compares with the file, or writes it.
#[track_caller]
fn is_as_before(name: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories/surface").join(name);
    if std::env::var_os("SKLEP_TEST_WRITE").is_some() {
        std::fs::write(&path, now).unwrap();
    }
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    let changed = |these: &str, those: &str| -> Vec<String> {
        let those: BTreeSet<&str> = those.lines().collect();
        these.lines().filter(|line| !those.contains(line)).map(str::to_owned).collect()
    };
    let (gone, new) = (changed(&before, now), changed(now, &before));
    assert!(before == now, "{}: gone {gone:#?}, new {new:#?}", path.display());
}

/// The commands that a help text lists.
fn commands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = listed.take_while(|line| !line.is_empty() && !line.starts_with("Options"));
    let names = names.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// Usage, options, variables, defaults and possible values of a command and those below it; not the words about them.
fn describe(command: &[&str], told: &mut String) {
    let help = say(&[command, &["--help"]].concat());
    for line in help.lines().map(str::trim) {
        let is_option = line.starts_with("--") || line.starts_with('-') && line.contains(", --");
        let is_value =
            ["[env:", "[default:", "[possible values:"].iter().any(|it| line.starts_with(it));
        if line.starts_with("Usage:") || is_option || is_value {
            let indent = if line.starts_with("Usage:") { "" } else { "  " };
            writeln!(told, "{indent}{}{line}", if is_value { "  " } else { "" }).unwrap();
        }
    }
    for below in commands(&help) {
        describe(&[command, &[&below]].concat(), told);
    }
}

#[test]
fn commands_options_and_variables_have_the_names_that_scripts_use() {
    let mut told = String::new();
    describe(&[], &mut told);
    is_as_before("command_line.txt", &told);
}

/// Every path of a value with the kinds of what stands there.
fn shape(at: &str, value: &Value, paths: &mut BTreeSet<String>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(items) => {
            for item in items {
                shape(&format!("{at}[]"), item, paths);
            }
            "list"
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                shape(&format!("{at}.{name}"), value, paths);
            }
            "object"
        }
    };
    paths.insert(format!("{at} {kind}"));
}

/// The shape of each line that a command prints; its exit code may be 3, since a difference is told too.
fn printed(command: &[&str], arguments: &[&str]) -> BTreeSet<String> {
    let output = run(&[command, &["--json"], arguments].concat());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{command:?}: {told}");
    let name = command
        .iter()
        .copied()
        .take_while(|word| !word.starts_with('/'))
        .collect::<Vec<_>>()
        .join(" ");
    let mut paths = BTreeSet::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        shape(&name, &serde_json::from_str(line).unwrap(), &mut paths);
    }
    paths
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_printed_as_json_has_the_shapes_that_scripts_read() {
    let folder = folder();
    let database = testkit::unique("story");
    let stores = Stores::embedded(&folder.path().join("data"));
    let house =
        House::open(&stores.and("--mongodb", testkit::mongodb()).and("--database", &database));
    house.say(&["demo", "--customers", "3", "--purchases", "20"]);
    let messages = file(
        &folder,
        "messages",
        "{\"event_type\":\"new_customer\"}\n{\"event_type\":\"new_customer\",\
        \"id\":\"anna\",\"first_name\":\"Anna\",\"last_name\":\"K\",\"address\":\"x\"}",
    );
    let messages = messages.to_str().unwrap();
    let server = ["--server", house.server.as_str()];
    let mut paths = BTreeSet::new();
    for command in [
        &["import-clientflow", messages][..],
        &["customers"],
        &["products"],
        &["events"],
        &["rebuild"],
        &["status"],
        &["verify"],
        &["quarantine", "list"],
        &["rollback"],
    ] {
        paths.extend(printed(command, &server));
    }
    // What a hand has changed is told as a difference.
    let client = mongodb::Client::with_uri_str(testkit::mongodb()).await.unwrap();
    let control = client.database(&database).collection::<Document>("sklep_control");
    let live = control.find_one(doc! {}).await.unwrap().unwrap();
    let customers = format!("customers_{}", live.get_str("live").unwrap());
    let customers = client.database(&database).collection::<Document>(&customers);
    let changed = customers
        .update_one(doc! { "_id": "anna" }, doc! { "$set": { "first_name": "Ewa" } })
        .await
        .unwrap();
    assert_eq!(changed.modified_count, 1);
    paths.extend(printed(&["verify"], &server));
    house.close();

    let data = folder.path().join("data");
    paths.extend(printed(&["doctor"], &["--data", data.to_str().unwrap()]));
    let told = paths.into_iter().collect::<Vec<_>>().join("\n") + "\n";
    is_as_before("json.txt", &told);
}
