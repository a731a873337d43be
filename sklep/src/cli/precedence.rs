//! Which of several options counts, where the command line and the environment disagree.

use std::ffi::OsString;

use clap::{ArgMatches, error::ErrorKind, parser::ValueSource};

/// Options that name a log.
const LOG: [&str; 3] = ["data", "kafka", "topic"];

/// Reads the command line. What was typed is never passed over in silence: stores that were typed count before a server
/// that a variable names, and a log that was typed is refused where only a running shop would be asked.
pub(super) fn matches(
    command: clap::Command,
    typed: &[OsString],
) -> Result<ArgMatches, clap::Error> {
    let matches = command.clone().try_get_matches_from(typed)?;
    let (name, options) = innermost("", &matches);
    let has = |option: &str| options.try_contains_id(option).is_ok();
    if !["data", "mongodb", "server"].into_iter().all(has) {
        return Ok(matches);
    }
    let source = |option: &str| options.value_source(option);
    let is_typed = |option: &str| source(option) == Some(ValueSource::CommandLine);
    if source("server") == Some(ValueSource::EnvVariable)
        && (is_typed("mongodb") || is_typed("kafka"))
    {
        return super::without_variable(command, "SKLEP_SERVER").try_get_matches_from(typed);
    }
    let is_given = |option: &str| source(option).is_some();
    let is_used = is_given("mongodb") || name == "status" && is_given("kafka");
    match LOG.into_iter().find(|option| is_typed(option)) {
        Some(option) if !is_used => {
            let text = format!(
                "--{option} names a log that is worked on here together with its views in MongoDB: add --mongodb, or leave \
                 --{option} out to ask a running shop (--server) about its own"
            );
            Err(command.clone().error(ErrorKind::ArgumentConflict, text))
        }
        Some(_) | None => Ok(matches),
    }
}

fn innermost<'a>(name: &'a str, matches: &'a ArgMatches) -> (&'a str, &'a ArgMatches) {
    matches.subcommand().map_or((name, matches), |(name, below)| innermost(name, below))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    fn read(typed: &[&str]) -> Result<ArgMatches, ErrorKind> {
        let typed: Vec<OsString> =
            [&["sklep"], typed].concat().into_iter().map(Into::into).collect();
        matches(Cli::command(), &typed).map_err(|error| error.kind())
    }

    #[test]
    fn a_log_that_is_typed_is_not_passed_over() {
        let refused = Err(ErrorKind::ArgumentConflict);
        for command in [
            &["verify", "--data", "x"][..],
            &["rebuild", "--topic", "x"],
            &["rollback", "--kafka", "x:1"],
            &["projector", "--pause", "--data", "x"],
            &["status", "--data", "x"],
            &["quarantine", "list", "--data", "x", "--server", "http://a:1"],
        ] {
            assert_eq!(read(command).map(drop), refused, "{command:?}");
        }
        for command in [
            &["verify", "--data", "x", "--mongodb", "mongodb://a"][..],
            &["verify", "--server", "http://a:1"],
            &["verify"],
            &["status", "--kafka", "x:1"],
            &["serve", "--data", "x"],
            &["doctor", "--data", "x"],
            &["import-clientflow", "--kafka", "x:1", "--from-topic", "y"],
        ] {
            assert!(read(command).is_ok(), "{command:?}");
        }
    }
}
