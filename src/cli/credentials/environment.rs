//! Credentials in the environment: in the variables of this program, or else in the vendor's.

use secrecy::SecretString;

use super::{CredentialSource, LocatedCredentials, Origin, key_file};
use crate::config_file::Secrets;
use crate::failure::Failure;
use crate::io::environment::Environment;

/// The variables of one precedence level: an API key, a file that holds one, or a user name with a
/// password.
#[derive(Clone, Copy)]
pub(super) struct Level {
    key: &'static str,
    key_file: Option<&'static str>,
    pair: Option<(&'static str, &'static str)>,
}

/// The levels, highest first. The vendor's examples use the last one.
pub(super) const LEVELS: [Level; 3] = [
    Level {
        key: "OMNILOGS_API_KEY",
        key_file: Some("OMNILOGS_API_KEY_FILE"),
        pair: Some(("OMNILOGS_USERNAME", "OMNILOGS_PASSWORD")),
    },
    Level {
        key: "INFOBIP_API_KEY",
        key_file: Some("INFOBIP_API_KEY_FILE"),
        pair: Some(("INFOBIP_USERNAME", "INFOBIP_PASSWORD")),
    },
    Level { key: "IB_API_KEY", key_file: None, pair: None },
];

impl Level {
    /// The names of the variables, as an entry of a list.
    pub(super) fn names(self) -> String {
        let single = [Some(self.key), self.key_file].into_iter().flatten().map(str::to_owned);
        let pair = self.pair.map(|(username, password)| format!("{username} with {password}"));
        single.chain(pair).collect::<Vec<_>>().join(", ")
    }

    /// The first variable of the level that is set.
    pub(super) fn present(self, environment: &Environment) -> Option<&'static str> {
        let pair = self.pair.into_iter().flat_map(|(username, password)| [username, password]);
        std::iter::once(self.key)
            .chain(self.key_file)
            .chain(pair)
            .find(|name| environment.has(name))
    }

    /// The credentials in the variables; `None` when none is set.
    ///
    /// # Errors
    /// When they have several kinds of credentials, or half of a pair.
    pub(super) fn find(
        self,
        environment: &Environment,
        warnings: &mut Vec<String>,
    ) -> Result<Option<LocatedCredentials>, Failure> {
        let key = environment.text(self.key, warnings)?;
        let file = match self.key_file {
            Some(name) => key_file::of_variable(name, environment, warnings)?,
            None => None,
        };
        let file_name = self.key_file.unwrap_or_default();
        let (username_name, password_name) = self.pair.unwrap_or_default();
        let (username, password) = match self.pair {
            Some((username, password)) => {
                (environment.text(username, warnings)?, environment.text(password, warnings)?)
            }
            None => (None, None),
        };
        let set = [
            key.map(|_| self.key),
            file.as_ref().map(|_| file_name),
            username.map(|_| username_name),
            password.map(|_| password_name),
        ];
        let set: Vec<&str> = set.into_iter().flatten().collect();
        let (source, origin) = match (key, file, username, password) {
            (None, None, None, None) => return Ok(None),
            (Some(key), None, None, None) => {
                let secrets = Secrets::ApiKey(SecretString::from(key));
                (CredentialSource::Value(secrets), self.key.to_owned())
            }
            (None, Some(file), None, None) => {
                (key_file::source(file, environment), file_name.to_owned())
            }
            (None, None, Some(username), Some(password)) => {
                let secrets =
                    Secrets::Basic { username: username.into(), password: password.into() };
                (CredentialSource::Value(secrets), format!("{username_name} and {password_name}"))
            }
            (None, None, Some(_), None) => return Err(half(username_name, password_name)),
            (None, None, None, Some(_)) => return Err(half(password_name, username_name)),
            (_, _, _, _) => return Err(several(&set)),
        };
        Ok(Some(LocatedCredentials { origin: Origin::Env(origin), source }))
    }
}

/// The refusal of variables that hold several kinds of credentials.
fn several(set: &[&str]) -> Failure {
    let (first, other) = (set.first().unwrap_or(&""), set.get(1).unwrap_or(&""));
    Failure::usage(format!("two kinds of credentials: {first} and {other} are both set"))
        .hint(format!("keep one: unset {first} or unset {other}"))
}

/// The refusal of a user name without a password, or a password without a user name.
fn half(set: &str, missing: &str) -> Failure {
    Failure::usage(format!("{set} is set and {missing} is not"))
        .hint(format!("set {missing} too, or unset {set}"))
}
