//! Nothing is left behind, however the test process ends.
//!
//! Each test runs the ignored test `victim` of this file in a process of its own, ends that process
//! and looks for what remains. The victim holds a shared server, a paused one and a program.
//! It has Kafka in one test only, which is slow to start: all servers end the same way.

#![expect(clippy::unwrap_used, reason = "what the helpers of a test cannot do fails the test")]

use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use testkit::{Mongo, Program};

const LIMIT: Duration = Duration::from_mins(2);
/// How the victim ends by itself once it has everything.
const ENDING: &str = "TESTKIT_VICTIM_ENDING";

#[test]
#[ignore = "run by the other tests as a process to be ended"]
#[expect(clippy::print_stdout, reason = "the test that started it waits for the line")]
fn victim() {
    let ending = env::var(ENDING).unwrap();
    if ending == "wait with Kafka" {
        testkit::kafka();
    } else {
        testkit::mongodb();
    }
    let mongo = Mongo::start_standalone().unwrap();
    mongo.pause().unwrap();
    let _sleeper = Program::start(Command::new("sleep").arg("1000")).unwrap();
    println!("victim ready");
    match ending.as_str() {
        "return" => {}
        "panic" => panic!("as told"),
        "abort" => std::process::abort(),
        _ => thread::sleep(LIMIT),
    }
}

/// A victim whose servers put their folders into one that only it uses.
struct Victim {
    program: Program,
    temporary: PathBuf,
}

impl Victim {
    fn start(ending: &str) -> Self {
        let temporary = env::temp_dir().join(testkit::unique("testkit-victim"));
        fs::create_dir(&temporary).unwrap();
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "victim", "--ignored", "--nocapture"]);
        command.env("TMPDIR", &temporary).env(ENDING, ending);
        // It starts its own servers even if this process was given some.
        command.env("SKLEP_TEST_KAFKA", "").env("SKLEP_TEST_MONGODB", "");
        let program = Program::start(&command).unwrap();
        Self { program, temporary }
    }

    fn ready(self) -> Self {
        self.program.wait_for("victim ready", LIMIT).unwrap();
        assert_eq!(entries(&self.temporary), 2, "a folder for each server");
        self
    }

    /// Waits until no process works in the victim's folder and nothing is in it.
    fn leaves_nothing(mut self) {
        self.program.wait(LIMIT).unwrap();
        let started = Instant::now();
        while entries(&self.temporary) > 0 || self.is_in_use() {
            assert!(started.elapsed() < Duration::from_secs(20), "something is left");
            thread::sleep(Duration::from_millis(20));
        }
        fs::remove_dir(&self.temporary).unwrap();
    }

    /// All processes of the victim have its folder's name among their variables.
    fn is_in_use(&self) -> bool {
        let name = self.temporary.to_str().unwrap().as_bytes();
        fs::read_dir("/proc").unwrap().any(|process| {
            let variables = fs::read(process.unwrap().path().join("environ"));
            variables.is_ok_and(|text| text.windows(name.len()).any(|window| window == name))
        })
    }
}

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn after_an_orderly_end() {
    Victim::start("return").leaves_nothing();
}

#[test]
fn after_a_panic() {
    Victim::start("panic").leaves_nothing();
}

#[test]
fn after_an_abort() {
    Victim::start("abort").leaves_nothing();
}

#[test]
fn after_ctrl_c() {
    let victim = Victim::start("wait").ready();
    if ignores_ctrl_c() {
        victim.program.terminate().unwrap();
    } else {
        victim.program.interrupt().unwrap();
    }
    victim.leaves_nothing();
}

/// A background job of a script ignores `SIGINT`, signal 2, and so do its children.
fn ignores_ctrl_c() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    u64::from_str_radix(ignored.trim(), 16).unwrap() & 0b10 != 0
}

#[test]
fn after_a_kill() {
    let mut victim = Victim::start("wait with Kafka").ready();
    assert_eq!(victim.program.kill().unwrap().signal(), Some(9));
    victim.leaves_nothing();
}

#[test]
fn after_a_kill_while_a_server_starts() {
    for milliseconds in [5, 50, 200, 600, 1200] {
        let mut victim = Victim::start("wait");
        // Chance decides how far it is: any moment must be a good one.
        thread::sleep(Duration::from_millis(milliseconds));
        victim.program.kill().unwrap();
        victim.leaves_nothing();
    }
}
