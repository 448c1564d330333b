//! Completion of words that are known only here: profile names, lists of columns, codes.
//!
//! It never fails and prints nothing: a shell that asks gets what there is.

use std::collections::BTreeSet;
use std::ffi::OsStr;

use clap_complete::engine::CompletionCandidate;
use omnilogs::model::codes::{self, Code};
use omnilogs::sink::Column;
use omnilogs::stats::Key;

use crate::config_file;
use crate::credentials::{self, AccountArgs};
use crate::io::environment::Environment;

/// The profiles of the user's configuration file.
pub(super) fn profiles(current: &OsStr) -> Vec<CompletionCandidate> {
    let environment = Environment::read();
    let Some(path) = credentials::config_path(&AccountArgs::default(), &environment) else {
        return Vec::new();
    };
    let begun = current.to_string_lossy();
    config_file::profile_names(&path)
        .into_iter()
        .filter(|name| name.starts_with(begun.as_ref()))
        .map(CompletionCandidate::new)
        .collect()
}

/// Columns, also after a comma; one that stands in the list already is not offered again.
pub(super) fn columns(current: &OsStr) -> Vec<CompletionCandidate> {
    listed(current, Column::all().map(Column::name))
}

/// Columns to sort by, likewise; a `-` before one stays.
pub(super) fn sort_keys(current: &OsStr) -> Vec<CompletionCandidate> {
    let text = current.to_string_lossy();
    let turned = text.rsplit(',').next().is_some_and(|last| last.starts_with('-'));
    let sign = if turned { "-" } else { "" };
    let names: Vec<_> = Column::all().map(|column| format!("{sign}{}", column.name())).collect();
    listed(current, names.iter().map(String::as_str))
}

/// The keys of `stats --by`, likewise.
pub(crate) fn keys(current: &OsStr) -> Vec<CompletionCandidate> {
    listed(current, Key::ALL.into_iter().map(Key::name))
}

/// The names that `explain` knows, for a beginning in any letter case.
pub(crate) fn codes(current: &OsStr) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy();
    let starts = |name: &&str| {
        name.get(..current.len()).is_some_and(|start| start.eq_ignore_ascii_case(&current))
    };
    let names: BTreeSet<&str> = codes::all().map(Code::name).filter(starts).collect();
    names.into_iter().map(CompletionCandidate::new).collect()
}

fn listed<'n>(current: &OsStr, names: impl Iterator<Item = &'n str>) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy();
    let (chosen, begun) = current.rsplit_once(',').map_or(("", current.as_ref()), |parts| parts);
    let before = if chosen.is_empty() { String::new() } else { format!("{chosen},") };
    names
        .filter(|name| name.starts_with(begun) && !chosen.split(',').any(|taken| taken == *name))
        .map(|name| CompletionCandidate::new(format!("{before}{name}")))
        .collect()
}
