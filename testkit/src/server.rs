//! A server process with a folder: started, watched, hurt, started again.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::supervisor::Keeper;

/// Kafka starts in 3 s and mongod in 1 s on two idle cores; builds may keep those busy.
const START: Duration = Duration::from_mins(2);
/// Kafka waits for its controller while it stops; after this the server is killed.
const STOP: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(10);
const TAIL_LINES: usize = 40;

/// A server and the folder that holds its data and its log.
#[derive(Debug)]
pub(crate) struct Server {
    command: Command,
    ready: &'static str,
    log: PathBuf,
    child: Option<Child>,
    keeper: Keeper,
}

impl Server {
    /// Describes a server which is ready once it has logged `ready`. The keeper owns `folder`.
    pub(crate) fn new(
        keeper: Keeper,
        folder: &Path,
        command: Command,
        ready: &'static str,
    ) -> Self {
        Self { command, ready, log: folder.join("log"), child: None, keeper }
    }

    /// Starts the server and waits until it is ready. Does nothing if it runs.
    pub(crate) fn start(&mut self) -> Result<()> {
        if self.child.is_some() {
            return Ok(());
        }
        let log = File::options().create(true).append(true).open(&self.log)?;
        let already_logged = usize::try_from(log.metadata()?.len())?;
        let child = self.keeper.spawn(&self.command, log.try_clone()?.into(), log.into())?;
        self.child = Some(child);
        let started = self.wait_until_ready(already_logged);
        if started.is_err() {
            // The start has failed already; that error says more.
            let _ = self.kill();
        }
        started
    }

    /// Asks the server to stop, and kills it if it does not.
    pub(crate) fn stop(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        signal(&child, Signal::TERM)?;
        // A paused process takes no other signal.
        signal(&child, Signal::CONT)?;
        if wait_for_exit(&mut child, STOP)?.is_none() {
            end(&mut child)?;
        }
        self.keeper.forget()
    }

    /// Kills the server: it gets no chance to write anything.
    pub(crate) fn kill(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        end(&mut child)?;
        self.keeper.forget()
    }

    /// Freezes the server: connections stay open and nothing answers.
    pub(crate) fn pause(&self) -> Result<()> {
        freeze(self.running()?)
    }

    /// Lets a paused server go on.
    pub(crate) fn resume(&self) -> Result<()> {
        signal(self.running()?, Signal::CONT)
    }

    /// The process id, for measurements.
    pub(crate) fn pid(&self) -> Result<u32> {
        Ok(self.running()?.id())
    }

    /// The end of the log, for error messages.
    pub(crate) fn log_tail(&self) -> String {
        tail(&fs::read(&self.log).unwrap_or_default())
    }

    fn running(&self) -> Result<&Child> {
        self.child.as_ref().context("the server does not run")
    }

    fn wait_until_ready(&mut self, already_logged: usize) -> Result<()> {
        let started = Instant::now();
        while !self.logged_ready(already_logged)? {
            let child = self.child.as_mut().context("the server does not run")?;
            if let Some(status) = child.try_wait()? {
                return Err(self.failure(&format!("ended with {status}")));
            }
            if started.elapsed() > START {
                return Err(self.failure(&format!("was not ready after {START:?}")));
            }
            thread::sleep(POLL);
        }
        Ok(())
    }

    fn logged_ready(&self, already_logged: usize) -> Result<bool> {
        let log = fs::read(&self.log)?;
        let new = log.get(already_logged..).unwrap_or_default();
        Ok(String::from_utf8_lossy(new).contains(self.ready))
    }

    fn failure(&self, what: &str) -> anyhow::Error {
        let program = self.command.get_program().display();
        anyhow!("{program} {what}; the end of its log:\n{}", self.log_tail())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The keeper, dropped next, kills what is left; a drop has nobody to tell.
        let _ = self.kill();
    }
}

/// Runs a command to its end and gives its output if it failed.
pub(crate) fn run(keeper: &mut Keeper, folder: &Path, command: &Command) -> Result<()> {
    let path = folder.join("run.log");
    let log = File::create(&path)?;
    let mut child = keeper.spawn(command, log.try_clone()?.into(), log.into())?;
    let status = child.wait()?;
    keeper.forget()?;
    if !status.success() {
        bail!("{command:?} ended with {status}:\n{}", tail(&fs::read(&path)?));
    }
    Ok(())
}

/// Polls for the end of a child; `None` if it still runs after `limit`.
pub(crate) fn wait_for_exit(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let started = Instant::now();
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(Some(status)),
            None if started.elapsed() > limit => return Ok(None),
            None => thread::sleep(POLL),
        }
    }
}

/// Sends a signal to a child that has not been waited for, so that its number is still its own.
pub(crate) fn signal(child: &Child, signal: Signal) -> Result<()> {
    kill_process(Pid::from_child(child), signal).context("cannot signal the process")
}

/// Stops a process, and waits until none of its threads goes on: the signal takes a moment to reach them all.
pub(crate) fn freeze(child: &Child) -> Result<()> {
    signal(child, Signal::STOP)?;
    let tasks = PathBuf::from(format!("/proc/{}/task", child.id()));
    let begun = Instant::now();
    while !all_stopped(&tasks) {
        ensure!(begun.elapsed() < STOP, "the process does not stop");
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Whether every thread has stopped. A thread whose state cannot be read counts as stopped: it has ended, or there is no `/proc`.
fn all_stopped(tasks: &Path) -> bool {
    let Ok(entries) = fs::read_dir(tasks) else { return true };
    let is_stopped = |stat: String| {
        let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.trim_start().chars().next());
        matches!(state, Some('T' | 't') | None)
    };
    entries
        .flatten()
        .filter_map(|task| fs::read_to_string(task.path().join("stat")).ok())
        .all(is_stopped)
}

/// Kills a child with its process group, and waits. Does nothing if it has ended already.
pub(crate) fn end(child: &mut Child) -> Result<ExitStatus> {
    if child.try_wait()?.is_none() {
        kill_process_group(Pid::from_child(child), Signal::KILL)?;
    }
    Ok(child.wait()?)
}

fn tail(log: &[u8]) -> String {
    let text = String::from_utf8_lossy(log);
    let lines: Vec<&str> = text.lines().collect();
    let skipped = lines.len().saturating_sub(TAIL_LINES);
    lines.into_iter().skip(skipped).collect::<Vec<_>>().join("\n")
}
