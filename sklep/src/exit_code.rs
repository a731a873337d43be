//! How the program ends: 0 done, 1 failed, 2 wrong usage, 3 the check found a difference.

use std::process::ExitCode;

use crate::{
    stderr,
    stdout::{Closed, Stdout},
};

/// What a command that did not fail came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It did what it was asked.
    Done,
    /// It checked something, and found a difference.
    Difference,
}

impl Outcome {
    /// This, once it is told. A reader (`| head`) that has seen enough does not change what it came to.
    pub(crate) fn told(
        self,
        tell: impl FnOnce(&mut Stdout) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let mut out = Stdout::new();
        match tell(&mut out).and_then(|()| out.flush()) {
            Err(error) if !error.is::<Closed>() => Err(error),
            Ok(()) | Err(_) => Ok(self),
        }
    }
}

/// What was typed cannot be meant; says what to type instead.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// What the command was given is not what it was taken for, so it ended before it did harm.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Mismatch(pub(crate) String);

/// Says why a command failed, once, and gives the program's exit code.
pub(crate) fn code(done: anyhow::Result<Outcome>) -> ExitCode {
    match done {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Difference) => ExitCode::from(3),
        // Whoever reads (`| head`) has seen enough.
        Err(error) if error.is::<Closed>() => ExitCode::SUCCESS,
        Err(error) => {
            stderr::line(format_args!("error: {error:#}"));
            match () {
                () if error.is::<Usage>() => ExitCode::from(2),
                () if error.is::<Mismatch>() => ExitCode::from(3),
                () => ExitCode::FAILURE,
            }
        }
    }
}
