//! `help`: describes a command or a topic.

use clap::{Args, Command};

use crate::failure::Failure;
use crate::help::{HelpRequest, HelpStyle, Length, TOPICS, command_help, topic_help};
use crate::io::output::print;
use crate::text::{closest, quoted};

/// Options of `help`.
#[derive(Debug, Args)]
pub(crate) struct HelpArgs {
    /// A command, or a topic: exit-codes, environment, time, connection
    #[arg(value_name = "COMMAND|TOPIC")]
    pub(crate) names: Vec<String>,
}

/// Prints the help of a command or a topic; without a name, that of the program.
pub(crate) fn run(args: &HelpArgs, program: &Command, style: HelpStyle) -> Result<(), Failure> {
    print(text(&args.names, program, style)?.as_bytes())
}

fn text(names: &[String], program: &Command, style: HelpStyle) -> Result<String, Failure> {
    if let [name] = names
        && let Some(topic) = TOPICS.iter().find(|topic| topic.name == name.to_lowercase())
    {
        return Ok(topic_help(topic, program.clone(), style));
    }
    let request = HelpRequest { command: names.to_vec(), length: Length::Long };
    command_help(program.clone(), &request, style).ok_or_else(|| unknown(names, program))
}

fn unknown(names: &[String], program: &Command) -> Failure {
    let name = names.join(" ");
    let commands = program.get_subcommands().filter(|command| !command.is_hide_set());
    let known: Vec<_> =
        commands.map(Command::get_name).chain(TOPICS.iter().map(|topic| topic.name)).collect();
    let failure = Failure::usage(format!("{} is not a command or a topic", quoted(&name)));
    match closest(&name, known.iter().copied()) {
        Some(meant) => failure.hint(format!("omnilogs help {meant}")),
        None => failure,
    }
    .hint(format!("omnilogs help describes {}", known.join(", ")))
}
