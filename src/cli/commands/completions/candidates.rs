//! Candidates for the word that is being typed, the same ones for every shell.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Arg, Command};
use clap_complete::engine::complete;

use crate::args::completion::with_completers;

/// A text that can replace the word that is being typed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) value: String,
    /// What the value means, in one line.
    pub(super) about: Option<String>,
}

/// Candidates for the last of these words, of which the first is the name of the program.
///
/// Options are offered after a `-` only: there are many, and most words are not options. A file
/// whose name has a line break is not offered, since a line break ends a candidate.
///
/// # Errors
/// When there is no word.
pub(super) fn candidates(
    command: &Command,
    mut words: Vec<OsString>,
    current_dir: Option<&Path>,
) -> io::Result<Vec<Candidate>> {
    let Some(mut typed) = words.pop() else { return Err(io::Error::other("no word to complete")) };
    if typed == "-" {
        // The engine offers one name of each option, and long names say what an option is for.
        typed = "--".into();
    }
    let is_option = typed.as_encoded_bytes().starts_with(b"-");
    let config = value_of("--config", &words);
    let mut words = without_bare_options(command, words);
    let last = words.len();
    words.push(typed);
    let mut command = with_completers(command.clone(), config.as_deref());
    let candidates = complete(&mut command, words, last, current_dir)?;
    let candidates = candidates.into_iter().filter_map(|candidate| {
        let value = candidate.get_value().to_str()?.to_owned();
        let about =
            candidate.get_help().and_then(|help| Some(help.to_string().lines().next()?.to_owned()));
        Some(Candidate { value, about })
    });
    let fits = |candidate: &Candidate| {
        (is_option || !candidate.value.starts_with('-'))
            && !candidate.value.contains(char::is_control)
    };
    Ok(candidates.filter(fits).collect())
}

/// The words without the options whose value can only follow a `=`. The engine would take the next
/// word for their value.
fn without_bare_options(command: &Command, words: Vec<OsString>) -> Vec<OsString> {
    let mut command = command;
    let mut is_bare = |word: &OsString| {
        let Some(word) = word.to_str() else { return false };
        command = command.find_subcommand(word).unwrap_or(command);
        let has_name = |arg: &&Arg| arg.get_long() == word.strip_prefix("--");
        let mut options = command.get_arguments().filter(|arg| arg.get_long().is_some());
        options.find(has_name).is_some_and(Arg::is_require_equals_set)
    };
    words.into_iter().filter(|word| !is_bare(word)).collect()
}

/// The value of an option among these words.
fn value_of(option: &str, words: &[OsString]) -> Option<PathBuf> {
    let next = words.iter().position(|word| word == option).and_then(|at| words.get(at + 1));
    let joined =
        words.iter().find_map(|word| word.to_str()?.strip_prefix(option)?.strip_prefix('='));
    next.map(PathBuf::from).or_else(|| joined.map(PathBuf::from))
}
