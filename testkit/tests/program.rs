//! Programs are started, listened to and ended.

#![expect(clippy::unwrap_used, reason = "what the helpers of a test cannot do fails the test")]

use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::time::{Duration, Instant};

use testkit::Program;

const LIMIT: Duration = Duration::from_secs(20);

fn shell(script: &str) -> Program {
    Program::start(Command::new("/bin/sh").args(["-c", script]).env("GREETING", "good day"))
        .unwrap()
}

#[test]
fn both_outputs_and_the_exit_code_are_seen() {
    let mut program = shell("echo $GREETING to you; echo trouble >&2; exit 3");
    assert_eq!(program.wait_for("good day", LIMIT).unwrap(), "good day to you");
    assert_eq!(program.wait_for("trouble", LIMIT).unwrap(), "trouble");
    assert_eq!(program.wait(LIMIT).unwrap().code(), Some(3));
    assert_eq!(program.output().lines().count(), 2);
}

#[test]
fn a_line_that_never_comes_fails_with_what_came_as_soon_as_the_output_ends() {
    let program = shell("echo something else");
    let started = Instant::now();
    let error = program.wait_for("ready", LIMIT).unwrap_err().to_string();
    assert!(error.contains("something else"), "{error}");
    assert!(started.elapsed() < LIMIT);
}

#[test]
fn a_program_is_asked_to_stop_and_answers_with_its_own_code() {
    for stop in [Program::terminate, Program::interrupt] {
        let mut program = shell("trap 'exit 5' TERM INT; echo ready; while :; do sleep 0.05; done");
        program.wait_for("ready", LIMIT).unwrap();
        stop(&program).unwrap();
        assert_eq!(program.wait(LIMIT).unwrap().code(), Some(5));
    }
}

#[test]
fn a_killed_program_ends_with_its_children() {
    let mut program = shell("sleep 1000 & echo ready; wait");
    program.wait_for("ready", LIMIT).unwrap();
    let started = Instant::now();
    assert_eq!(program.kill().unwrap().signal(), Some(9));
    // Its child held the outputs open, so they end early only if the child ended too.
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_program_that_goes_on_is_reported_by_wait() {
    let mut program = shell("echo busy; exec sleep 1000");
    program.wait_for("busy", LIMIT).unwrap();
    let error = program.wait(Duration::from_millis(50)).unwrap_err().to_string();
    assert!(error.contains("still runs") && error.contains("busy"), "{error}");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let program = Program::start(&Command::new("/nowhere/sklep")).unwrap();
    let error = program.wait_for("ready", LIMIT).unwrap_err().to_string();
    assert!(error.contains("/nowhere/sklep"), "{error}");
}
