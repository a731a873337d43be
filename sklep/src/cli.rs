//! What can be typed.

use clap::{
    Parser, Subcommand,
    error::{ContextKind, ContextValue},
};

use futures::{FutureExt as _, future::LocalBoxFuture};

use crate::{
    customers::{self, CustomersArgs},
    demo::{self, DemoArgs},
    doctor::{self, DoctorArgs},
    events::{self, EventsArgs},
    exit::Outcome,
    import_clientflow::{self, ImportClientflowArgs},
    logging::{self, Format},
    products::{self, ProductsArgs},
    projector_command::{self, ProjectorArgs},
    quarantine::{self, QuarantineArgs},
    rebuild::{self, RebuildArgs},
    rollback::{self, RollbackArgs},
    say,
    serve::{self, ServeArgs},
    status::{self, StatusArgs},
    transfer::{self, ExportArgs, ImportArgs},
    verify::{self, VerifyArgs},
};

/// An event-sourced shop with read models.
///
/// Without a command: `sklep serve`. Every option can also be given as an environment variable, which is
/// named with it. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a check found a difference.
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
    let serve = || Cli::parse_from(["sklep", "serve"]).command;
    let cli = Cli::try_parse().unwrap_or_else(|error| refuse(&error));
    match cli.command.or_else(serve) {
        Some(command) => command,
        None => unreachable!("`serve` is a command"),
    }
}

fn refuse(error: &clap::Error) -> ! {
    // Fails where nobody reads it.
    let _ = error.print();
    if let Some(variable) = variable_at_fault(error, std::env::args()) {
        say::line(format_args!("The value comes from the variable {variable}."));
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

    use super::Cli;

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
