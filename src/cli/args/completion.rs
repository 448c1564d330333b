//! Shell completion of profile names, columns and codes.
//!
//! It never fails and never prints an error, which would appear in the middle of a command line.

use std::collections::BTreeSet;
use std::ffi::OsStr;

use clap_complete::engine::CompletionCandidate;
use omnilogs::model::codes::{self, Code};
use omnilogs::sink::Column;
use omnilogs::stats::Key;

use crate::config_file;
use crate::credentials::{self, AccountArgs};
use crate::io::environment::Environment;

/// The profiles in the user's configuration file.
pub(super) fn profiles(current: &OsStr) -> Vec<CompletionCandidate> {
    let environment = Environment::read();
    let Some(path) = credentials::config_path(&AccountArgs::default(), &environment) else {
        return Vec::new();
    };
    let prefix = current.to_string_lossy();
    config_file::profile_names(&path)
        .into_iter()
        .filter(|name| name.starts_with(prefix.as_ref()))
        .map(CompletionCandidate::new)
        .collect()
}

/// Columns, also after a comma; a column that is in the list already is not offered again.
pub(super) fn columns(current: &OsStr) -> Vec<CompletionCandidate> {
    listed(current, Column::all().map(Column::name))
}

/// Columns to sort by, in the same way; a `-` in front of one is kept.
pub(super) fn sort_keys(current: &OsStr) -> Vec<CompletionCandidate> {
    let text = current.to_string_lossy();
    let descending = text.rsplit(',').next().is_some_and(|last| last.starts_with('-'));
    let sign = if descending { "-" } else { "" };
    let names: Vec<_> = Column::all().map(|column| format!("{sign}{}", column.name())).collect();
    listed(current, names.iter().map(String::as_str))
}

/// The keys of `stats --by`, in the same way.
pub(crate) fn keys(current: &OsStr) -> Vec<CompletionCandidate> {
    listed(current, Key::ALL.into_iter().map(Key::name))
}

/// The names that `explain` knows and that start with the typed text, case-insensitive.
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
    let (chosen, prefix) = current.rsplit_once(',').map_or(("", current.as_ref()), |parts| parts);
    let before = if chosen.is_empty() { String::new() } else { format!("{chosen},") };
    names
        .filter(|name| name.starts_with(prefix) && !chosen.split(',').any(|taken| taken == *name))
        .map(|name| CompletionCandidate::new(format!("{before}{name}")))
        .collect()
}
