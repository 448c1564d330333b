//! The help of one command, short or long.
//!
//! clap parses the command line and formats options. Which parts a help text has, and in which
//! order, is decided here.

use std::ffi::OsString;

use clap::builder::styling::Style;
use clap::builder::{Resettable, StyledStr, Styles};
use clap::{Arg, ArgAction, Command};

use super::layout::HelpPage;
use super::topics::{self, TOPICS};
use super::{HelpStyle, examples};

/// The heading of the options of the connection, which only `help connection` and the long help of
/// the program describe.
const CONNECTION: &str = "Connection";

/// The headings of options, and their labels in the short help. The help of a command shows them in
/// this order.
const GROUPS: [(&str, &str); 6] = [
    ("Filters (sent to the API)", "Filters"),
    ("Filters (applied locally)", "Local"),
    ("Output", "Output"),
    ("Source", "Source"),
    ("Global options", "General"),
    (CONNECTION, CONNECTION),
];
/// Columns of the longest of these labels.
const GROUP_WIDTH: usize = 10;

/// The length of a help text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// `-h`: one screen.
    Short,
    /// `--help`: everything.
    Long,
}

/// The help text that a command line requests.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HelpRequest {
    /// The names of the command and of those above it, without that of the program.
    pub(crate) command: Vec<String>,
    pub(crate) length: Length,
}

const SHORT: &str = "short";
const LONG: &str = "long";

/// Replaces the help texts of the program and its commands by markers, which
/// [`HelpRequest::parse`] reads. clap decides while it parses which help is requested, and the text
/// that it renders is the only report of that. clap builds the commands below these later; they get
/// their markers from [`with_help_marker`].
pub(crate) fn with_help_markers(program: Command) -> Command {
    set_marker(program, "").mut_subcommands(|below| with_help_marker(below, ""))
}

/// Replaces the help text of a command by a marker; `above` is the name of the command above it.
pub(crate) fn with_help_marker(command: Command, above: &str) -> Command {
    let names = format!("{above} {}", command.get_name());
    set_marker(command, &names)
}

fn set_marker(command: Command, names: &str) -> Command {
    command
        .help_template("{before-help}")
        .before_help(format!("{SHORT} {names}"))
        .before_long_help(format!("{LONG} {names}"))
}

impl HelpRequest {
    /// The request of a command line that is nothing but `-h` or `--help`, which needs no parser.
    pub(crate) fn of_program(words: &[OsString]) -> Option<Self> {
        let [_, word] = words else { return None };
        let length = match word.to_str()? {
            "-h" => Length::Short,
            "--help" => Length::Long,
            _ => return None,
        };
        Some(Self { command: Vec::new(), length })
    }

    /// Reads a marker of [`with_help_markers`].
    pub(crate) fn parse(rendered: &str) -> Self {
        let mut words = rendered.split_whitespace();
        let length = if words.next() == Some(LONG) { Length::Long } else { Length::Short };
        Self { command: words.map(str::to_owned).collect(), length }
    }
}

/// The help of a command; `None` when the program does not have it.
pub(crate) fn command_help(
    program: Command,
    request: &HelpRequest,
    style: HelpStyle,
) -> Option<String> {
    let mut program = match request.command.as_slice() {
        [] => without_command_options(program),
        typed => with_outlines(program, typed),
    };
    let usage = usage(&mut program, &request.command)?;
    let (command, names) = find(&program, &request.command)?;
    let help = CommandHelp { program: &program, command, names: &names, style };
    let mut page = HelpPage::new(style);
    let is_long = request.length == Length::Long;
    let summary = command.get_about();
    let about = if is_long { command.get_long_about().or(summary) } else { summary };
    page.paragraph(&about.map(ToString::to_string).unwrap_or_default());
    page.formatted(&text_of(&usage, style));
    let shown = if names.is_empty() && !is_long { examples::SHORT } else { usize::MAX };
    page.heading("Examples");
    page.commands(examples::of(&names).iter().take(shown).map(|it| (it.line, it.about)));
    if is_long {
        help.long(&mut page);
    } else {
        help.short(&mut page);
    }
    // The process ends after it has printed this text. Freeing thousands of small allocations would
    // take a measurable part of its time.
    std::mem::forget(program);
    Some(page.finish())
}

