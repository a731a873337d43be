//! The arrows between the rooms of the house (ARCHITECTURE.md), and who names which library.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// Which of our crates each of our crates may use, outside its tests.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("event-log", &["domain"]),
    ("views", &["event-log", "domain"]),
    ("command", &["event-log", "domain"]),
    ("projector", &["event-log", "views", "domain"]),
    ("query", &["event-log", "views", "domain"]),
    ("api", &["command", "query", "event-log", "domain"]),
    ("sklep", &["api", "command", "projector", "query", "event-log", "views", "domain"]),
    ("testkit", &["api", "command", "projector", "query", "event-log", "views", "domain"]),
];

/// Libraries that only these of our crates may name, outside their tests.
const NAMES: &[(&str, &[&str])] = &[
    ("async-graphql", &["api", "testkit"]),
    ("async-graphql-axum", &["api", "testkit"]),
    ("axum", &["api", "testkit"]),
    ("rdkafka", &["event-log", "testkit"]),
    ("redb", &["event-log"]),
    ("mongodb", &["views", "testkit"]),
];

fn packages() -> Vec<Package> {
    let metadata = MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .no_deps()
        .exec()
        .unwrap();
    metadata.workspace_packages().into_iter().cloned().collect()
}

/// What a package names, outside its tests.
fn named(package: &Package) -> BTreeSet<String> {
    let named = package.dependencies.iter().filter(|it| it.kind != DependencyKind::Development);
    named.map(|it| it.name.clone()).collect()
}

#[test]
fn our_crates_use_only_those_that_they_may() {
    let packages = packages();
    let ours: BTreeSet<String> = packages.iter().map(|package| package.name.to_string()).collect();
    assert_eq!(ours, ARROWS.iter().map(|(name, _)| (*name).to_owned()).collect());
    for package in &packages {
        let (_, allowed) = ARROWS.iter().find(|(name, _)| *name == package.name.as_str()).unwrap();
        for used in named(package).intersection(&ours) {
            assert!(allowed.contains(&used.as_str()), "{} must not use {used}", package.name);
        }
    }
}

#[test]
fn roles_do_not_know_each_other_even_in_tests() {
    let roles = ["command", "projector", "query"];
    for package in packages().iter().filter(|package| roles.contains(&package.name.as_str())) {
        for used in &package.dependencies {
            assert!(!roles.contains(&used.name.as_str()), "{} uses {}", package.name, used.name);
        }
    }
}

#[test]
fn each_library_is_named_in_one_room() {
    for package in packages() {
        for (library, rooms) in NAMES {
            let names = named(&package).contains(*library);
            let name = package.name.as_str();
            assert!(!names || rooms.contains(&name), "{name} must not name {library}");
        }
    }
}

#[test]
fn the_program_is_what_cargo_run_runs() {
    let manifest = include_str!("../../../Cargo.toml");
    assert!(manifest.contains("default-members = [\"sklep\"]"));
}
