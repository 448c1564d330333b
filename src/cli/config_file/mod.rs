//! The configuration file: `config.toml`, its profiles and its defaults.
//!
//! It is read, never written or changed. A message about it names file and line and never quotes
//! the line, which may hold a secret. Whether a profile is used is for the credentials to say.

mod credentials;
mod defaults;
mod document;
mod keys;
mod profile;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) use credentials::{Secrets, Stored};
pub(crate) use defaults::{Defaults, words as redaction_words};
pub(crate) use keys::nearest;
pub(crate) use profile::Profile;

use crate::outcome::Failure;
use crate::secret_file::{self, Exposure, SecretFile, Unreadable};
use crate::surroundings::{Surroundings, Var};
use document::Document;

/// The name by which the top level of the file can be asked for.
pub(crate) const DEFAULT_PROFILE: &str = "default";
/// Set to `1` it lets a file with secrets be readable by others, as container mounts are.
pub(crate) const ALLOW_READABLE: &str = "OMNILOGS_ALLOW_READABLE_CONFIG";
/// No configuration is larger.
const MOST_BYTES: usize = 1 << 20;

/// A value, and the line of the file on which it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed<T> {
    pub(crate) value: T,
    pub(crate) line: usize,
}

/// What a person should know of a file, though it can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Doubt {
    /// What is doubtful, as a clause to follow the file's name.
    pub(crate) what: &'static str,
    /// What mends it.
    pub(crate) mend: String,
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
    /// What holds where a flag says nothing.
    pub(crate) defaults: Defaults,
    /// What a person should know, though the file can be used.
    pub(crate) doubts: Vec<Doubt>,
}

/// Where the user's own file is looked for; `None` when there is no config folder.
pub(crate) fn usual_path(surroundings: &Surroundings) -> Option<PathBuf> {
    Some(surroundings.config_dir.as_ref()?.join("omnilogs").join("config.toml"))
}

/// Reads the file; `None` when there is none.
///
/// # Errors
/// When it cannot be read or understood, and when others can read the secrets in it.
pub(crate) fn load(
    path: &Path,
    surroundings: &Surroundings,
) -> Result<Option<ConfigFile>, Failure> {
    let file = match secret_file::read_regular(path, MOST_BYTES) {
        Ok(file) => file,
        Err(Unreadable::Missing) => return Ok(None),
        Err(Unreadable::Because(why)) => {
            return Err(Failure::usage(format!("{} {why}", path.display())));
        }
    };
    let mut config = parse(path, &file.bytes)?;
    if surroundings.var(ALLOW_READABLE) != Var::Text("1") {
        check_exposure(&mut config, &file)?;
    }
    Ok(Some(config))
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
        doubts: Vec::new(),
    };
    let mut own = Vec::new();
    for entry in document::entries(root.get_ref()) {
        match entry.key {
            "profiles" => config.profiles = profile::all(&document, &entry)?,
            "defaults" => config.defaults = defaults::read(&document, &entry)?,
            _ => own.push(entry),
        }
    }
    config.top = profile::read(&document, own, &keys::TOP)?;
    Ok(config)
}

/// The names of a file's profiles, for completion: what can be made out of it, and no error ever.
pub(crate) fn profile_names(path: &Path) -> Vec<String> {
    let Ok(file) = secret_file::read_regular(path, MOST_BYTES) else { return Vec::new() };
    let Ok(text) = std::str::from_utf8(&file.bytes) else { return Vec::new() };
    let (root, _) = toml::de::DeTable::parse_recoverable(text);
    let profiles = root.get_ref().get("profiles").and_then(|value| value.get_ref().as_table());
    profiles
        .into_iter()
        .flat_map(|table| table.keys().map(|name| name.get_ref().to_string()))
        .filter(|name| keys::is_profile_name(name))
        .collect()
}

impl ConfigFile {
    fn all_profiles(&self) -> impl Iterator<Item = &Profile> {
        std::iter::once(&self.top).chain(self.profiles.values())
    }
}

/// Refuses a file whose secrets everybody can read, or whose command everybody can change.
fn check_exposure(config: &mut ConfigFile, file: &SecretFile) -> Result<(), Failure> {
    let stored = |secret: bool| {
        config.all_profiles().filter_map(|p| p.stored.as_ref()).any(|s| s.is_secret() == secret)
    };
    let refused = |what: &str| {
        Failure::usage(format!("{} {what}", config.path.display()))
            .hint(secret_file::chmod_line(&config.path))
            .hint(format!(
                "{ALLOW_READABLE}=1 takes it as it is, for a file mounted into a container"
            ))
    };
    if file.exposure == Exposure::Others && stored(true) {
        return Err(refused("holds a secret, and everybody on this machine can read it"));
    }
    if file.writable_by_others && (stored(true) || stored(false)) {
        return Err(refused("decides where credentials come from, and everybody can change it"));
    }
    if file.exposure == Exposure::Group && stored(true) {
        config.doubts.push(Doubt {
            what: "holds a secret, and its group can read it",
            mend: secret_file::chmod_line(&config.path),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
