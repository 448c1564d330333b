//! Resolves the account: its base URL and its credentials, each with its origin.
//!
//! A credential that a profile stores is sent to that profile's host and to no other. A credential of
//! the command line or of the environment is sent to the base URL in use, since the same person sets
//! both. Nothing here prints, and no secret is opened before the base URL is accepted.

mod base_url;
mod credential_command;
pub(crate) mod database_password;
mod environment;
mod key_file;
mod origin;
mod profile;

use std::path::{Path, PathBuf};

use omnilogs::client::{Credentials, CredentialsError, Endpoint, Scheme};
use secrecy::{ExposeSecret as _, SecretString};

pub(crate) use origin::Origin;

use self::database_password::PasswordCommand;
use crate::config_file::{Defaults, Secrets, StoredCredentials, WithLine};
use crate::failure::{Failure, Kind};
use crate::io::environment::Environment;
use crate::io::private_file::without_byte_order_mark;

/// The options of the command line that choose the account.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AccountArgs<'a> {
    /// `--profile`.
    pub(crate) profile: Option<&'a str>,
    /// `--config`.
    pub(crate) config: Option<&'a Path>,
    /// `--base-url`.
    pub(crate) base_url: Option<&'a str>,
    /// `--api-key-file`.
    pub(crate) api_key_file: Option<&'a Path>,
}

/// The account of a run.
#[derive(Debug)]
pub(crate) struct ResolvedAccount {
    /// The base URL.
    pub(crate) endpoint: Endpoint,
    /// The origin of the base URL.
    pub(crate) endpoint_origin: Origin,
    /// The credentials, which are not opened yet; `None` when none were found.
    pub(crate) found: Option<LocatedCredentials>,
    /// The profile in use and its file.
    pub(crate) chosen: profile::SelectedProfile,
    /// The settings of the file for output, with the profile's own `redact`.
    pub(crate) defaults: Defaults,
    /// Warnings about the file and the variables.
    pub(crate) warnings: Vec<String>,
    /// A sentence for each of the credentials that are set and are not used.
    pub(crate) passed_over: Vec<String>,
    /// The places that were searched for credentials, highest precedence first.
    pub(crate) looked_at: Vec<String>,
    /// Whether a person can type credentials.
    pub(crate) has_terminal: bool,
}

/// Credentials that were found and not opened yet.
#[derive(Debug)]
pub(crate) struct LocatedCredentials {
    /// The flag, the variables or the profile.
    pub(crate) origin: Origin,
    source: CredentialSource,
}

enum CredentialSource {
    /// A file that holds an API key; `-` is standard input.
    KeyFile { path: PathBuf, may_be_readable: bool },
    /// The value of a variable or of a profile.
    Value(Secrets),
}

/// The hint for a value in quotation marks.
const QUOTED: &str = "remove the quotation marks; docker --env-file keeps them, unlike a shell";

/// The path of the configuration file, which may not exist yet; `None` when no folder is known.
pub(crate) fn config_path(args: &AccountArgs<'_>, environment: &Environment) -> Option<PathBuf> {
    profile::path(args, environment).0
}

/// The path of the configuration file, which may not exist yet.
///
/// # Errors
/// When no folder is known.
pub(crate) fn required_config_path(
    args: &AccountArgs<'_>,
    environment: &Environment,
) -> Result<PathBuf, Failure> {
    config_path(args, environment).ok_or_else(|| {
        Failure::usage("the configuration folder is unknown")
            .because("neither HOME nor XDG_CONFIG_HOME is set")
            .hint("name a file with --config FILE or OMNILOGS_CONFIG=FILE")
    })
}

/// The name of the profile in use, whether the file has it or not.
///
/// # Errors
/// When the variable that names it is blank or not text.
pub(crate) fn profile_name(
    args: &AccountArgs<'_>,
    environment: &Environment,
) -> Result<String, Failure> {
    Ok(profile::name(args, environment, &mut Vec::new())?.0)
}

