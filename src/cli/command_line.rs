//! The whole command line: global options, the default action and the commands.

use std::ffi::{OsStr, OsString};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use crate::args::{ConnectionArgs, ListArgs, MessageWord, PaceArgs};
use crate::commands::archive::ArchiveArgs;
use crate::commands::completions::CompletionsArgs;
use crate::commands::config::ConfigCommand;
use crate::commands::doctor::DoctorArgs;
use crate::commands::explain::ExplainArgs;
use crate::commands::follow::FollowArgs;
use crate::commands::help::HelpArgs;
use crate::commands::man::ManArgs;
use crate::commands::sandbox::SandboxArgs;
use crate::commands::show::ShowArgs;
use crate::commands::stats::StatsArgs;
use crate::commands::wait::WaitArgs;
use crate::help::{self, TOPICS};

/// Inspect message logs of the Infobip OMNI API: what was sent in the last 48 hours, and did it
/// arrive?
#[derive(Debug, Parser)]
#[command(
    name = "omnilogs",
    version = version(option_env!("OMNILOGS_COMMIT"), option_env!("OMNILOGS_TARGET")),
    about = "Inspect message logs of the Infobip OMNI API: did it arrive?",
    disable_help_subcommand = true,
    subcommand_help_heading = "Commands",
    mut_args(|arg| match arg.get_id().as_str() {
        // Only --follow uses these options; the help of the command follow shows them.
        "interval" | "lookback" | "time" => arg.hide_short_help(true),
        _ => arg,
    }),
    override_usage = "omnilogs [FILTERS] [OPTIONS]\n       omnilogs <ID | NUMBER | ADDRESS>\n       omnilogs <COMMAND> …"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) default: DefaultAction,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// The version, with the commit and the target where the build names them, as that of a package
/// does.
fn version(commit: Option<&str>, target: Option<&str>) -> String {
    let build: Vec<&str> = commit.into_iter().chain(target).collect();
    let version = env!("CARGO_PKG_VERSION");
    if build.is_empty() { version.to_owned() } else { format!("{version} ({})", build.join(", ")) }
}

/// What the program does without a command: it lists messages, or follows them.
#[derive(Debug, Args)]
pub(crate) struct DefaultAction {
    #[command(flatten)]
    pub(crate) list: ListArgs,
    /// Show the last messages, then new ones as they arrive; the same as the command follow
    #[arg(short, long, help_heading = "Output")]
    pub(crate) follow: bool,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
}

// Deferred, because describing the options of every command would take most of the time of a short
// run.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum Command {
    /// List messages; the same as no command
    #[command(alias = "logs", hide = true)]
    List(Box<DefaultAction>),
    /// Show the last messages, then new ones as they arrive, and each again when its status changes
    #[command(alias = "tail")]
    Follow(Box<FollowArgs>),
    /// Show a message: did it arrive, when, over which channel, and if not, why and what to do
    ///
    /// The first 8 characters of an id are enough; the program then searches page by page, newest
    /// first. A phone number or an e-mail address shows the messages that were sent to it, newest
    /// first, or the one message if there is only one. The exit status is 10 when no message has
    /// the id, or when several have ids that begin with it.
    #[command(aliases = ["get", "view"])]
    Show(Box<ShowArgs>),
    /// Wait until every message has a final status
    ///
    /// The exit status is 0 when all were delivered, 10 when some were not, and 3 when time ran
    /// out. A message is written to standard output as soon as its status is final.
    Wait(Box<WaitArgs>),
    /// Explain what a status or an error means and what to do; works offline
    ///
    /// With --archive, --input or --sandbox, explains the codes of the messages in that source, the
    /// most frequent first, each with the number of messages that have it.
    Explain(Box<ExplainArgs>),
    /// Count messages: how many arrived, how long they took, what they cost
    ///
    /// Counts every message in the window, unless --limit is given.
    Stats(Box<StatsArgs>),
    /// Keep messages longer than the API does: fetch, check, delete
    Archive(Box<ArchiveArgs>),
    /// Ask for the base URL and the API key, check them with the API, and save them
    ///
    /// The key is not shown while it is typed, and is saved in the configuration file, which only
    /// you can read. --profile NAME saves another profile. Needs a terminal.
    Login,
    /// Write, edit, show or find the configuration file
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
    #[command(alias = "completion")]
    Completions(CompletionsArgs),
    /// Print a manual page (roff)
    Man(ManArgs),
    /// Describe a command or a topic
    Help(HelpArgs),
}

/// The command line as clap describes it. The options of a command are added when clap builds it.
pub(crate) fn command() -> clap::Command {
    Cli::command()
        .mut_subcommand("man", |man| {
            man.defer(|man| {
                let names = ArgValueCompleter::new(commands);
                ManArgs::augment_args(man).mut_arg("names", |arg| arg.add(names))
            })
        })
        .mut_subcommand("help", |help| {
            help.defer(|help| {
                let names = ArgValueCompleter::new(help_names);
                HelpArgs::augment_args(help).mut_arg("names", |arg| arg.add(names))
            })
        })
}

