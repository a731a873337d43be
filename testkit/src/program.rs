//! A built program, run as a child of the test.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use rustix::process::Signal;

use crate::server::{end, freeze, signal, wait_for_exit};
use crate::supervisor::Keeper;

/// A running program whose output is kept, line by line.
///
/// Dropped, or orphaned by the test's own end, it is killed with its process group. It runs in a
/// group of its own, so a Ctrl-C for the test does not reach it; it gets no input.
#[derive(Debug)]
pub struct Program {
    child: Child,
    output: Arc<Output>,
    keeper: Keeper,
}

#[derive(Debug, Default)]
struct Output {
    lines: Mutex<Lines>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Lines {
    seen: Vec<String>,
    /// Standard output and standard error that have come to their end.
    ended: u8,
}

impl Program {
    /// Starts `command`: its program, arguments, variables and folder.
    ///
    /// In a test, the program of the same package is `env!("CARGO_BIN_EXE_name")`.
    pub fn start(command: &Command) -> Result<Self> {
        let mut keeper = Keeper::start()?;
        let mut child = keeper.spawn(command, Stdio::piped(), Stdio::piped())?;
        let output = Arc::new(Output::default());
        output.collect(child.stdout.take());
        output.collect(child.stderr.take());
        Ok(Self { child, output, keeper })
    }

    /// Waits for a line with `text`, on either output, and gives the first such line.
    ///
    /// Fails, with all that was written, when `limit` or the output is over.
    pub fn wait_for(&self, text: &str, limit: Duration) -> Result<String> {
        let lines = self.output.wait(limit, |lines| lines.ended < 2 && lines.find(text).is_none());
        lines.find(text).cloned().ok_or_else(|| {
            anyhow!("the program did not write \"{text}\" within {limit:?}, but:\n{}", lines.join())
        })
    }

    /// All lines so far, of both outputs in the order in which they came.
    pub fn output(&self) -> String {
        self.output.lock().join()
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop as a service supervisor does (`SIGTERM`).
    pub fn terminate(&self) -> Result<()> {
        signal(&self.child, Signal::TERM)
    }

    /// Asks it to stop as Ctrl-C does (`SIGINT`).
    ///
    /// If the test runs as a background job of a script, a program that does not handle the signal
    /// ignores it.
    pub fn interrupt(&self) -> Result<()> {
        signal(&self.child, Signal::INT)
    }

    /// Freezes it (`SIGSTOP`).
    pub fn pause(&self) -> Result<()> {
        freeze(&self.child)
    }

    /// Lets it go on after [`Program::pause`].
    pub fn resume(&self) -> Result<()> {
        signal(&self.child, Signal::CONT)
    }

    /// Kills it (`SIGKILL`) and waits for its end.
    pub fn kill(&mut self) -> Result<ExitStatus> {
        end(&mut self.child)?;
        self.wait(KILLED)
    }

    /// Waits for its end and the end of its output. Fails if `limit` is over first.
    pub fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        let Some(status) = wait_for_exit(&mut self.child, limit)? else {
            bail!("the program still runs after {limit:?}; it wrote:\n{}", self.output());
        };
        self.keeper.forget()?;
        // A child of the program may hold the output open; then what came so far must do.
        drop(self.output.wait(OUTPUT_END, |lines| lines.ended < 2));
        Ok(status)
    }
}

/// A killed process ends as soon as the system has written its pages, if at all.
const KILLED: Duration = Duration::from_secs(10);
const OUTPUT_END: Duration = Duration::from_secs(2);

impl Drop for Program {
    fn drop(&mut self) {
        // The keeper, dropped next, kills what is left; a drop has nobody to tell.
        let _ = end(&mut self.child);
        let _ = self.keeper.forget();
    }
}

impl Output {
    fn collect(self: &Arc<Self>, stream: Option<impl Read + Send + 'static>) {
        let output = Arc::clone(self);
        thread::spawn(move || {
            if let Some(stream) = stream {
                output.read_lines(stream);
            }
            output.change(|lines| lines.ended = lines.ended.saturating_add(1));
        });
    }

    fn read_lines(&self, stream: impl Read) {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        // Read as bytes: a program may write something that is not UTF-8.
        while stream.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            self.change(|lines| lines.seen.push(text));
            line.clear();
        }
    }

    fn change(&self, change: impl FnOnce(&mut Lines)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, limit: Duration, go_on: impl Fn(&Lines) -> bool) -> MutexGuard<'_, Lines> {
        let waited = self.changed.wait_timeout_while(self.lock(), limit, |lines| go_on(lines));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Lines {
    fn find(&self, text: &str) -> Option<&String> {
        self.seen.iter().find(|line| line.contains(text))
    }

    fn join(&self) -> String {
        self.seen.join("\n")
    }
}
