//! Shell completion of values: channels, columns, codes, time zones, profiles, files of ids.
//!
//! It never fails and never prints an error, which would appear in the middle of a command line.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;

use clap::builder::PossibleValue;
use clap::{Arg, Command};
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _,
};
use omnilogs::model::Country;
use omnilogs::model::codes::{self, Code};
use omnilogs::sink::Column;
use omnilogs::stats::Key;
use omnilogs::zone::Zone;

use crate::config_file;
use crate::credentials::{self, AccountArgs};
use crate::io::environment::Environment;

/// The command line as completion uses it: its values are completed in any letter case, also after a
/// comma, and its profiles are those of this configuration file, or else of the user's own.
pub(crate) fn with_completers(command: Command, config: Option<&Path>) -> Command {
    let completed = |arg: Arg| {
        // The completer gets the whole list, so that it does not offer a word twice.
        let arg = arg.value_delimiter(None);
        if arg.get_id() == "profile" {
            let config = config.map(Path::to_owned);
            let completer = move |typed: &OsStr| profiles(typed, config.as_deref());
            return arg.add(ArgValueCompleter::new(completer));
        }
        let values = arg.get_possible_values();
        if values.is_empty() || arg.get::<ArgValueCompleter>().is_some() {
            return arg;
        }
        let completer = move |typed: &OsStr| {
            let shown = values.iter().filter(|value| !value.is_hide_set());
            listed(typed, shown.map(candidate))
        };
        arg.add(ArgValueCompleter::new(completer))
    };
    command.mut_args(completed).mut_subcommands(|command| with_completers(command, config))
}

fn candidate(value: &PossibleValue) -> CompletionCandidate {
    CompletionCandidate::new(value.get_name()).help(value.get_help().cloned())
}

fn profiles(typed: &OsStr, config: Option<&Path>) -> Vec<CompletionCandidate> {
    let args = AccountArgs { config, ..AccountArgs::default() };
    let Some(path) = credentials::config_path(&args, &Environment::read()) else {
        return Vec::new();
    };
    let typed = typed.to_string_lossy();
    config_file::profile_names(&path)
        .into_iter()
        .filter(|name| name.starts_with(typed.as_ref()))
        .map(CompletionCandidate::new)
        .collect()
}

/// Columns by name.
pub(super) fn columns(typed: &OsStr) -> Vec<CompletionCandidate> {
    listed(typed, Column::all().map(Column::name))
}

/// Columns to sort by. A typed `-` in front of a column is kept.
pub(super) fn sort_keys(typed: &OsStr) -> Vec<CompletionCandidate> {
    let text = typed.to_string_lossy();
    let descending = text.rsplit(',').next().is_some_and(|last| last.starts_with('-'));
    let sign = if descending { "-" } else { "" };
    listed(typed, Column::all().map(|column| format!("{sign}{}", column.name())))
}

/// The keys of `stats --by`.
pub(crate) fn keys(typed: &OsStr) -> Vec<CompletionCandidate> {
    listed(typed, Key::ALL.into_iter().map(Key::name))
}

/// The published codes by name.
pub(crate) fn codes(typed: &OsStr) -> Vec<CompletionCandidate> {
    let names: BTreeSet<&str> = codes::all().map(Code::name).collect();
    listed(typed, names)
}

/// Countries by their codes of two letters.
pub(super) fn countries(typed: &OsStr) -> Vec<CompletionCandidate> {
    let candidate =
        |country: &Country| CompletionCandidate::new(country.iso).help(Some(country.name.into()));
    listed(typed, Country::all().map(candidate))
}

/// The parts of a row that `--redact` can hide, and `none`.
pub(super) fn redactions(typed: &OsStr) -> Vec<CompletionCandidate> {
    let parts = ["to", "from", "text"];
    // `none` excludes every other word, so it is not offered in a list.
    let none = (!typed.as_encoded_bytes().contains(&b',')).then_some("none");
    listed(typed, parts.into_iter().chain(none))
}

/// Time zones by name.
pub(super) fn zones(typed: &OsStr) -> Vec<CompletionCandidate> {
    listed(typed, Zone::names())
}

/// The file of `@FILE`. Ids are not completed.
pub(crate) fn files_of_ids(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(path) = typed.to_str().and_then(|text| text.strip_prefix('@')) else {
        return Vec::new();
    };
    let files = PathCompleter::file().complete(OsStr::new(path));
    files.into_iter().map(|file| file.add_prefix("@")).collect()
}

/// The candidates that begin with the text after the last comma, in any letter case, without those
/// that are in the list already.
fn listed<C: Into<CompletionCandidate>>(
    typed: &OsStr,
    candidates: impl IntoIterator<Item = C>,
) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    let last = typed.rfind(',').map_or(0, |comma| comma + 1);
    let (chosen, typed) = typed.split_at(last);
    let fits = |candidate: &CompletionCandidate| {
        let name = candidate.get_value().to_string_lossy();
        let start = name.get(..typed.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(typed))
            && !chosen.split(',').any(|taken| taken.eq_ignore_ascii_case(&name))
    };
    let fitting = candidates.into_iter().map(Into::into).filter(fits);
    fitting.map(|candidate| candidate.add_prefix(chosen)).collect()
}