/// The program for its own help, which shows no options of commands. clap does not add the global
/// options to the commands then, which would take time.
fn without_command_options(program: Command) -> Command {
    program.styles(styles()).mut_args(|arg| arg.global(false))
}

/// The program with the command that is named, and of the other commands only what a list of commands
/// shows: describing the options of each would take most of the time.
fn with_outlines(program: Command, typed: &[String]) -> Command {
    let is_named = |command: &Command| {
        let mut names = command.get_all_aliases().chain([command.get_name()]);
        typed.first().is_some_and(|typed| names.any(|name| name == typed))
    };
    let shortened = |below| if is_named(&below) { below } else { outline(&below) };
    build_commands(program.mut_subcommands(shortened))
}

/// Builds the options of every command. clap takes the doc comment of the type of these options for
/// the description of the command, so the description is set again.
pub(crate) fn build_commands(program: Command) -> Command {
    let mut program = program.styles(styles());
    let described: Vec<_> = program
        .get_subcommands()
        .map(|it| (it.get_about().cloned(), it.get_long_about().cloned()))
        .collect();
    program.build();
    let mut described = described.into_iter();
    program.mut_subcommands(|below| match described.next() {
        Some((about, long)) => {
            below.about(Resettable::from(about)).long_about(Resettable::from(long))
        }
        // The command `help`, which clap may add.
        None => below,
    })
}

/// The part of a command that a list of commands shows.
fn outline(command: &Command) -> Command {
    let about = command.get_about().cloned();
    Command::new(command.get_name().to_owned())
        .about(Resettable::from(about))
        .hide(command.is_hide_set())
        .disable_help_flag(true)
}

/// The options of the connection with their whole text.
pub(super) fn connection_options(program: Command, style: HelpStyle) -> String {
    let program = without_command_options(program).mut_subcommands(|command| command.hide(true));
    let help = CommandHelp { program: &program, command: &program, names: "", style };
    help.options(is_connection, Length::Long)
}

/// A command as its manual page describes it.
pub(crate) struct ManualEntry {
    /// Its options in the order of the help, without those of the connection, which only the page
    /// of the program describes.
    pub(crate) command: Command,
    /// Its name, and those of the commands above it; empty for the program.
    pub(crate) names: String,
    /// Whether it takes the options of the connection.
    pub(crate) has_connection: bool,
    /// The names of the commands below it, or beside it when there are none.
    pub(crate) related: Vec<String>,
}

/// The command that a manual page describes; `None` when the program does not have it.
pub(crate) fn manual_entry(program: Command, typed: &[String]) -> Option<ManualEntry> {
    let mut program = build_commands(program);
    let usage = usage(&mut program, typed)?.to_string().replacen("Usage: ", "", 1);
    let (command, names) = find(&program, typed)?;
    let style = HelpStyle { width: 80, colour: false };
    let help = CommandHelp { program: &program, command, names: &names, style };
    let is_shown = |arg: &Arg| help.is_program() || !is_connection(arg);
    let mut shown = help.arranged(is_shown).mut_args(with_values_in_text);
    let display_name = format!("omnilogs {names}").trim().replace(' ', "-");
    shown = shown.display_name(display_name).override_usage(usage);
    for (text, set) in [
        (command.get_about(), Command::about as fn(Command, StyledStr) -> Command),
        (command.get_long_about(), Command::long_about),
        (command.get_after_help(), Command::after_help),
        (command.get_after_long_help(), Command::after_long_help),
    ] {
        if let Some(text) = text {
            shown = set(shown, text.clone());
        }
    }
    let has_connection = command.get_arguments().any(is_connection);
    let related = related(&program, command, &names);
    Some(ManualEntry { command: shown, names, has_connection, related })
}

