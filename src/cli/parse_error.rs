//! Turns what clap returns for a command line into help, version or a usage error.
//!
//! An error quotes the words of the command line. Long runs of digits are masked, since they can be
//! phone numbers.

use std::ffi::OsString;

use clap::ValueEnum;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use omnilogs::visible::{visible, without_numbers};

use crate::choices::{ColourChoice, FormatName};
use crate::command_line;
use crate::failure::Failure;
use crate::help::{HelpRequest, HelpStyle, command_help};
use crate::text::{closest, closest_by, similarity};

/// The help or version text that was requested, or the usage error.
pub(crate) fn result(
    error: &clap::Error,
    words: &[OsString],
    style: HelpStyle,
) -> Result<String, Failure> {
    let text = rendered(error);
    match error.kind() {
        ErrorKind::DisplayVersion => Ok(text),
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let request = HelpRequest::parse(&text);
            Ok(command_help(command_line::command(), &request, style).unwrap_or_default())
        }
        ErrorKind::InvalidUtf8 => Err(invalid_utf8(words)),
        _ => Err(refusal(error, &text, words)),
    }
}

/// What clap says, with the line breaks of the words that it quotes visible: they would look like
/// further lines of the message.
fn rendered(error: &clap::Error) -> String {
    let text = error.render().to_string();
    [ContextKind::InvalidValue, ContextKind::InvalidArg].into_iter().fold(text, |text, kind| {
        match error.get(kind) {
            Some(ContextValue::String(word)) if word.contains(['\n', '\r']) => {
                text.replace(word, &visible(word))
            }
            _ => text,
        }
    })
}

/// The error for an argument that has to be UTF-8 and is not. clap does not say which one it is: it
/// is the first that clap refuses while each of the others is replaced by valid UTF-8. Paths may be
/// any bytes.
fn invalid_utf8(words: &[OsString]) -> Failure {
    let replaced: Vec<OsString> =
        words.iter().map(|w| w.to_string_lossy().into_owned().into()).collect();
    let is_refused = |at: usize| {
        let mut others_replaced = replaced.clone();
        if let (Some(tried), Some(word)) = (others_replaced.get_mut(at), words.get(at)) {
            tried.clone_from(word);
        }
        let parsed = command_line::read(&others_replaced);
        parsed.is_err_and(|error| error.kind() == ErrorKind::InvalidUtf8)
    };
    let at = (0..words.len()).find(|at| words.get(*at) != replaced.get(*at) && is_refused(*at));
    let text = |at: usize| replaced.get(at).map(|word| word.to_string_lossy()).unwrap_or_default();
    let named = at.and_then(|at| {
        let (own, before) = (text(at), text(at.saturating_sub(1)));
        let flag = if own.starts_with('-') { own } else { before };
        let name = flag.split('=').next().unwrap_or_default();
        (name.starts_with('-') && !name.contains('\u{FFFD}'))
            .then(|| format!("the value of {name}"))
    });
    let what = named.unwrap_or_else(|| format!("argument {}", at.unwrap_or_default()));
    Failure::usage(format!("{what} is not valid UTF-8"))
}

fn refusal(error: &clap::Error, text: &str, words: &[OsString]) -> Failure {
    if let Some(failure) = refused_by_command(error, text) {
        return failure;
    }
    let masked = without_numbers(text);
    let mut lines = masked.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let mut failure = Failure::usage(match error.kind() {
        ErrorKind::MissingRequiredArgument => "a required option or value is missing",
        _ => first.strip_prefix("error: ").unwrap_or(first),
    });
    // The usage does not explain the error, and --help shows it.
    let not_explaining = ["Usage:", "omnilogs ", "For more information"];
    let explains = |line: &&str| !not_explaining.iter().any(|start| line.starts_with(start));
    if means_timeout(error, words) {
        // --timezone has a similar name and another meaning.
        return failure
            .hint("--request-timeout limits one attempt of a request")
            .hint("omnilogs wait --timeout limits the whole wait; put it after the command");
    }
    for line in lines.filter(explains) {
        failure = match line.strip_prefix("tip: ") {
            Some(tip) => failure.hint(tip),
            None => failure.because(line),
        };
    }
    if let Some(owner) = owner(error) {
        failure = failure.hint(owner);
    } else if let Some(meant) = suggestion(error, words) {
        failure = failure.hint(format!("did you mean {meant}?"));
    }
    failure.hint(match command_in_usage(text) {
        Some(command) => format!("omnilogs {command} --help shows its options"),
        None => "omnilogs --help shows every option".to_owned(),
    })
}