/// The part of the settings that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefusedSetting {
    /// The configuration file, or the choice of a profile in it.
    Config,
    /// The base URL.
    BaseUrl,
    /// The credentials.
    Credentials,
}

/// Resolves the account of a run.
///
/// # Errors
/// When the settings contradict each other, cannot be read, or would send a stored credential to
/// another host. Missing credentials are not an error yet.
pub(crate) fn resolve(
    args: &AccountArgs<'_>,
    environment: &Environment,
) -> Result<ResolvedAccount, Failure> {
    resolve_in_parts(args, environment).map_err(|(_, failure)| failure)
}

/// As [`resolve`], with the part of the settings that is refused.
///
/// # Errors
/// As [`resolve`].
pub(crate) fn resolve_in_parts(
    args: &AccountArgs<'_>,
    environment: &Environment,
) -> Result<ResolvedAccount, (RefusedSetting, Failure)> {
    let mut warnings = Vec::new();
    let (chosen, stored) = profile::choose(args, environment, &mut warnings)
        .map_err(|failure| (RefusedSetting::Config, failure))?;
    let base_url = base_url::find(args, environment, &chosen, &mut warnings)
        .map_err(|failure| (RefusedSetting::BaseUrl, failure))?;
    with_credentials(args, environment, (chosen, stored), base_url, warnings)
        .map_err(|failure| (RefusedSetting::Credentials, failure))
}

fn with_credentials(
    args: &AccountArgs<'_>,
    environment: &Environment,
    (mut chosen, stored): (profile::SelectedProfile, Option<StoredCredentials>),
    (endpoint, endpoint_origin): (Endpoint, Origin),
    mut warnings: Vec<String>,
) -> Result<ResolvedAccount, Failure> {
    let mut looked_at = Vec::new();
    let mut passed_over = Vec::new();
    let mut found = key_file::find(args, environment)?;
    looked_at.push("--api-key-file".to_owned());
    for level in environment::LEVELS {
        looked_at.push(level.names());
        if found.is_none() {
            found = level.find(environment, &mut warnings)?;
        } else if let Some(name) = level.present(environment) {
            passed_over.push(format!("{name} is set too, and not used"));
        }
    }
    looked_at.push(chosen.place());
    if let Some(stored) = stored {
        if found.is_none() {
            base_url::require_own_host(&endpoint, &endpoint_origin, &chosen)?;
            let origin = chosen.origin(stored.line);
            found = Some(LocatedCredentials {
                origin,
                source: CredentialSource::Value(stored.secrets),
            });
        } else {
            passed_over
                .push(format!("{} stores credentials too; they are not used", chosen.place()));
        }
    }
    let defaults = std::mem::take(&mut chosen.defaults);
    Ok(ResolvedAccount {
        endpoint,
        endpoint_origin,
        found,
        chosen,
        defaults,
        warnings,
        passed_over,
        looked_at,
        has_terminal: environment.stderr_terminal && environment.stdin_terminal,
    })
}

impl ResolvedAccount {
    /// Opens the credentials: reads the key file, runs the credential command.
    ///
    /// # Errors
    /// When there are none, when they cannot be read, and when they cannot be sent in a header.
    pub(crate) fn credentials(&self) -> Result<Credentials, Failure> {
        self.found.as_ref().ok_or_else(|| self.missing())?.open()
    }

    /// The archive that the profile names.
    pub(crate) fn archive(&self) -> Option<&Path> {
        self.chosen.archive.as_ref().map(|archive| Path::new(archive.value.as_str()))
    }

    /// The command that prints the password for the server of that archive.
    pub(crate) fn archive_command(&self) -> Option<PasswordCommand> {
        let WithLine { value, line } = self.chosen.archive_command.as_ref()?;
        Some(PasswordCommand { command: value.clone(), origin: self.chosen.origin(*line) })
    }

    /// The file of `--api-key-file` or of a variable, with its origin; `-` is standard input. `None`
    /// when the credentials are not in such a file.
    pub(crate) fn key_file(&self) -> Option<(&Origin, &Path)> {
        let found = self.found.as_ref()?;
        match &found.source {
            CredentialSource::KeyFile { path, .. } => Some((&found.origin, path)),
            CredentialSource::Value(_) => None,
        }
    }

