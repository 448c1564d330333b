//! Credentials in the environment: the variables of this program, then the vendor's.

use secrecy::SecretString;

use super::{CredentialSource, LocatedCredentials, Origin};
use crate::config_file::Secrets;
use crate::failure::Failure;
use crate::io::environment::Environment;

/// Variables of one rank: an API key, or a user name with a password.
#[derive(Clone, Copy)]
pub(super) struct Level {
    key: &'static str,
    pair: Option<(&'static str, &'static str)>,
}

/// The ranks, highest first. The last is what the vendor's examples use.
pub(super) const LEVELS: [Level; 3] = [
    Level { key: "OMNILOGS_API_KEY", pair: Some(("OMNILOGS_USERNAME", "OMNILOGS_PASSWORD")) },
    Level { key: "INFOBIP_API_KEY", pair: Some(("INFOBIP_USERNAME", "INFOBIP_PASSWORD")) },
    Level { key: "IB_API_KEY", pair: None },
];

impl Level {
    /// Its variables, as an entry of a list.
    pub(super) fn names(self) -> String {
        match self.pair {
            Some((username, password)) => format!("{}, {username} with {password}", self.key),
            None => self.key.to_owned(),
        }
    }

    /// The first of its variables that is set.
    pub(super) fn present(self, environment: &Environment) -> Option<&'static str> {
        let pair = self.pair.into_iter().flat_map(|(username, password)| [username, password]);
        std::iter::once(self.key).chain(pair).find(|name| environment.has(name))
    }

    /// What it holds.
    ///
    /// # Errors
    /// When it holds both kinds, or half of a pair.
    pub(super) fn find(
        self,
        environment: &Environment,
        warnings: &mut Vec<String>,
    ) -> Result<Option<LocatedCredentials>, Failure> {
        let key = environment.text(self.key, warnings)?;
        let (username_name, password_name) = self.pair.unwrap_or_default();
        let (username, password) = match self.pair {
            Some((username, password)) => {
                (environment.text(username, warnings)?, environment.text(password, warnings)?)
            }
            None => (None, None),
        };
        let (secrets, origin) = match (key, username, password) {
            (None, None, None) => return Ok(None),
            (Some(key), None, None) => {
                (Secrets::ApiKey(SecretString::from(key)), self.key.to_owned())
            }
            (None, Some(username), Some(password)) => (
                Secrets::Basic { username: username.into(), password: password.into() },
                format!("{username_name} and {password_name}"),
            ),
            (Some(_), _, _) => {
                let other = if username.is_some() { username_name } else { password_name };
                return Err(Failure::usage(format!(
                    "two kinds of credentials: {} and {other} are both set",
                    self.key
                ))
                .hint(format!("keep one: unset {} or unset {other}", self.key)));
            }
            (None, Some(_), None) => return Err(half(username_name, password_name)),
            (None, None, Some(_)) => return Err(half(password_name, username_name)),
        };
        Ok(Some(LocatedCredentials {
            origin: Origin::Env(origin),
            source: CredentialSource::Here(secrets),
        }))
    }
}

fn half(there: &str, missing: &str) -> Failure {
    Failure::usage(format!("{there} is set and {missing} is not"))
        .hint(format!("set {missing} too, or unset {there}"))
}
