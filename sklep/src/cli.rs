//! What can be typed.

mod precedence;

use std::ffi::{OsStr, OsString};

use clap::{
    CommandFactory as _, FromArgMatches as _, Parser, Subcommand,
    error::{ContextKind, ContextValue, ErrorKind},
};

use futures::{FutureExt as _, future::LocalBoxFuture};

use crate::{
    customers::{self, CustomersArgs},
    demo::{self, DemoArgs},
    doctor::{self, DoctorArgs},
    events::{self, EventsArgs},
    exit_code::Outcome,
    import_clientflow::{self, ImportClientflowArgs},
    logging::{self, Format},
    products::{self, ProductsArgs},
    projector_command::{self, ProjectorArgs},
    quarantine::{self, QuarantineArgs},
    rebuild::{self, RebuildArgs},
    rollback::{self, RollbackArgs},
    serve::{self, ServeArgs},
    status::{self, StatusArgs},
    stderr,
    transfer::{self, ExportArgs, ImportArgs},
    verify::{self, VerifyArgs},
};

/// An event-sourced shop with read models.
///
/// Without a command: `sklep serve`. Every setting can also be given as an environment variable, which is
/// named with it; an empty one is the same as none. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a check found a difference.
#[derive(Debug, Parser)]
#[command(name = "sklep", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Serve(ServeArgs),
    Demo(DemoArgs),
    Customers(CustomersArgs),
    Products(ProductsArgs),
    Events(EventsArgs),
    ImportClientflow(ImportClientflowArgs),
    Status(StatusArgs),
    Quarantine(QuarantineArgs),
    Rebuild(RebuildArgs),
    Verify(VerifyArgs),
    Rollback(RollbackArgs),
    Projector(ProjectorArgs),
    Doctor(DoctorArgs),
    Export(ExportArgs),
    Import(ImportArgs),
}

/// Reads the command line; ends the program with exit code 2 and a hint when it cannot be meant.
pub(crate) fn parse() -> Command {
    let read = |typed: Vec<OsString>| {
        let command = without_empty(Cli::command(), &|name| {
            std::env::var_os(name).is_some_and(|value| value.is_empty())
        });
        read(command, typed).unwrap_or_else(|error| refuse(&error)).command
    };
    let serve = || read(vec!["sklep".into(), "serve".into()]);
    match read(std::env::args_os().collect()).or_else(serve) {
        Some(command) => command,
        None => unreachable!("`serve` is a command"),
    }
}

fn read(command: clap::Command, typed: Vec<OsString>) -> Result<Cli, clap::Error> {
    let matches = precedence::matches(command, &typed);
    let read = matches.and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches));
    read.map_err(|error| {
        if error.kind() == ErrorKind::DisplayHelp {
            // Help names every variable, the empty ones too.
            return Cli::command().try_get_matches_from(typed).err().unwrap_or(error);
        }
        error.format(&mut Cli::command())
    })
}

/// The command line as it is when empty variables are absent ones, which is how shells and Compose files unset them.
fn without_empty(command: clap::Command, is_empty: &impl Fn(&OsStr) -> bool) -> clap::Command {
    let without = |option: clap::Arg| {
        if option.get_env().is_some_and(is_empty) { option.env(None) } else { option }
    };
    command.mut_args(without).mut_subcommands(|below| without_empty(below, is_empty))
}

/// The command line without this variable.
fn without_variable(command: clap::Command, variable: &str) -> clap::Command {
    without_empty(command, &|name| name == variable)
}

fn refuse(error: &clap::Error) -> ! {
    // Fails where nobody reads it.
    let _ = error.print();
    if let Some(variable) = variable_at_fault(error, std::env::args()) {
        stderr::line(format_args!("The value comes from the variable {variable}."));
    }
    std::process::exit(error.exit_code())
}

