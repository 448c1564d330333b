//! The whole command line: global options, the default action and the commands.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::args::{ConnectionArgs, ListArgs, PaceArgs};
use crate::commands::completions::CompletionsArgs;
use crate::commands::config::ConfigCommand;
use crate::commands::doctor::DoctorArgs;
use crate::commands::explain::ExplainArgs;
use crate::commands::follow::FollowArgs;
use crate::commands::sandbox::SandboxArgs;
use crate::commands::stats::StatsArgs;
use crate::commands::wait::WaitArgs;

const EXAMPLES: &str = "\
Examples (each runs without an account):
  omnilogs --sandbox --channel PUSH --limit 20
  omnilogs --sandbox --status REJECTED --since 2h --wide
  omnilogs --sandbox --since 1h -o json | jq '.results[].status.name'
  omnilogs --sandbox --grep 'code' -i --columns sentAt,to,text
  omnilogs --sandbox --to 447700900123 --dry-run

With an account:
  omnilogs config init             writes a commented file for your key
  OMNILOGS_API_KEY=… omnilogs      a key from the environment
  omnilogs -p staging --since 15m  another profile of that file";

const EXIT_CODES: &str = "\
Exit status:
  0  the complete result was written (an empty one too)
  1  local input or output failed           6  not reached or cut off
  2  usage or configuration; nothing sent   7  throttled (HTTP 429) beyond --max-wait
  3  incomplete: stderr says which rows     8  response not understood or too large
  4  credentials missing or refused         9  query refused
  5  the server failed after retries       10  a requested condition was not met";

/// Inspect message logs of the Infobip OMNI API: what was sent in the last 48 hours, and did it
/// arrive?
#[derive(Debug, Parser)]
#[command(
    name = "omnilogs",
    version,
    about = "Inspect message logs of the Infobip OMNI API: did it arrive?",
    after_help = "Run 'omnilogs --help' for every option, examples and exit codes.",
    after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"),
    max_term_width = 100,
    disable_help_subcommand = true,
    subcommand_help_heading = "Commands",
    mut_args(|arg| match arg.get_id().as_str() {
        // Only --follow uses them; the help of the command follow shows them.
        "interval" | "lookback" | "time" => arg.hide_short_help(true),
        _ => arg,
    }),
    override_usage = "omnilogs [FILTERS] [OPTIONS]\n       omnilogs <COMMAND> …"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) list: ListArgs,
    /// Show the last messages, then new ones as they arrive; the same as the command follow
    #[arg(short, long, help_heading = "Output")]
    pub(crate) follow: bool,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the last messages, then new ones as they arrive, and each again when its status changes
    Follow(Box<FollowArgs>),
    /// Wait until every message has a final status
    ///
    /// The exit status is 0 when all were delivered, 10 when some were not, and 3 when time ran
    /// out. A message is written to standard output as soon as its status is final.
    Wait(Box<WaitArgs>),
    /// Explain what a status or an error means and what to do; works offline
    Explain(ExplainArgs),
    /// Count messages: how many arrived, how long they took, what they cost
    ///
    /// Counts every message in the window, unless --limit is given.
    Stats(Box<StatsArgs>),
    /// Write, show or find the configuration file
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Check the set-up step by step, from the configuration to the server's clock
    ///
    /// Prints one line per check (ok, warning, failed or skipped) and the fix below each problem.
    /// Sends one request for one message, which it does not show. The exit status is that of the
    /// first failed check.
    Doctor(DoctorArgs),
    /// Run a local server with the API and generated traffic, for tests of scripts
    Sandbox(SandboxArgs),
    /// Print the completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page (roff)
    Man,
}

/// Reads a command line.
///
/// # Errors
/// When help or the version is requested, or the arguments are not understood.
pub(crate) fn read(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    let matches = command.try_get_matches_from_mut(arguments)?;
    if let Some((name, _)) = matches.subcommand() {
        refuse_stray_filters(&command, &matches, name)?;
    }
    Cli::from_arg_matches(&matches)
}

/// Refuses an option before a command, unless every command takes it. It belongs to the default
/// action, and would be ignored silently.
fn refuse_stray_filters(
    command: &clap::Command,
    matches: &ArgMatches,
    name: &str,
) -> Result<(), clap::Error> {
    for arg in command.get_arguments().filter(|arg| !arg.is_global_set()) {
        let id = arg.get_id().as_str();
        if matches.value_source(id) == Some(ValueSource::CommandLine) {
            let flag = arg.get_long().unwrap_or(id);
            return Err(command.clone().error(
                ErrorKind::ArgumentConflict,
                format!("--{flag} is in front of the command '{name}'; put it after '{name}' if that command takes it"),
            ));
        }
    }
    Ok(())
}
