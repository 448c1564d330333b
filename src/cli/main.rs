//! The program `omnilogs`: look around, read the command line, run, report, end.

mod args;
mod choices;
mod commands;
mod config_file;
mod credentials;
mod failure;
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

use clap::CommandFactory;
use clap_complete::CompleteEnv;
use omnilogs::clock::{Interrupt, SystemClock};

use crate::args::Cli;
use crate::commands::Context;
use crate::failure::Failure;
use crate::io::environment::Surroundings;
use crate::io::report::{Manner, Report};
use crate::io::{output, signals};

fn main() -> ExitCode {
    CompleteEnv::with_factory(Cli::command).complete();
    let words: Vec<OsString> = std::env::args_os().collect();
    let surroundings = Surroundings::read();
    let (report, outcome) = match args::read(&words) {
        Ok(cli) => {
            let report = Arc::new(Report::new(manner(&cli, &surroundings)));
            let outcome = start(cli, surroundings, Arc::clone(&report));
            (report, outcome)
        }
        Err(error) => {
            let json = parse_error::asks_for_json(&words);
            let colour = settings::colour(None, surroundings.stderr_terminal, &surroundings);
            let report = Report::new(Manner { colour, json, ..Manner::default() });
            let outcome = parse_error::understood(&error, &words).and_then(|text| {
                parse_error::print(text.as_bytes())
                    .or_else(|e| output::write_failure(&e).map_or(Ok(()), Err))
            });
            (Arc::new(report), outcome)
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report.failure(&failure);
            ExitCode::from(failure.kind.code())
        }
    }
}

fn manner(cli: &Cli, surroundings: &Surroundings) -> Manner {
    let args = &cli.connection;
    Manner {
        verbose: args.verbose,
        quiet: args.quiet,
        terminal: surroundings.stderr_terminal,
        width: surroundings.stderr_width,
        colour: settings::colour(args.color, surroundings.stderr_terminal, surroundings),
        json: args.output.is_some_and(args::FormatName::is_json),
    }
}

fn start(cli: Cli, surroundings: Surroundings, report: Arc<Report>) -> Result<(), Failure> {
    let interrupt = Interrupt::new();
    let signals = signals::Signals::listen(interrupt.clone(), Arc::clone(&report))
        .map_err(|error| Failure::new(failure::Kind::Local, error.to_string()))?;
    let clock = Arc::new(SystemClock::new(interrupt.clone()));
    commands::run(cli, &Context { surroundings, report, clock, interrupt, signals })
}