/// The error for an option of listings with a command that does not have it, which clap calls
/// unexpected, or with `--follow`.
fn refused_by_command(error: &clap::Error, text: &str) -> Option<Failure> {
    let option = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.split([' ', '[', '=']).next(),
        _ => None,
    };
    let option_of = |kind| option(kind).filter(|option| *option != "--follow");
    let (refused, command) = match error.kind() {
        ErrorKind::UnknownArgument => (option(ContextKind::InvalidArg)?, command_in_usage(text)?),
        ErrorKind::ArgumentConflict => {
            let pair = [ContextKind::InvalidArg, ContextKind::PriorArg];
            pair.into_iter().find(|kind| option(*kind) == Some("--follow"))?;
            (pair.into_iter().find_map(option_of)?, "follow".to_owned())
        }
        _ => return None,
    };
    let program = command_line::command();
    let name = program.get_arguments().filter(|arg| !arg.is_hide_set()).find_map(|arg| {
        let short = arg.get_short().map(|short| format!("-{short}"));
        let long = arg.get_long()?;
        let is_refused =
            refused.strip_prefix("--") == Some(long) || short.as_deref() == Some(refused);
        is_refused.then_some(long)
    })?;
    let failure = Failure::usage(format!("--{name} cannot be used with {command}"));
    Some(match alternative(name, &command) {
        Some(hint) => failure.hint(hint),
        None => failure.hint(format!("omnilogs {command} --help shows its options")),
    })
}

/// The name of the option that clap does not know.
fn unknown_option(error: &clap::Error) -> Option<&str> {
    match (error.kind(), error.get(ContextKind::InvalidArg)) {
        (ErrorKind::UnknownArgument, Some(ContextValue::String(option))) => {
            option.strip_prefix("--")
        }
        _ => None,
    }
}

/// Whether an unknown option is `--timeout`, or a misspelling of it with a command that does not have it.
fn means_timeout(error: &clap::Error, words: &[OsString]) -> bool {
    let Some(name) = unknown_option(error) else { return false };
    let options = options(words);
    let own = options.iter().map(|[accepted, _]| accepted.as_str());
    let has_it = own.clone().any(|option| option == "timeout");
    let meant = closest_by(own.chain(["timeout"]), |known| similarity(name, known));
    name == "timeout" || !has_it && meant == ["timeout"]
}

/// A hint with the commands that have an option which the program itself does not have.
fn owner(error: &clap::Error) -> Option<String> {
    let name = unknown_option(error)?;
    let mut program = command_line::command();
    // Without this a command does not have its options yet.
    program.build();
    let has_it = |command: &&clap::Command| {
        let mut shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
        !command.is_hide_set() && shown.any(|arg| arg.get_long() == Some(name))
    };
    let commands: Vec<_> =
        program.get_subcommands().filter(has_it).map(clap::Command::get_name).collect();
    let first = commands.first()?;
    let owners = commands.join(" and ");
    Some(format!("--{name} is an option of {owners}: omnilogs {first} --{name} …"))
}

/// What to use instead of an option of listings.
fn alternative(option: &str, command: &str) -> Option<&'static str> {
    match (option, command) {
        ("all", "follow") => Some("omit --all: follow shows every new message"),
        ("archive", "follow") => Some("list the archive without follow"),
        ("input", "follow") => Some("list saved responses without follow"),
        ("resume", _) => Some("use it with a listing: omnilogs --all --resume"),
        ("manifest", _) => Some("use it with a listing: omnilogs --all --manifest FILE"),
        ("sort", _) => Some(
            "sort the rows of a listing: omnilogs --limit 1000 --sort KEY, or omnilogs --input FILE --sort KEY",
        ),
        _ => None,
    }
}

