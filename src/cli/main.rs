//! The program `omnilogs`: reads the environment and the command line, runs the command, reports
//! its failure and ends.

#[cfg(not(unix))]
compile_error!("omnilogs supports Unix only: it needs Unix file modes, signals and terminals");

mod args;
mod choices;
mod command_line;
mod commands;
mod config_file;
mod credentials;
mod failure;
mod help;
mod io;
mod parse_error;
mod session;
mod settings;
#[cfg(test)]
mod tests;
mod text;
mod time_input;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use clap_complete::CompleteEnv;
use omnilogs::clock::{Interrupt, SystemClock};
use rustix::process::{Resource, Rlimit};

use crate::args::ConnectionArgs;
use crate::choices::{ColourChoice, FormatName};
use crate::command_line::{Cli, Command, DefaultAction};
use crate::commands::{
    archive, completions, config, doctor, explain, follow, help as help_command, list, login, man,
    sandbox, show, stats, wait,
};
use crate::failure::Failure;
use crate::help::{HelpRequest, HelpStyle, command_help};
use crate::io::environment::Environment;
use crate::io::jq;
use crate::io::output;
use crate::io::report::{Report, ReportOptions};
use crate::io::service_manager::ServiceManager;
use crate::io::signals::Signals;
use crate::session::context::Context;

/// Longer lines of a help text are hard to read.
const MAX_HELP_WIDTH: usize = 100;

const NO_CORE_DUMP: Rlimit = Rlimit { current: Some(0), maximum: Some(0) };

fn main() -> ExitCode {
    if jq::is_evaluator() {
        return jq::serve();
    }
    CompleteEnv::with_factory(|| help::build_commands(command_line::command()))
        .var(completions::VARIABLE)
        .shells(completions::SHELLS)
        .complete();
    let words: Vec<OsString> = std::env::args_os().collect();
    let environment = Environment::read();
    let mut signals = Signals::default();
    let (report, outcome) = if let Some(request) = HelpRequest::of_program(&words) {
        let report = Report::new(on_stderr(None, &environment));
        let style = help_style(None, &environment);
        let text = command_help(command_line::command(), &request, style).unwrap_or_default();
        (Arc::new(report), output::print(text.as_bytes()))
    } else {
        match command_line::read(&words) {
            Ok(cli) => {
                let report = Arc::new(Report::new(report_options(&cli, &environment)));
                let outcome = start(cli, environment, Arc::clone(&report), &mut signals);
                (report, outcome)
            }
            Err(error) => {
                let json = parse_error::selects_json(&words);
                let report = Report::new(ReportOptions { json, ..on_stderr(None, &environment) });
                let style = help_style(parse_error::colour_choice(&words), &environment);
                let outcome = parse_error::result(&error, &words, style)
                    .and_then(|text| output::print(text.as_bytes()));
                (Arc::new(report), outcome)
            }
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report.failure(&failure);
            if failure.kind.is_signal() {
                signals.end();
            }
            ExitCode::from(failure.kind.code())
        }
    }
}

fn report_options(cli: &Cli, environment: &Environment) -> ReportOptions {
    let args = &cli.connection;
    ReportOptions {
        verbose: args.verbose,
        quiet: args.quiet,
        json: args.output.is_some_and(FormatName::is_json),
        ..on_stderr(args.color, environment)
    }
}

/// The properties of standard error.
fn on_stderr(colour: Option<ColourChoice>, environment: &Environment) -> ReportOptions {
    let terminal = environment.stderr_terminal;
    ReportOptions {
        terminal,
        piped: environment.stdout_piped,
        width: environment.stderr_width,
        colour: settings::colour(colour, terminal, environment),
        ..ReportOptions::default()
    }
}

/// How a help text is shown on standard output.
fn help_style(colour: Option<ColourChoice>, environment: &Environment) -> HelpStyle {
    let terminal = environment.stdout_terminal;
    let width = environment.width.or(environment.columns()).unwrap_or(80);
    HelpStyle {
        width: width.min(MAX_HELP_WIDTH),
        colour: settings::colour(colour, terminal, environment),
    }
}

fn start(
    cli: Cli,
    environment: Environment,
    report: Arc<Report>,
    signals: &mut Signals,
) -> Result<(), Failure> {
    // A core dump would contain the credentials. The run does not depend on the limit, and goes on
    // where it cannot be set.
    let _ = rustix::process::setrlimit(Resource::Core, NO_CORE_DUMP);
    let interrupt = Interrupt::new();
    *signals = Signals::listen(interrupt.clone(), &report)
        .map_err(|error| Failure::new(failure::Kind::Local, error.to_string()))?;
    let clock = Arc::new(SystemClock::new(interrupt.clone()));
    let clock = ServiceManager::of(&environment).watched(clock);
    let signals = signals.clone();
    run(cli, &Context { environment, report, clock, interrupt, signals })
}

fn run(cli: Cli, context: &Context) -> Result<(), Failure> {
    let Cli { default, connection, command } = cli;
    // A help text is the same in every zone.
    if !matches!(command, Some(Command::Help(_))) {
        context.note_zone(&connection);
    }
    match command {
        None => run_default(&default, &connection, context),
        Some(Command::List(args)) => run_default(&args, &connection, context),
        Some(Command::Follow(args)) => follow::run(&args, &connection, context),
        Some(Command::Show(args)) => show::run(&args, &connection, context),
        Some(Command::Wait(args)) => wait::run(&args, &connection, context),
        Some(Command::Explain(args)) => explain::run(&args, &connection, context),
        Some(Command::Stats(args)) => stats::run(&args, &connection, context),
        Some(Command::Archive(args)) => archive::run(&args, &connection, context),
        Some(Command::Login) => login::run(&connection, context),
        Some(Command::Config(command)) => config::run(command, &connection, context),
        Some(Command::Doctor(args)) => doctor::run(&args, &connection, context),
        Some(Command::Sandbox(args)) => sandbox::run(&args, context),
        Some(Command::Completions(args)) => completions::run(&args),
        Some(Command::Man(args)) => man::run(&args, &command_line::command()),
        Some(Command::Help(args)) => {
            let style = help_style(connection.color, &context.environment);
            help_command::run(&args, &command_line::command(), style)
        }
    }
}

/// Lists or follows messages.
fn run_default(
    action: &DefaultAction,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let DefaultAction { list, follow, pace } = action;
    match pace.given() {
        _ if *follow => follow::follow(list.into(), pace, connection, context),
        Some(flag) => Err(Failure::usage(format!("{flag} works with follow only"))
            .hint("use omnilogs follow, or omnilogs -f, with the same filters")),
        None => list::run(list, connection, context),
    }
}
