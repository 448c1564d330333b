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
  omnilogs config init             writes a commented file to put a key in
  OMNILOGS_API_KEY=… omnilogs      a key from the environment
  omnilogs -p staging --since 15m  another profile of the file";

const EXIT_CODES: &str = "\
Exit status:
  0  everything asked for was delivered (no rows is fine)
  1  local input or output failed           6  not reached or cut off
  2  usage or configuration; nothing sent   7  throttled beyond --max-wait
  3  incomplete: stderr says what           8  answer not understood
  4  credentials missing or refused         9  query refused
  5  the server failed after retries       10  a condition does not hold";

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
        // They mean something with --follow alone; the help of the command follow shows them.
        "interval" | "lookback" | "time" => arg.hide_short_help(true),
        _ => arg,
    }),
    override_usage = "omnilogs [FILTERS] [OPTIONS]\n       omnilogs <COMMAND> …"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) list: ListArgs,
    /// Show the last messages, then new ones as they come; the same as the command follow
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
    /// Show the last messages, then new ones as they come, and each again when its status changes
    Follow(Box<FollowArgs>),
    /// Wait until messages have come to their end
    ///
    /// Ends with 0 when all were delivered, 10 when some ended otherwise, 3 when time ran out; the
    /// final messages go to standard output as they end.
    Wait(Box<WaitArgs>),
    /// Say what a status or an error means, and what to do; asks nobody
    Explain(ExplainArgs),
    /// Count messages: how many arrived, how long they took, what they cost
    ///
    /// All in the window are counted, unless --limit says fewer.
    Stats(Box<StatsArgs>),
    /// Write, show or find the configuration file
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Check the set-up step by step, from the configuration to the server's clock
    ///
    /// A line for each check: ok, warning, failed or skipped, and what mends it. Asks the API once,
    /// for one message that is not shown. Ends with the exit status of the first check that failed.
    Doctor(DoctorArgs),
    /// Serve the API on loopback with made-up traffic, to aim scripts at
    Sandbox(SandboxArgs),
    /// Print the script that completes commands in a shell
    Completions(CompletionsArgs),
    /// Print the manual page (roff)
    Man,
}

/// Reads a command line.
///
/// # Errors
/// When help or the version is asked for, or the words cannot be understood.
pub(crate) fn read(words: &[OsString]) -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    let matches = command.try_get_matches_from_mut(words)?;
    if let Some((name, _)) = matches.subcommand() {
        refuse_stray_filters(&command, &matches, name)?;
    }
    Cli::from_arg_matches(&matches)
}

/// What is typed before a command belongs to the default action, unless every command takes it:
/// silence would ignore a filter.
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
                format!("--{flag} stands before the command '{name}'; write it after '{name}', if that takes it"),
            ));
        }
    }
    Ok(())
}