    /// Notes for `-v`: which of several settings is used.
    pub(crate) fn notes(&self) -> Vec<String> {
        let base_url = format!("base URL {} from {}", self.endpoint.origin(), self.endpoint_origin);
        let found = self.found.iter().map(|found| format!("credentials from {}", found.origin));
        std::iter::once(base_url).chain(found).chain(self.passed_over.iter().cloned()).collect()
    }

    /// The scheme of the credentials, as far as it is known before they are opened: those of a command
    /// or a file are assumed to be an API key. `None` when there are none.
    pub(crate) fn scheme(&self) -> Option<Scheme> {
        self.found.as_ref().map(|found| match &found.source {
            CredentialSource::Value(Secrets::Basic { .. }) => Scheme::Basic,
            CredentialSource::Value(Secrets::Token(_)) => Scheme::Bearer,
            CredentialSource::Value(Secrets::Ibsso(_)) => Scheme::Ibsso,
            CredentialSource::Value(Secrets::ApiKey(_) | Secrets::Command(_))
            | CredentialSource::KeyFile { .. } => Scheme::App,
        })
    }

    /// The failure of an account without credentials.
    pub(crate) fn missing(&self) -> Failure {
        let failure =
            Failure::new(Kind::Credentials, format!("no credentials for {}", self.endpoint.host()));
        // On a first run the hints are enough; a list of empty places would hide them.
        let is_first = self.has_terminal && !self.chosen.file_found;
        let failure = if is_first {
            failure
        } else {
            failure.because(format!("looked at {}", self.looked_at.join("; ")))
        };
        failure
            .hint("omnilogs --sandbox shows generated messages, without an account")
            .hint(if self.has_terminal {
                "omnilogs login prompts for your base URL and API key, and saves them"
            } else {
                "omnilogs config init writes a commented file for base URL and API key"
            })
            .hint("OMNILOGS_API_KEY=… OMNILOGS_BASE_URL=… omnilogs, from the environment")
    }
}

impl LocatedCredentials {
    /// The kind of the credentials: the key of the configuration file that can hold them.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.source {
            CredentialSource::KeyFile { .. } => "api_key",
            CredentialSource::Value(secrets) => secrets.keys(),
        }
    }

    /// Converts the secrets to the credentials of the client. No other function of a run exposes them.
    fn open(&self) -> Result<Credentials, Failure> {
        let opened = match &self.source {
            CredentialSource::KeyFile { path, may_be_readable } => {
                Credentials::app(&key_file::read(path, *may_be_readable, &self.origin)?)
            }
            CredentialSource::Value(Secrets::Basic { username, password }) => {
                Credentials::basic(value_of(username), value_of(password))
            }
            CredentialSource::Value(Secrets::ApiKey(key)) => Credentials::app(value_of(key)),
            CredentialSource::Value(Secrets::Token(token)) => Credentials::bearer(value_of(token)),
            CredentialSource::Value(Secrets::Ibsso(token)) => Credentials::ibsso(value_of(token)),
            CredentialSource::Value(Secrets::Command(command)) => {
                let line = credential_command::first_line(
                    command,
                    credential_command::LIMIT,
                    &self.origin,
                )?;
                credential_command::parse_credentials(&line)
            }
        };
        opened.map_err(|error| {
            let failure =
                Failure::usage(format!("the credentials from {} cannot be sent", self.origin))
                    .because(error.to_string());
            match error {
                CredentialsError::Quoted => failure.hint(QUOTED),
                _ => failure,
            }
        })
    }
}

/// The value of a variable or of a profile, without a byte order mark and without line ends around it.
fn value_of(secret: &SecretString) -> &str {
    // Kubernetes passes a secret that was made from the output of `echo` with its newline.
    without_byte_order_mark(secret.expose_secret()).trim_matches(['\r', '\n'])
}

impl std::fmt::Debug for CredentialSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(source)")
    }
}

#[cfg(test)]
mod tests;
