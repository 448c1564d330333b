//! One file a command: what it takes and what it does.

pub(crate) mod completions;
pub(crate) mod config;
mod doctor;
pub(crate) mod explain;
pub(crate) mod follow;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod sandbox;
pub(crate) mod stats;
pub(crate) mod wait;

pub(crate) use config::ConfigCommand;

use std::sync::Arc;

use omnilogs::clock::{Clock, Interrupt};

use crate::args::{Cli, Command, ConnectionArgs, FormatName};
use crate::config_file::Defaults;
use crate::failure::Failure;
use crate::io::environment::Surroundings;
use crate::io::output::{Output, write_failure};
use crate::io::report::Report;
use crate::io::signals::Signals;
use crate::parse_error;
use crate::session::source::asked;
use crate::settings;

/// What every command works with.
pub(crate) struct Context {
    pub(crate) surroundings: Surroundings,
    pub(crate) report: Arc<Report>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) interrupt: Interrupt,
    pub(crate) signals: Signals,
}

impl Context {
    /// Tells why times are in UTC though no flag says so: unasked when the environment names a zone.
    pub(crate) fn note_zone(&self, connection: &ConnectionArgs, defaults: &Defaults) {
        let Some(note) = settings::zone_note(connection, defaults, &self.surroundings) else {
            return;
        };
        if self.surroundings.has("TZ") {
            self.report.warn(note);
        } else {
            self.report.detail(1, note);
        }
    }
}

/// Does what was asked.
pub(crate) fn run(cli: Cli, context: &Context) -> Result<(), Failure> {
    let Cli { list, follow, pace, connection, command } = cli;
    match command {
        None if follow => follow::run(&list, &pace, &connection, context),
        None => match pace.given() {
            Some(flag) => Err(Failure::usage(format!("{flag} needs follow"))
                .hint("omnilogs follow, or omnilogs -f, with the same filters")),
            None => list::run(&list, &connection, context),
        },
        Some(Command::Follow(args)) => follow::run(&args.list, &args.pace, &connection, context),
        Some(Command::Wait(args)) => wait::run(&args, &connection, context),
        Some(Command::Explain(args)) => explained(&args, &connection, context),
        Some(Command::Stats(args)) => stats::run(&args, &connection, context),
        Some(Command::Config(command)) => configure(command, &connection, context),
        Some(Command::Doctor(args)) => doctor::run(&args, &connection, context),
        Some(Command::Sandbox(args)) => sandbox::run(&args, context),
        Some(Command::Completions(args)) => completions::run(&args),
        Some(Command::Man) => man::run(),
    }
}

fn configure(
    command: ConfigCommand,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let json = connection.output.is_some_and(FormatName::is_json);
    let answer = config::answer(command, &asked(connection), json, &context.surroundings)?;
    for warning in &answer.warnings {
        context.report.warn(warning);
    }
    print(&answer.output)
}

fn explained(
    args: &explain::ExplainArgs,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let surroundings = &context.surroundings;
    let terminal = surroundings.stdout_terminal;
    let manner = explain::Manner {
        format: connection.output.unwrap_or(FormatName::Table),
        width: terminal.then(|| surroundings.width.unwrap_or(80)),
        colour: settings::colour(connection.color, terminal, surroundings),
        indent: terminal,
    };
    explain::run(args, manner, &mut Output::open(None)?)
}

/// Writes what a command found out to standard output.
pub(crate) fn print(bytes: &[u8]) -> Result<(), Failure> {
    parse_error::print(bytes).or_else(|error| write_failure(&error).map_or(Ok(()), Err))
}
