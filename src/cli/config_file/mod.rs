//! The configuration file: `config.toml`, its profiles and its defaults.
//!
//! A message about it names file and line and never quotes the line, which may hold a secret. Which
//! profile is used is decided in `credentials`.

mod contents;
mod edit;
mod write;

use std::path::{Path, PathBuf};

pub(crate) use contents::{
    ConfigFile, DEFAULT_PROFILE, Defaults, FileWarning, Profile, Secrets, StoredCredentials,
    WithLine, is_profile_name, parse, redaction_words,
};
pub(crate) use edit::with_api_key;
pub(crate) use write::{EXAMPLE, create, replace};

use crate::failure::Failure;
use crate::io::environment::{Environment, Var};
use crate::io::private_file::{self, Access, PrivateFileError, exchangeable_folder};
use crate::io::system_error::error_text;

/// Set to `1` it lets a file with secrets be readable by others, as container mounts are.
pub(crate) const ALLOW_READABLE: &str = "OMNILOGS_ALLOW_READABLE_CONFIG";
/// No configuration is larger.
const MAX_BYTES: usize = 1 << 20;

/// The default path of the user's file; `None` when there is no config folder.
pub(crate) fn usual_path(environment: &Environment) -> Option<PathBuf> {
    Some(environment.config_dir.as_ref()?.join("omnilogs").join("config.toml"))
}

/// Reads the file; `None` when there is none.
///
/// # Errors
/// When it cannot be read or understood, and when others can read the secrets in it.
pub(crate) fn load(path: &Path, environment: &Environment) -> Result<Option<ConfigFile>, Failure> {
    let file = match private_file::read_regular(path, MAX_BYTES) {
        Ok(file) => file,
        Err(PrivateFileError::Missing) => return Ok(None),
        Err(PrivateFileError::Because(why)) => {
            return Err(Failure::usage(format!("{} {why}", path.display())));
        }
    };
    let mut config = parse(path, &file.bytes)?;
    if environment.var(ALLOW_READABLE) != Var::Text("1") {
        check_access(&mut config, file.access)?;
    }
    Ok(Some(config))
}

/// The names of a file's profiles, for completion: those that can be read, and never an error.
pub(crate) fn profile_names(path: &Path) -> Vec<String> {
    let file = private_file::read_regular(path, MAX_BYTES);
    file.map_or_else(|_| Vec::new(), |file| contents::profile_names(&file.bytes))
}

/// Refuses a file whose secrets others can read, or whose command others can change.
fn check_access(config: &mut ConfigFile, access: Access) -> Result<(), Failure> {
    let has_secret = config.all_profiles().any(Profile::has_secret);
    let has_command =
        config.defaults.pager.is_some() || config.all_profiles().any(Profile::has_command);
    let path = config.path.clone();
    let refused = |what: &str, fix: String| {
        Failure::usage(format!("{} {what}", path.display())).hint(fix).hint(format!(
            "{ALLOW_READABLE}=1 accepts it as it is, for a file mounted into a container"
        ))
    };
    let chmod = private_file::chmod_line("600", &path);
    if has_secret && access.readable_by_everybody() {
        return Err(refused("holds a secret, and everybody on this machine can read it", chmod));
    }
    if (has_secret || has_command) && access.writable_by_everybody() {
        let what = "decides where credentials come from, and everybody can change it";
        return Err(refused(what, chmod));
    }
    if has_command {
        check_command(&path, access, refused)?;
    }
    if has_secret && access.readable_by_group() {
        config
            .file_warnings
            .push(FileWarning { what: "holds a secret, and its group can read it", fix: chmod });
    }
    Ok(())
}

/// Refuses a file whose command another user could have written: the command runs as this user.
fn check_command(
    path: &Path,
    access: Access,
    refused: impl Fn(&str, String) -> Failure,
) -> Result<(), Failure> {
    if !access.is_owned_by_user_or_root() {
        let what = "names a command to run, and belongs to another user";
        let fix = "check what it runs, then copy it to a file of your own".to_owned();
        return Err(refused(what, fix));
    }
    let folder = exchangeable_folder(path).map_err(|error| {
        let why = error_text(&error);
        Failure::usage(format!("{}: its folder cannot be examined", path.display())).because(why)
    })?;
    match folder {
        None => Ok(()),
        Some(folder) => {
            let name = folder.display();
            let what = format!("names a command to run, and others can change its folder {name}");
            let chmod = private_file::chmod_line("go-w", &folder);
            Err(refused(&what, format!("{chmod}, or move the file to a folder of your own")))
        }
    }
}

#[cfg(test)]
mod tests;