/// The command that the usage line of an error names; `None` for the program itself.
fn command_in_usage(text: &str) -> Option<String> {
    let usage = text.lines().find_map(|line| line.trim().strip_prefix("Usage: omnilogs "))?;
    let is_name = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    let names: Vec<_> = usage.split(' ').take_while(is_name).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// The option, value or command that was probably meant. Hidden options and aliases are never
/// suggested: for a hidden alias, its option or command is.
fn suggestion(error: &clap::Error, words: &[OsString]) -> Option<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let name = unknown_option(error)?;
            shown_name(name, &options(words)).map(|meant| format!("--{meant}"))
        }
        ErrorKind::InvalidValue => {
            let Some(ContextValue::Strings(values)) = error.get(ContextKind::ValidValue) else {
                return None;
            };
            let value = text(ContextKind::InvalidValue)?;
            closest(value, values.iter().map(String::as_str)).map(str::to_owned)
        }
        ErrorKind::InvalidSubcommand => {
            let mut program = command_line::command();
            let command = command_of(&mut program, words);
            let names: Vec<_> = command
                .get_subcommands()
                .filter(|command| !command.is_hide_set())
                .flat_map(|command| {
                    let own = command.get_name();
                    let visible = command.get_visible_aliases().chain([own]).map(|it| [it, it]);
                    visible.chain(command.get_aliases().map(move |alias| [alias, own]))
                })
                .map(|names| names.map(str::to_owned))
                .collect();
            shown_name(text(ContextKind::InvalidSubcommand)?, &names)
        }
        _ => None,
    }
}

/// The name to suggest for a word, of pairs of an accepted name and the name to show in its place.
fn shown_name(word: &str, names: &[[String; 2]]) -> Option<String> {
    let meant = closest(word, names.iter().map(|[accepted, _]| accepted.as_str()))?;
    names.iter().find_map(|[accepted, shown]| (accepted == meant).then(|| shown.clone()))
}

/// The long names of the options of the command that the words name, each with the name to show:
/// its own, or that of the option of a hidden alias.
fn options(words: &[OsString]) -> Vec<[String; 2]> {
    let mut program = command_line::command();
    let command = command_of(&mut program, words);
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let names = shown.flat_map(|arg| {
        let visible = arg.get_long_and_visible_aliases().unwrap_or_default();
        let all = arg.get_all_aliases().unwrap_or_default();
        let own = arg.get_long().unwrap_or_default();
        let hidden = all.into_iter().filter(|alias| !visible.contains(alias));
        let hidden: Vec<_> = hidden.map(|alias| [alias, own]).collect();
        visible.into_iter().map(|name| [name, name]).chain(hidden)
    });
    names.map(|names| names.map(str::to_owned)).collect()
}

/// The command that the words name, or the program itself.
fn command_of<'c>(program: &'c mut clap::Command, words: &[OsString]) -> &'c clap::Command {
    program.build();
    let mut command: &clap::Command = program;
    for word in words.iter().skip(1) {
        if let Some(named) = word.to_str().and_then(|word| command.find_subcommand(word)) {
            command = named;
        }
    }
    command
}

/// Whether a command line that clap refused selects a JSON format.
pub(crate) fn selects_json(words: &[OsString]) -> bool {
    let formats = values(words, Some("-o"), "--output");
    let is_json = |format| FormatName::from_str(format, true).is_ok_and(FormatName::is_json);
    formats.iter().any(|format| is_json(format))
}

/// The `--color` of a command line that clap refused or that requests help.
pub(crate) fn colour_choice(words: &[OsString]) -> Option<ColourChoice> {
    let choices = values(words, None, "--color");
    choices.iter().rev().find_map(|choice| ColourChoice::from_str(choice, true).ok())
}

/// The values of an option, in each form that clap accepts.
fn values(words: &[OsString], short: Option<&str>, long: &str) -> Vec<String> {
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    let mut values = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).map(AsRef::as_ref);
        let after = |option: &str| word.strip_prefix(option);
        let value = match short.and_then(after) {
            Some("") => next,
            Some(value) => Some(value.strip_prefix('=').unwrap_or(value)),
            None => match after(long) {
                Some("") => next,
                Some(value) => value.strip_prefix('='),
                None => None,
            },
        };
        values.extend(value.map(str::to_owned));
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_format_is_recognized_in_every_spelling() {
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        for text in ["-o json", "-ojsonl", "--output=json", "--output ndjson", "-o=JSON"] {
            assert!(selects_json(&words(text)), "{text}");
        }
        for text in ["-o csv", "json", "--output table"] {
            assert!(!selects_json(&words(text)), "{text}");
        }
    }

    #[test]
    fn the_last_choice_of_colour_counts() {
        let choice =
            |text: &str| colour_choice(&text.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(choice("omnilogs --color=never --color always -h"), Some(ColourChoice::Always));
        assert_eq!(choice("omnilogs --color=never -h"), Some(ColourChoice::Never));
        assert_eq!(choice("omnilogs --color"), None);
        assert_eq!(choice("omnilogs -h"), None);
    }
}
