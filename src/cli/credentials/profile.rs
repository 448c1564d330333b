//! Selects the configuration file and the profile.

use std::path::PathBuf;

use super::{AccountArgs, Origin};
use crate::config_file::{
    self, ConfigFile, DEFAULT_PROFILE, Defaults, FileWarning, Profile, StoredCredentials, WithLine,
    redaction_words,
};
use crate::failure::Failure;
use crate::io::environment::Environment;
use crate::text::closest;
use crate::text::quoted_name;

/// The variable that names the profile.
const PROFILE: &str = "OMNILOGS_PROFILE";
/// The variable that names the configuration file.
const CONFIG: &str = "OMNILOGS_CONFIG";

/// The profile in use.
#[derive(Debug)]
pub(crate) struct SelectedProfile {
    /// Its name; the top level of the file is `default`.
    pub(crate) name: String,
    /// The flag or the variable that chose it, or the default.
    pub(crate) name_origin: Origin,
    /// The path of the configuration file, if there is one.
    pub(crate) path: Option<PathBuf>,
    /// Whether the file exists.
    pub(crate) file_found: bool,
    /// Problems of the file; the warnings of the account include them.
    pub(crate) file_warnings: Vec<FileWarning>,
    /// The profiles of the file, without the default one.
    pub(crate) others: Vec<String>,
    /// The archive that the profile names.
    pub(super) archive: Option<WithLine<String>>,
    /// The command that prints the password for the server of that archive.
    pub(super) archive_command: Option<WithLine<String>>,
    pub(super) base_url: Option<WithLine<String>>,
    pub(super) defaults: Defaults,
}

/// The path of the configuration file: of the flag, of the variable, or of the user's own file.
pub(super) fn path(args: &AccountArgs<'_>, environment: &Environment) -> (Option<PathBuf>, Origin) {
    if let Some(path) = args.config {
        return (Some(path.to_owned()), Origin::Flag("--config"));
    }
    match environment.path(CONFIG) {
        Some(path) => (Some(path), Origin::Env(CONFIG.into())),
        None => (config_file::usual_path(environment), Origin::Default),
    }
}

/// The name of the profile, and its origin.
pub(super) fn name(
    args: &AccountArgs<'_>,
    environment: &Environment,
    warnings: &mut Vec<String>,
) -> Result<(String, Origin), Failure> {
    Ok(match (args.profile, environment.text(PROFILE, warnings)?) {
        (Some(name), _) => (name.to_owned(), Origin::Flag("--profile")),
        (None, Some(name)) => (name.to_owned(), Origin::Env(PROFILE.into())),
        (None, None) => (DEFAULT_PROFILE.to_owned(), Origin::Default),
    })
}

/// Reads the file, and returns the profile in use and the credentials that it stores.
pub(super) fn choose(
    args: &AccountArgs<'_>,
    environment: &Environment,
    warnings: &mut Vec<String>,
) -> Result<(SelectedProfile, Option<StoredCredentials>), Failure> {
    let (path, path_origin) = path(args, environment);
    let config = match &path {
        Some(path) => config_file::load(path, environment)?,
        None => None,
    };
    if let (None, Some(path)) = (&config, &path)
        && path_origin != Origin::Default
    {
        return Err(Failure::usage(format!("{} does not exist", path.display()))
            .because(format!("it was selected by {path_origin}")));
    }
    let (name, name_origin) = name(args, environment, warnings)?;
    let mut chosen = SelectedProfile {
        name,
        name_origin,
        path,
        file_found: config.is_some(),
        file_warnings: Vec::new(),
        others: Vec::new(),
        archive: None,
        archive_command: None,
        base_url: None,
        defaults: Defaults::default(),
    };
    let profile = match config {
        Some(config) => {
            chosen.file_warnings.clone_from(&config.file_warnings);
            warnings.extend(chosen.warnings());
            chosen.take(config)?
        }
        None if chosen.name == DEFAULT_PROFILE => Profile::default(),
        None => return Err(chosen.missing_profile()),
    };
    chosen.archive = profile.archive;
    chosen.archive_command = profile.archive_command;
    chosen.base_url = profile.base_url;
    if let Some(WithLine { value, line }) = profile.redact {
        chosen.defaults.redact = value;
        chosen.defaults.written.retain(|(key, _)| *key != "redact");
        chosen.defaults.written.push(("redact", WithLine { value: redaction_words(value), line }));
    }
    Ok((chosen, profile.stored))
}

impl SelectedProfile {
    fn take(&mut self, mut config: ConfigFile) -> Result<Profile, Failure> {
        self.others = config.profiles.keys().cloned().collect();
        self.defaults = config.defaults;
        if self.name == DEFAULT_PROFILE {
            return Ok(config.top);
        }
        config.profiles.remove(&self.name).ok_or_else(|| self.missing_profile())
    }

    fn missing_profile(&self) -> Failure {
        let failure =
            Failure::usage(format!("{} does not exist", quoted_name("profile", &self.name)))
                .because(format!("it was selected by {}", self.name_origin));
        let Some(path) = self.path.as_ref().filter(|_| self.file_found) else {
            return failure
                .because(self.place())
                .hint("omnilogs config init writes a commented file for profiles");
        };
        let path = path.display();
        match (closest(&self.name, self.others.iter().map(String::as_str)), &*self.others) {
            (Some(near), _) => failure.hint(format!("did you mean {near}?")),
            (None, []) => failure.because(format!("{path} has the default profile only")),
            (None, names) => failure.hint(format!("profiles of {path}: {}", names.join(", "))),
        }
    }

    /// Problems of the file, one sentence each.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let path = self.path.as_deref().unwrap_or_else(|| "config.toml".as_ref()).display();
        self.file_warnings
            .iter()
            .map(|FileWarning { what, fix }| format!("{path} {what}: {fix}"))
            .collect()
    }

    /// The origin of a line of the file that belongs to no profile.
    pub(crate) fn line(&self, line: usize) -> Origin {
        Origin::File { path: self.path.clone().unwrap_or_default(), profile: None, line }
    }

    /// The origin of a line of this profile.
    pub(super) fn origin(&self, line: usize) -> Origin {
        let path = self.path.clone().unwrap_or_default();
        Origin::File { path, profile: Some(self.name.clone()), line }
    }

    /// The profile and its file, or why no file is used, as an entry of a list.
    pub(super) fn place(&self) -> String {
        match &self.path {
            Some(path) if self.file_found => format!("profile {} in {}", self.name, path.display()),
            Some(path) => format!("{} (the file does not exist)", path.display()),
            None => "no configuration file (the home folder is unknown)".to_owned(),
        }
    }
}