/// An option for a manual page: its text lists its possible values.
fn with_values_in_text(arg: Arg) -> Arg {
    let values = arg.get_possible_values();
    let shown = values.iter().filter(|value| !value.is_hide_set());
    let values: Vec<_> = shown
        .map(|value| match value.get_help() {
            Some(help) => format!("{} ({help})", value.get_name()),
            None => value.get_name().to_owned(),
        })
        .collect();
    let arg = arg.hide_short_help(false);
    let takes_values = arg.get_action().takes_values();
    match arg.get_long_help().or(arg.get_help()) {
        Some(text) if takes_values && !values.is_empty() => {
            let text = format!("{text}\n\nPossible values: {}.", values.join(", "));
            arg.long_help(text).hide_possible_values(true)
        }
        _ => arg,
    }
}

/// The names of the commands below a command, or beside it when there are none.
fn related(program: &Command, command: &Command, names: &str) -> Vec<String> {
    let (above, prefix) = match names.rsplit_once(' ') {
        _ if command.has_subcommands() => (Some(command), names),
        Some((above, _)) => (program.find_subcommand(above), above),
        None => (Some(program), ""),
    };
    let visible = above.into_iter().flat_map(Command::get_subcommands);
    let visible = visible.filter(|command| !command.is_hide_set());
    let full = visible.map(|command| format!("{prefix} {}", command.get_name()).trim().to_owned());
    let beside = full.filter(|full| full != names);
    let mut related: Vec<String> = beside.collect();
    if !prefix.is_empty() && prefix != names {
        related.insert(0, prefix.to_owned());
    }
    related
}

/// A command by its names or aliases, and its names in one text.
fn find<'c>(program: &'c Command, typed: &[String]) -> Option<(&'c Command, String)> {
    let mut names = Vec::new();
    let mut command = program;
    for name in typed {
        command = command.find_subcommand(name)?;
        names.push(command.get_name());
    }
    Some((command, names.join(" ")))
}

/// The usage of a command, by its names or aliases; `None` when the program does not have it.
fn usage(program: &mut Command, typed: &[String]) -> Option<StyledStr> {
    let mut command = program;
    for name in typed {
        command = command.find_subcommand_mut(name)?;
    }
    Some(command.render_usage())
}

/// Writes the help of a command.
struct CommandHelp<'c> {
    program: &'c Command,
    command: &'c Command,
    /// Its name, and those of the commands above it; empty for the program.
    names: &'c str,
    style: HelpStyle,
}

