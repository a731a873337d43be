//! Processes and folders that cannot outlive the test process.
//!
//! A test process may end without running any of its code: by Ctrl-C, `SIGKILL`, an abort. So each
//! server has a keeper, a small shell that reads from a pipe whose other end only the test process
//! holds. At end of file, for whatever reason, the keeper kills the server's process group and
//! removes its folder. The shell is `/bin/sh` and not a program of ours, because
//! `cargo test -p event-log` builds no binaries of this package.

use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::{env, fs};

use anyhow::{Context as _, Result};

use crate::name::unique;

/// Each line names the process group to end, an empty line none; `$1` is the folder to remove.
///
/// Signals are ignored so that only end of file ends it. The removal is tried again because a dying
/// server may finish one more write; once it has succeeded, the server cannot make the folder anew.
/// A test may have changed the path, and `rm` must be found.
const KEEPER: &str = r#"
trap '' HUP INT TERM
PATH=$PATH:/usr/bin:/bin
group=
while read -r line; do group=$line; done
if [ -n "$group" ]; then
    kill -s KILL -- "-$group"
fi
[ -n "$1" ] || exit 0
tries=0
until rm -rf -- "$1" || [ $tries -ge 100 ]; do tries=$((tries + 1)); sleep 0.05; done
"#;

/// Becomes the program only after the keeper knows the process, so that no moment is unwatched.
const LAUNCHER: &str = r#"read -r go && exec "$@" </dev/null"#;

/// The shell that ends a process and removes a folder after us.
#[derive(Debug)]
pub(crate) struct Keeper {
    shell: Child,
    line: Option<ChildStdin>,
}

impl Keeper {
    /// Starts a keeper for processes only.
    pub(crate) fn start() -> Result<Self> {
        Self::start_for(Path::new(""))
    }

    /// Starts a keeper and makes a new folder in `parent` that goes when the keeper goes.
    pub(crate) fn with_folder(parent: &Path, name: &str) -> Result<(Self, PathBuf)> {
        let folder = parent.join(unique(name));
        // The keeper comes first: a folder that nobody would remove never exists.
        let keeper = Self::start_for(&folder)?;
        fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok((keeper, folder))
    }

    /// Like [`Keeper::with_folder`], in the system's folder for temporary files.
    pub(crate) fn with_temporary_folder() -> Result<(Self, PathBuf)> {
        Self::with_folder(&env::temp_dir(), "sklep-testkit")
    }

    fn start_for(folder: &Path) -> Result<Self> {
        let mut shell = Command::new("/bin/sh")
            .args(["-c", KEEPER, "testkit-keeper"])
            .arg(folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            // Whoever reads our output to its end must not wait for the keeper.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C goes to the whole foreground group; the keeper must live through it.
            .process_group(0)
            .spawn()
            .context("cannot start /bin/sh")?;
        let line = shell.stdin.take();
        Ok(Self { shell, line })
    }

    /// Starts `command` in its own process group, watched from its first moment.
    ///
    /// It gets the program, arguments, folder and variables of `command`, and no input.
    pub(crate) fn spawn(
        &mut self,
        command: &Command,
        stdout: Stdio,
        stderr: Stdio,
    ) -> Result<Child> {
        let mut launcher = launcher(command);
        let mut child = launcher
            .stdin(Stdio::piped())
            .stdout(stdout)
            .stderr(stderr)
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        self.tell(&child.id().to_string())?;
        if let Some(mut go) = child.stdin.take() {
            go.write_all(b"go\n")?;
        }
        Ok(child)
    }

    /// Forgets the process last started, after its end: its number may be given to another one.
    pub(crate) fn forget(&mut self) -> Result<()> {
        self.tell("").map_err(Into::into)
    }

    fn tell(&mut self, group: &str) -> io::Result<()> {
        self.line.as_mut().map_or(Ok(()), |line| writeln!(line, "{group}"))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.line.take());
        // If the wait fails, the keeper still does its work; there is nobody to tell in a drop.
        let _ = self.shell.wait();
    }
}

fn launcher(command: &Command) -> Command {
    let mut launcher = Command::new("/bin/sh");
    launcher.args(["-c", LAUNCHER, "sh"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => launcher.env(name, value),
            None => launcher.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        launcher.current_dir(folder);
    }
    launcher
}
