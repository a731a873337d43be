//! Which playground a build gets, and what it says when GraphiQL cannot be fetched. Needs node.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::Command,
};

use tempfile::{TempDir, tempdir};

use self::playground::{Playground, obtain};

#[path = "../../build/playground.rs"]
mod playground;

fn away() -> Result<(), String> {
    Err("no network".into())
}

#[expect(clippy::unnecessary_wraps, reason = "it stands for one that can fail")]
fn here() -> Result<(), String> {
    Ok(())
}

fn never() -> Result<(), String> {
    panic!("nothing is to be fetched")
}

#[test]
fn graphiql_is_fetched_where_it_can_be_and_nobody_said_otherwise() {
    for unset in [None, Some("")] {
        assert_eq!(obtain(unset, here), Ok(Playground::Graphiql));
        let why = "no network".to_owned();
        assert_eq!(obtain(unset, away), Ok(Playground::Fallback { why }));
    }
    assert_eq!(obtain(Some("simple"), never), Ok(Playground::Simple));
    assert_eq!(obtain(Some("graphiql"), here), Ok(Playground::Graphiql));
}

#[test]
fn a_build_that_cannot_have_the_playground_it_wants_fails_and_says_why() {
    let why = obtain(Some("graphiql"), away).unwrap_err();
    assert!(why.ends_with("GraphiQL could not be fetched: no network"), "{why}");
    let why = obtain(Some("grafiql"), never).unwrap_err();
    assert!(why.starts_with("SKLEP_PLAYGROUND is \"grafiql\". It can be graphiql"), "{why}");
}

/// A folder with node and, if given, an `npm` that does this in a shell.
fn path_with(npm: Option<&str>) -> TempDir {
    let folder = tempdir().unwrap();
    for program in ["node", "sh", "sleep"] {
        let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
        let found = String::from_utf8(found.unwrap().stdout).unwrap();
        symlink(found.trim(), folder.path().join(program)).unwrap();
    }
    if let Some(script) = npm {
        let file = folder.path().join("npm");
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

/// Why this fetch failed.
fn failing(fetch: &mut Command) -> String {
    let out = tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("build/fetch.mjs");
    let output = fetch.arg(script).arg(out.path()).arg("3").output().unwrap();
    assert!(!output.status.success());
    let left: Vec<_> = fs::read_dir(out.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(told.lines().count(), 1, "{told}");
    told
}

fn failing_with(npm: Option<&str>) -> String {
    let path = path_with(npm);
    failing(Command::new("node").env("PATH", path.path()))
}

#[test]
fn a_registry_that_cannot_be_reached_is_named_with_npms_own_reason() {
    let cache = tempdir().unwrap();
    let told = failing(
        Command::new("node")
            .env("npm_config_cache", cache.path())
            .env("npm_config_registry", "http://127.0.0.1:1"),
    );
    let reason =
        "FetchError: request to http://127.0.0.1:1/graphiql failed, reason: connect ECONNREFUSED";
    assert!(told.starts_with("npm: code ECONNREFUSED; ") && told.contains(reason), "{told}");
    assert!(!told.contains("node_modules") && !told.contains("complete log"), "{told}");
}

#[test]
fn an_npm_that_is_missing_silent_slow_or_talkative_is_told_in_a_line() {
    assert_eq!(failing_with(None), "npm cannot be started (ENOENT)\n");
    assert_eq!(failing_with(Some("exit 7")), "npm: it failed without a word\n");
    assert_eq!(failing_with(Some("exec sleep 20")), "npm took more than 3 seconds\n");
    let talkative =
        "i=0; while [ $i -lt 200 ]; do echo \"npm ERR! no $i\" >&2; i=$((i+1)); done; exit 1";
    let told = failing_with(Some(talkative));
    assert!(told.starts_with("npm: no 0; no 1; ") && told.len() < 320, "{told}");
}

#[test]
fn a_package_that_is_not_the_pinned_one_is_not_taken() {
    let other =
        "for name in graphiql-3.9.0 react-18.3.1 react-dom-18.3.1; do echo other > $name.tgz; done";
    let told = failing_with(Some(other));
    assert_eq!(told, "graphiql 3.9.0 is not what it was when it was pinned\n");
}