/// The variable that a refused value comes from, which clap calls by the option; none when it was typed.
fn variable_at_fault(
    error: &clap::Error,
    mut typed: impl Iterator<Item = String>,
) -> Option<String> {
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let option = option.split_whitespace().next()?;
    let is_it =
        |it: String| it == option || it.split_once('=').is_some_and(|(name, _)| name == option);
    if typed.any(is_it) {
        return None;
    }
    let variable = format!("SKLEP_{}", option.strip_prefix("--")?.to_uppercase().replace('-', "_"));
    std::env::var_os(&variable).map(|_set| variable)
}

/// Does it.
pub(crate) async fn run(command: Command) -> anyhow::Result<Outcome> {
    match &command {
        // It has an option for that.
        Command::Serve(_) => {}
        // It says itself what is doubtful.
        Command::Doctor(_) => logging::to_stderr(Format::Text, "error"),
        // What is doubtful about the topic is not their business; `doctor` and `status` tell it.
        Command::Status(_)
        | Command::Quarantine(_)
        | Command::Rebuild(_)
        | Command::Verify(_)
        | Command::Rollback(_)
        | Command::Projector(_) => logging::to_stderr(Format::Text, "warn,event_log::kafka=error"),
        Command::Demo(_)
        | Command::Customers(_)
        | Command::Products(_)
        | Command::Events(_)
        | Command::ImportClientflow(_)
        | Command::Export(_)
        | Command::Import(_) => logging::to_stderr(Format::Text, "warn"),
    }
    begin(command).await
}

fn begin(command: Command) -> LocalBoxFuture<'static, anyhow::Result<Outcome>> {
    match command {
        Command::Serve(args) => serve::run(args).boxed_local(),
        Command::Demo(args) => demo::run(args).boxed_local(),
        Command::Customers(args) => customers::run(args).boxed_local(),
        Command::Products(args) => products::run(args).boxed_local(),
        Command::Events(args) => events::run(args).boxed_local(),
        Command::ImportClientflow(args) => import_clientflow::run(args).boxed_local(),
        Command::Status(args) => status::run(args).boxed_local(),
        Command::Quarantine(args) => quarantine::run(args).boxed_local(),
        Command::Rebuild(args) => rebuild::run(args).boxed_local(),
        Command::Verify(args) => verify::run(args).boxed_local(),
        Command::Rollback(args) => rollback::run(args).boxed_local(),
        Command::Projector(args) => projector_command::run(args).boxed_local(),
        Command::Doctor(args) => doctor::run(args).boxed_local(),
        Command::Export(args) => transfer::export(args).boxed_local(),
        Command::Import(args) => transfer::import(args).boxed_local(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::{Cli, without_empty};

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_option_is_an_environment_variable_too_and_help_says_so() {
        let mut cli = Cli::command();
        cli.build();
        check_options(&cli);
    }

    /// How many options of this command and those below it are read from a variable.
    fn variables(command: &clap::Command) -> usize {
        let own = command.get_opts().filter(|option| option.get_env().is_some()).count();
        std::iter::once(own).chain(command.get_subcommands().map(variables)).sum()
    }

    #[test]
    fn an_empty_variable_is_an_absent_one_for_every_option_of_every_command() {
        let all = variables(&Cli::command());
        assert!(all > 60, "{all}");
        assert_eq!(variables(&without_empty(Cli::command(), &|_| false)), all);
        assert_eq!(variables(&without_empty(Cli::command(), &|_| true)), 0);
        let few = variables(&without_empty(Cli::command(), &|name| name == "SKLEP_JSON"));
        assert!((all / 2..all).contains(&few), "{few} of {all}");
    }

    /// Of this command and those below it.
    fn check_options(command: &clap::Command) {
        let help = command.clone().render_long_help().to_string();
        for option in command.get_opts() {
            let name = option.get_long().unwrap();
            let variable = format!("SKLEP_{}", name.to_uppercase().replace('-', "_"));
            let told = option.get_env().and_then(|env| env.to_str());
            assert_eq!(told, Some(variable.as_str()), "{} --{name}", command.get_name());
            assert!(help.contains(&format!("[env: {variable}")), "{name} in:\n{help}");
        }
        command.get_subcommands().filter(|it| it.get_name() != "help").for_each(check_options);
    }
}
