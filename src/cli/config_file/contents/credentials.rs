//! The credentials that a profile stores: one kind, or none.

use std::fmt;

use secrecy::SecretString;

use super::WithLine;
use super::document::{Document, KeyValue};
use crate::failure::Failure;

/// What a profile stores.
pub(crate) enum Secrets {
    /// `username` and `password`.
    Basic { username: SecretString, password: SecretString },
    /// `api_key`.
    ApiKey(SecretString),
    /// `token`, an OAuth 2.0 access token.
    Token(SecretString),
    /// `ibsso_token`, a session token.
    Ibsso(SecretString),
    /// `credential_command`, which prints them.
    Command(String),
}

impl Secrets {
    /// The key or keys that hold it.
    pub(crate) fn keys(&self) -> &'static str {
        match self {
            Self::Basic { .. } => "username and password",
            Self::ApiKey(_) => "api_key",
            Self::Token(_) => "token",
            Self::Ibsso(_) => "ibsso_token",
            Self::Command(_) => "credential_command",
        }
    }
}

/// What a profile stores, and where.
pub(crate) struct StoredCredentials {
    pub(crate) secrets: Secrets,
    /// The line of its first key.
    pub(crate) line: usize,
}

impl StoredCredentials {
    /// Whether the file itself holds a secret.
    pub(crate) fn is_secret(&self) -> bool {
        !matches!(self.secrets, Secrets::Command(_))
    }
}

impl fmt::Debug for StoredCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (redacted), line {}", self.secrets.keys(), self.line)
    }
}

/// Collects a profile's credentials key by key.
#[derive(Default)]
pub(super) struct CredentialsReader {
    username: Option<WithLine<SecretString>>,
    password: Option<WithLine<SecretString>>,
    one: Option<StoredCredentials>,
    /// Every key that was there, with its place.
    seen: Vec<(&'static str, usize)>,
}

impl CredentialsReader {
    /// Takes an entry that belongs here; `false` for any other.
    pub(super) fn take<'i>(
        &mut self,
        document: &Document<'i>,
        entry: &KeyValue<'_, 'i>,
    ) -> Result<bool, Failure> {
        let kind = match entry.key {
            "username" => {
                self.username = Some(document.secret(entry)?);
                "username and password"
            }
            "password" => {
                self.password = Some(document.secret(entry)?);
                "username and password"
            }
            "api_key" => self.keep(document.secret(entry)?, Secrets::ApiKey),
            "token" => self.keep(document.secret(entry)?, Secrets::Token),
            "ibsso_token" => self.keep(document.secret(entry)?, Secrets::Ibsso),
            "credential_command" => {
                let WithLine { value, line } = document.text(entry)?;
                self.keep(WithLine { value: value.to_owned(), line }, Secrets::Command)
            }
            _ => return Ok(false),
        };
        self.seen.push((kind, entry.at));
        Ok(true)
    }

    fn keep<T>(&mut self, value: WithLine<T>, kind: impl Fn(T) -> Secrets) -> &'static str {
        self.one
            .insert(StoredCredentials { secrets: kind(value.value), line: value.line })
            .secrets
            .keys()
    }

    /// The one kind that was there.
    ///
    /// # Errors
    /// When there are two, or half of one.
    pub(super) fn finish(
        self,
        document: &Document<'_>,
    ) -> Result<Option<StoredCredentials>, Failure> {
        let Some(&(first, first_at)) = self.seen.first() else { return Ok(None) };
        if let Some((other, at)) = self.seen.iter().find(|(kind, _)| *kind != first) {
            let line = document.line(first_at);
            return Err(document
                .refuse(
                    *at,
                    format!("two kinds of credentials: {other} here, {first} on line {line}"),
                )
                .hint("keep one of them; others fit in profiles of their own"));
        }
        match (self.username, self.password) {
            (Some(username), Some(password)) => Ok(Some(StoredCredentials {
                line: username.line.min(password.line),
                secrets: Secrets::Basic { username: username.value, password: password.value },
            })),
            (Some(_), None) => Err(document.refuse(first_at, "username without password")),
            (None, Some(_)) => Err(document.refuse(first_at, "password without username")),
            (None, None) => Ok(self.one),
        }
    }
}
