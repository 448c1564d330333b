//! What the bytes of a configuration file say. Which file they are of, and who else can read it, is
//! not known here.

mod credentials;
mod defaults;
mod document;
mod keys;
mod profile;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) use credentials::{Secrets, StoredCredentials};
pub(crate) use defaults::{Defaults, words as redaction_words};
pub(crate) use keys::is_profile_name;
pub(crate) use profile::Profile;

use crate::failure::Failure;
use document::Document;

/// The profile name of the top level of the file.
pub(crate) const DEFAULT_PROFILE: &str = "default";

/// A value, and its line in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WithLine<T> {
    pub(crate) value: T,
    pub(crate) line: usize,
}

/// What a person should know of a file, though it can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileWarning {
    /// The problem, as a clause that follows the file's name.
    pub(crate) what: &'static str,
    /// What fixes it.
    pub(crate) fix: String,
}

/// What a configuration file says.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    /// Where it was found.
    pub(crate) path: PathBuf,
    /// The top level: the default profile.
    pub(crate) top: Profile,
    /// The others, by name.
    pub(crate) profiles: BTreeMap<String, Profile>,
    /// Settings that apply without a flag.
    pub(crate) defaults: Defaults,
    /// What a person should know, though the file can be used.
    pub(crate) file_warnings: Vec<FileWarning>,
}

impl ConfigFile {
    /// The default profile, then the others.
    pub(crate) fn all_profiles(&self) -> impl Iterator<Item = &Profile> {
        std::iter::once(&self.top).chain(self.profiles.values())
    }
}

/// Understands the bytes of a file.
pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<ConfigFile, Failure> {
    let document = Document::new(path, bytes)?;
    let root = document.root()?;
    let mut config = ConfigFile {
        path: path.to_owned(),
        top: Profile::default(),
        profiles: BTreeMap::new(),
        defaults: Defaults::default(),
        file_warnings: Vec::new(),
    };
    let mut own = Vec::new();
    for entry in document::entries(root.get_ref()) {
        match entry.key {
            "profiles" => config.profiles = profile::all(&document, &entry)?,
            "defaults" => config.defaults = defaults::read(&document, &entry)?,
            _ => own.push(entry),
        }
    }
    config.top = profile::read(&document, own, &[&keys::PROFILE[..], &keys::TABLES].concat())?;
    Ok(config)
}

/// The names of the profiles, for completion: those that can be read, and never an error.
pub(crate) fn profile_names(bytes: &[u8]) -> Vec<String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Vec::new() };
    let (root, _) = toml::de::DeTable::parse_recoverable(text);
    let profiles = root.get_ref().get("profiles").and_then(|value| value.get_ref().as_table());
    profiles
        .into_iter()
        .flat_map(|table| table.keys().map(|name| name.get_ref().to_string()))
        .filter(|name| keys::is_profile_name(name))
        .collect()
}

#[cfg(test)]
mod tests;
