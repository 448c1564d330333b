//! The configuration file: `config.toml`, its profiles and its defaults.
//!
//! It is read, never written or changed. A message about it names file and line and never quotes
//! the line, which may hold a secret. Whether a profile is used is for the credentials to say.

mod contents;

use std::path::{Path, PathBuf};

pub(crate) use contents::{
    ConfigFile, DEFAULT_PROFILE, Defaults, Doubt, Placed, Profile, Secrets, Stored, nearest, parse,
    redaction_words,
};

use crate::failure::Failure;
use crate::io::environment::{Surroundings, Var};
use crate::io::private_file::{self, Exposure, SecretFile, Unreadable};

/// Set to `1` it lets a file with secrets be readable by others, as container mounts are.
pub(crate) const ALLOW_READABLE: &str = "OMNILOGS_ALLOW_READABLE_CONFIG";
/// No configuration is larger.
const MOST_BYTES: usize = 1 << 20;

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
    let file = match private_file::read_regular(path, MOST_BYTES) {
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

/// The names of a file's profiles, for completion: what can be made out of it, and no error ever.
pub(crate) fn profile_names(path: &Path) -> Vec<String> {
    let file = private_file::read_regular(path, MOST_BYTES);
    file.map_or_else(|_| Vec::new(), |file| contents::profile_names(&file.bytes))
}

/// Refuses a file whose secrets everybody can read, or whose command everybody can change.
fn check_exposure(config: &mut ConfigFile, file: &SecretFile) -> Result<(), Failure> {
    let stored = |secret: bool| {
        config.all_profiles().filter_map(|p| p.stored.as_ref()).any(|s| s.is_secret() == secret)
    };
    let refused = |what: &str| {
        Failure::usage(format!("{} {what}", config.path.display()))
            .hint(private_file::chmod_line(&config.path))
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
            mend: private_file::chmod_line(&config.path),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