/// The commands that start with the typed text.
fn commands(current: &OsStr) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy();
    let program = Cli::command();
    let known = program.get_subcommands().filter(|command| !command.is_hide_set());
    let named = known.filter(|command| command.get_name().starts_with(current.as_ref()));
    named.map(|it| CompletionCandidate::new(it.get_name()).help(it.get_about().cloned())).collect()
}

/// The commands and topics that start with the typed text.
fn help_names(current: &OsStr) -> Vec<CompletionCandidate> {
    let text = current.to_string_lossy();
    let named = TOPICS.iter().filter(|topic| topic.name.starts_with(text.as_ref()));
    let topics = named.map(|it| CompletionCandidate::new(it.name).help(Some(it.about.into())));
    commands(current).into_iter().chain(topics).collect()
}

/// Reads a command line. When help is requested, the text of the error is one that
/// [`HelpRequest::parse`](help::HelpRequest::parse) reads.
///
/// # Errors
/// When help or the version is requested, or the arguments are not understood.
pub(crate) fn read(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let mut command = help::with_help_markers(command());
    let matches = match command.try_get_matches_from_mut(arguments) {
        Err(error) if names_messages(&error) && !names_command(arguments) => {
            command.try_get_matches_from_mut(with_show(arguments))
        }
        matches => matches,
    }?;
    if let Some((name, _)) = matches.subcommand() {
        refuse_options_before_command(&command, &matches, name)?;
    }
    let listing = matches.subcommand_matches("list");
    let options = listing.unwrap_or(&matches);
    if options.get_flag("follow") {
        command.build();
        let list = listing.and(command.find_subcommand("list")).unwrap_or(&command);
        if let Some(follow) = command.find_subcommand("follow") {
            refuse_options_without_follow(list, options, follow)?;
        }
    }
    Cli::from_arg_matches(&matches)
}

/// Whether a command line was refused for a word that is not a command and names messages.
fn names_messages(error: &clap::Error) -> bool {
    let word = [ContextKind::InvalidSubcommand, ContextKind::InvalidArg]
        .into_iter()
        .find_map(|kind| error.get(kind));
    matches!(word, Some(ContextValue::String(word)) if MessageWord::is_known_form(word))
}

/// Whether a command line that cannot be read names a command in front of the word that is refused.
fn names_command(arguments: &[OsString]) -> bool {
    let read = command().ignore_errors(true).try_get_matches_from(arguments);
    read.is_ok_and(|matches| matches.subcommand_name().is_some())
}

/// The command line with the command `show` in front of its words.
fn with_show(arguments: &[OsString]) -> Vec<OsString> {
    let (program, rest) = arguments.split_at(1.min(arguments.len()));
    [program, &[OsString::from("show")], rest].concat()
}

/// Refuses an option of the default action in front of a command, which would ignore it silently.
fn refuse_options_before_command(
    command: &clap::Command,
    matches: &ArgMatches,
    name: &str,
) -> Result<(), clap::Error> {
    let Some(arg) = given(command, matches).next() else { return Ok(()) };
    let flag = arg.get_long().unwrap_or(arg.get_id().as_str());
    Err(command.clone().error(
        ErrorKind::ArgumentConflict,
        format!("--{flag} is in front of the command '{name}'; put it after '{name}' if that command takes it"),
    ))
}

/// Refuses an option with `--follow` that the command `follow` does not have.
fn refuse_options_without_follow(
    command: &clap::Command,
    matches: &ArgMatches,
    follow: &clap::Command,
) -> Result<(), clap::Error> {
    let is_of_follow =
        |arg: &clap::Arg| follow.get_arguments().any(|known| known.get_id() == arg.get_id());
    for arg in given(command, matches).filter(|arg| *arg.get_id() != "follow") {
        if !is_of_follow(arg) {
            let flag = arg.get_long().unwrap_or(arg.get_id().as_str());
            let mut error = clap::Error::new(ErrorKind::ArgumentConflict).with_cmd(command);
            error.insert(ContextKind::InvalidArg, ContextValue::String(format!("--{flag}")));
            error.insert(ContextKind::PriorArg, ContextValue::String("--follow".to_owned()));
            return Err(error);
        }
    }
    Ok(())
}

/// The options of the default action that were given.
fn given<'c>(
    command: &'c clap::Command,
    matches: &'c ArgMatches,
) -> impl Iterator<Item = &'c clap::Arg> {
    command.get_arguments().filter(|arg| {
        let source = matches.value_source(arg.get_id().as_str());
        !arg.is_global_set() && source == Some(ValueSource::CommandLine)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_names_the_commit_and_the_target_where_they_are_known() {
        let number = env!("CARGO_PKG_VERSION");
        assert_eq!(version(None, None), number);
        assert_eq!(version(Some("1a2b3c"), None), format!("{number} (1a2b3c)"));
        let whole = version(Some("1a2b3c"), Some("x86_64-unknown-linux-gnu"));
        assert_eq!(whole, format!("{number} (1a2b3c, x86_64-unknown-linux-gnu)"));
    }
}