impl CommandHelp<'_> {
    fn is_program(&self) -> bool {
        self.names.is_empty()
    }

    /// Every option with its whole text, and the text after the options.
    fn long(&self, page: &mut HelpPage) {
        let is_program = self.is_program();
        page.formatted(&self.options(|arg| is_program || !is_connection(arg), Length::Long));
        let details = self.command.get_after_long_help().or(self.command.get_after_help());
        if let Some(details) = details {
            page.paragraph(&details.to_string());
        }
        if is_program {
            topics::write(&topics::EXIT_CODES, page);
            page.paragraph(&format!("'omnilogs help NAME' describes {}.", help_names()));
        } else if self.command.get_arguments().any(is_connection) {
            page.paragraph(
                "Options of the connection, such as --profile: omnilogs help connection",
            );
        }
    }

    /// One screen: the options of the command alone with their first lines, and the names of the
    /// others.
    fn short(&self, page: &mut HelpPage) {
        if self.is_program() {
            let commands: Vec<_> = self.commands().map(Command::get_name).collect();
            let label = format!("{:1$}", "Commands", GROUP_WIDTH);
            page.space();
            page.line(&format!("{label}  {}", commands.join("  ")), GROUP_WIDTH + 2);
        } else {
            page.formatted(&self.options(|arg| self.is_own(arg), Length::Short));
            page.space();
        }
        for (heading, label) in GROUPS {
            let is_listed = |arg: &&Arg| {
                let is_own = !self.is_program() && self.is_own(arg);
                arg.get_help_heading() == Some(heading) && !is_own && !arg.is_hide_set()
            };
            let all: Vec<_> = self.command.get_arguments().filter(is_listed).collect();
            let common = all.iter().filter(|arg| !arg.is_hide_short_help_set());
            let flags: Vec<_> = common.map(|arg| flag(arg)).collect();
            if !flags.is_empty() {
                page.one_line(label, GROUP_WIDTH, &flags, flags.len() < all.len());
            }
        }
        if self.is_program() {
            page.space();
            page.table([
                ("omnilogs --help", "every option, with more examples"),
                ("omnilogs help NAME", &help_names()),
            ]);
        } else {
            page.paragraph(&format!("'omnilogs help {}' describes every option.", self.names));
        }
    }

    fn commands(&self) -> impl Iterator<Item = &Command> {
        self.command.get_subcommands().filter(|command| !command.is_hide_set())
    }

    /// Whether an option belongs to this command alone: it has no heading or one that only this
    /// command has, or the program does not have it.
    fn is_own(&self, arg: &Arg) -> bool {
        let is_of_group = |heading| GROUPS.iter().any(|(known, _)| *known == heading);
        let is_of_program = self.program.get_arguments().any(|own| own.get_id() == arg.get_id());
        !is_of_program || !arg.get_help_heading().is_some_and(is_of_group)
    }

    /// The commands and these options as clap writes them.
    fn options(&self, is_shown: impl Fn(&Arg) -> bool, length: Length) -> String {
        let mut shown = self.arranged(is_shown);
        let text = match length {
            Length::Short => shown.render_help(),
            Length::Long => shown.render_long_help(),
        };
        std::mem::forget(shown); // as in `command_help`
        text_of(&text, self.style)
    }

    /// A command with these options: first those of the command alone, then by heading.
    fn arranged(&self, is_shown: impl Fn(&Arg) -> bool) -> Command {
        let place = |arg: &Arg| {
            let heading = arg.get_help_heading();
            let group = GROUPS.iter().position(|(known, _)| heading == Some(*known));
            match group {
                _ if !self.is_program() && self.is_own(arg) => 0,
                None if heading.is_none() => 1,
                group => group.map_or(usize::MAX, |at| at + 2),
            }
        };
        let mut arguments: Vec<Arg> = self.command.get_arguments().cloned().collect();
        arguments.sort_by_key(place);
        let arguments = arguments.into_iter().enumerate().map(|(at, arg)| {
            let is_hidden = arg.is_hide_set() || !is_shown(&arg);
            let (is_first, is_help) = (place(&arg) == 0, is_help(&arg));
            let arg = arg.hide(is_hidden).display_order(if is_help { usize::MAX } else { at });
            let arg = if is_first { arg.help_heading(Resettable::Reset) } else { arg };
            if is_help { arg.action(ArgAction::SetTrue) } else { arg }
        });
        Command::new("omnilogs")
            .disable_help_flag(true)
            .disable_help_subcommand(true)
            .disable_version_flag(true)
            .help_template("{all-args}")
            .styles(styles())
            .term_width(self.style.width)
            .subcommand_help_heading("Commands")
            .subcommands(self.commands().map(outline))
            .args(arguments)
    }
}

/// Bold headings and option names, without colours: a colour of this program means a status.
fn styles() -> Styles {
    let bold = Style::new().bold();
    Styles::plain().header(bold).usage(bold).literal(bold)
}

fn text_of(text: &StyledStr, style: HelpStyle) -> String {
    if style.colour { text.ansi().to_string() } else { text.to_string() }
}

/// The names that `omnilogs help` accepts, in words.
fn help_names() -> String {
    let topics: Vec<_> = TOPICS.iter().map(|topic| topic.name).collect();
    format!("a command, {}", topics.join(", "))
}

fn flag(arg: &Arg) -> String {
    match (arg.get_short(), arg.get_long()) {
        (Some(short), Some(long)) => format!("-{short} --{long}"),
        (None, Some(long)) => format!("--{long}"),
        _ => arg.get_id().to_string(),
    }
}

/// Whether it is `--help` or `--version`.
fn is_help(arg: &Arg) -> bool {
    !arg.is_positional() && ["help", "version"].contains(&arg.get_id().as_str())
}

fn is_connection(arg: &Arg) -> bool {
    arg.get_help_heading() == Some(CONNECTION)
}
