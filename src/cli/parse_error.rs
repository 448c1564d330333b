//! What clap says of a command line: help and version on standard output, refusals as usage errors.
//!
//! A refusal quotes what was typed; long runs of digits in it, which may be phone numbers, are
//! masked.

use std::ffi::OsString;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use omnilogs::visible::without_numbers;

use crate::command_line::{self, Cli};
use crate::failure::Failure;
use crate::text::closest;

/// Help or a version that was asked for with these words, as text; or the refusal.
pub(crate) fn understood(error: &clap::Error, words: &[OsString]) -> Result<String, Failure> {
    let text = error.render().to_string();
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Ok(text),
        ErrorKind::InvalidUtf8 => Err(no_text(words)),
        _ => Err(refusal(error, &text, words)),
    }
}

/// The refusal of a word that is no text where one is needed. clap does not say which, so it is
/// the one without which the rest is understood; paths may be any bytes.
fn no_text(words: &[OsString]) -> Failure {
    let mended: Vec<OsString> =
        words.iter().map(|w| w.to_string_lossy().into_owned().into()).collect();
    let is_refused = |at: usize| {
        let mut tried = mended.clone();
        tried
            .iter_mut()
            .zip(words)
            .skip(at)
            .take(1)
            .for_each(|(tried, word)| tried.clone_from(word));
        command_line::read(&tried).is_err_and(|error| error.kind() == ErrorKind::InvalidUtf8)
    };
    let at = (0..words.len()).find(|at| words.get(*at) != mended.get(*at) && is_refused(*at));
    let text = |at: usize| mended.get(at).map(|word| word.to_string_lossy()).unwrap_or_default();
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
    let masked = without_numbers(text);
    let mut lines = masked.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let mut failure = Failure::usage(first.strip_prefix("error: ").unwrap_or(first));
    let said =
        |line: &&str| !line.starts_with("Usage:") && !line.starts_with("For more information");
    // The lines of the usage say nothing about this refusal, and --help has them.
    let usage = |line: &&str| !line.starts_with("omnilogs ");
    if first.contains("unexpected argument '--timeout'") {
        // --timezone is spelled alike and means something else.
        return failure
            .hint("--request-timeout limits one attempt of a request")
            .hint("omnilogs wait takes --timeout after its name: the time of the whole wait");
    }
    for line in lines.filter(said).filter(usage) {
        failure = match line.strip_prefix("tip: ") {
            Some(tip) => failure.hint(tip),
            None => failure.because(line),
        };
    }
    if let Some(meant) = suggestion(error, words) {
        failure = failure.hint(format!("did you mean {meant}?"));
    }
    failure.hint("omnilogs --help shows every option")
}

/// What was probably meant by an option, a value or a command that does not exist. Hidden options
/// and their hidden aliases are never named.
fn suggestion(error: &clap::Error, words: &[OsString]) -> Option<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let name = text(ContextKind::InvalidArg)?.strip_prefix("--")?;
            let options = options(words);
            closest(name, options.iter().map(String::as_str)).map(|meant| format!("--{meant}"))
        }
        ErrorKind::InvalidValue => {
            let Some(ContextValue::Strings(values)) = error.get(ContextKind::ValidValue) else {
                return None;
            };
            let value = text(ContextKind::InvalidValue)?;
            closest(value, values.iter().map(String::as_str)).map(str::to_owned)
        }
        ErrorKind::InvalidSubcommand => {
            let mut program = Cli::command();
            let command = command_of(&mut program, words);
            let names: Vec<&str> = command
                .get_subcommands()
                .filter(|command| !command.is_hide_set())
                .flat_map(|command| command.get_visible_aliases().chain([command.get_name()]))
                .collect();
            closest(text(ContextKind::InvalidSubcommand)?, names).map(str::to_owned)
        }
        _ => None,
    }
}

/// The long names of the options that the words could have meant.
fn options(words: &[OsString]) -> Vec<String> {
    let mut program = Cli::command();
    program.build();
    let command = command_of(&mut program, words);
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let names = shown.flat_map(|arg| arg.get_long_and_visible_aliases().unwrap_or_default());
    names.map(str::to_owned).collect()
}

/// The command that the words name, or the program itself.
fn command_of<'c>(program: &'c mut clap::Command, words: &[OsString]) -> &'c clap::Command {
    let mut command: &clap::Command = program;
    for word in words.iter().skip(1) {
        if let Some(named) = word.to_str().and_then(|word| command.find_subcommand(word)) {
            command = named;
        }
    }
    command
}

/// Whether the words ask for a JSON format, for a command line that clap did not understand.
pub(crate) fn asks_for_json(words: &[OsString]) -> bool {
    let is_json = |format: &str| matches!(format, "json" | "jsonl" | "ndjson");
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    words.iter().enumerate().any(|(at, word)| {
        let next = words.get(at + 1).map(AsRef::as_ref).unwrap_or_default();
        match word.as_ref() {
            "-o" | "--output" => is_json(next),
            word => [("-o=", word), ("-o", word), ("--output=", word)]
                .iter()
                .any(|(prefix, word)| word.strip_prefix(prefix).is_some_and(is_json)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_format_is_seen_in_every_spelling() {
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        for text in ["-o json", "-ojsonl", "--output=json", "--output ndjson", "-o=json"] {
            assert!(asks_for_json(&words(text)), "{text}");
        }
        for text in ["-o csv", "json", "--output table"] {
            assert!(!asks_for_json(&words(text)), "{text}");
        }
    }
}
