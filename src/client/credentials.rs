//! Who asks: the four kinds of credentials that the API takes.
//!
//! A secret is opened in one place, [`Credentials::open`]; it has no Display and no Serialize, and
//! its Debug says "(redacted)". Where a secret comes from is not decided here.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::HeaderValue;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

/// The first word of the `Authorization` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// User name and password (RFC 7617).
    Basic,
    /// An API key.
    App,
    /// An OAuth 2.0 access token (RFC 6750).
    Bearer,
    /// A session token, valid for 60 minutes.
    Ibsso,
}

impl Scheme {
    /// The word as it is sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::App => "App",
            Self::Bearer => "Bearer",
            Self::Ibsso => "IBSSO",
        }
    }
}

/// Credentials that can be sent.
pub struct Credentials {
    scheme: Scheme,
    /// What follows the scheme in the header.
    token: SecretString,
    /// The password of [`Scheme::Basic`], to be hidden where an answer repeats it.
    password: Option<SecretString>,
}

/// Why credentials are refused before anything is sent; the text repeats nothing of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// Empty, or spaces alone.
    #[error("it is blank")]
    Blank,
    /// A line break or another control character.
    #[error("it holds a line break or another control character")]
    Control,
    /// A colon in a user name, which RFC 7617 forbids: the rest would be read as the password.
    #[error("a user name cannot hold a colon")]
    Colon,
}

impl Credentials {
    /// User name and password.
    ///
    /// # Errors
    /// When one is blank or holds control characters, or the user name holds a colon.
    pub fn basic(username: &str, password: &str) -> Result<Self, CredentialsError> {
        check(username)?;
        check(password)?;
        if username.contains(':') {
            return Err(CredentialsError::Colon);
        }
        let pair = Zeroizing::new(format!("{username}:{password}"));
        Ok(Self {
            scheme: Scheme::Basic,
            token: BASE64_STANDARD.encode(pair.as_bytes()).into(),
            password: Some(password.into()),
        })
    }

    /// An API key, with or without `App ` in front; the prefix of another scheme counts.
    ///
    /// # Errors
    /// When it is blank or holds control characters.
    pub fn app(key: &str) -> Result<Self, CredentialsError> {
        Self::token(key, Scheme::App)
    }

    /// An access token, with or without `Bearer ` in front; the prefix of another scheme counts.
    ///
    /// # Errors
    /// When it is blank or holds control characters.
    pub fn bearer(token: &str) -> Result<Self, CredentialsError> {
        Self::token(token, Scheme::Bearer)
    }

    /// A session token, with or without `IBSSO ` in front; the prefix of another scheme counts.
    ///
    /// # Errors
    /// When it is blank or holds control characters.
    pub fn ibsso(token: &str) -> Result<Self, CredentialsError> {
        Self::token(token, Scheme::Ibsso)
    }

    fn token(text: &str, scheme: Scheme) -> Result<Self, CredentialsError> {
        let text = text.trim_matches(' ');
        let (scheme, token) = text
            .split_once(' ')
            .and_then(|(word, rest)| {
                let known = [Scheme::App, Scheme::Bearer, Scheme::Ibsso];
                let scheme = known.into_iter().find(|s| s.as_str().eq_ignore_ascii_case(word))?;
                Some((scheme, rest.trim_start_matches(' ')))
            })
            .unwrap_or((scheme, text));
        check(token)?;
        Ok(Self { scheme, token: token.into(), password: None })
    }

    /// Which kind they are.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Opens the secret: the value of the `Authorization` header, marked so that it is not printed.
    /// The one place where it leaves its type.
    pub(super) fn open(&self) -> Option<HeaderValue> {
        let text =
            Zeroizing::new(format!("{} {}", self.scheme.as_str(), self.token.expose_secret()));
        let mut value = HeaderValue::from_bytes(text.as_bytes()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The text with these credentials hidden in it: a server may repeat what it was sent.
    #[must_use]
    pub(super) fn hidden_in(&self, text: &str) -> String {
        [Some(&self.token), self.password.as_ref()]
            .into_iter()
            .flatten()
            .fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), "***"))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (redacted)", self.scheme.as_str())
    }
}

fn check(secret: &str) -> Result<(), CredentialsError> {
    if secret.trim().is_empty() {
        return Err(CredentialsError::Blank);
    }
    if secret.chars().any(char::is_control) {
        return Err(CredentialsError::Control);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(credentials: &Credentials) -> String {
        String::from_utf8(credentials.open().unwrap().as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn keys_work_with_and_without_their_prefix() {
        for text in ["key-1", "App key-1", "app  key-1", " APP key-1 "] {
            assert_eq!(sent(&Credentials::app(text).unwrap()), "App key-1", "{text}");
        }
        assert_eq!(sent(&Credentials::bearer("Bearer tok").unwrap()), "Bearer tok");
        assert_eq!(sent(&Credentials::bearer("tok").unwrap()), "Bearer tok");
        assert_eq!(sent(&Credentials::ibsso("tok").unwrap()), "IBSSO tok");
        assert_eq!(sent(&Credentials::app("IBSSO tok").unwrap()), "IBSSO tok");
    }

    #[test]
    fn a_user_name_and_a_password_go_as_rfc_7617_says() {
        let credentials = Credentials::basic("Aladdin", "open sesame").unwrap();
        assert_eq!(sent(&credentials), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        let utf8 = Credentials::basic("test", "123£").unwrap();
        assert_eq!(sent(&utf8), "Basic dGVzdDoxMjPCow==");
    }

    #[test]
    fn a_key_beyond_ascii_goes_as_utf_8() {
        assert_eq!(sent(&Credentials::app("schlüssel").unwrap()), "App schlüssel");
    }

    #[test]
    fn credentials_that_cannot_be_sent_are_refused() {
        use CredentialsError::{Blank, Colon, Control};
        for (tried, expected) in [
            (Credentials::app(""), Blank),
            (Credentials::app("  "), Blank),
            (Credentials::app("a\nb"), Control),
            (Credentials::app("a\r\nX-Evil: 1"), Control),
            (Credentials::bearer("a\0"), Control),
            (Credentials::ibsso("a\u{9b}"), Control),
            (Credentials::basic("a:b", "c"), Colon),
            (Credentials::basic("", "c"), Blank),
            (Credentials::basic("a", " "), Blank),
            (Credentials::basic("a", "b\nc"), Control),
        ] {
            assert_eq!(tried.unwrap_err(), expected);
        }
    }

    #[test]
    fn no_debug_output_shows_a_secret() {
        let basic = Credentials::basic("user", "hunter2").unwrap();
        let app = Credentials::app("hunter2").unwrap();
        assert_eq!(format!("{basic:?} {app:?}"), "Basic (redacted) App (redacted)");
        assert_eq!(format!("{:?}", app.open().unwrap()), "Sensitive");
    }

    #[test]
    fn an_answer_that_repeats_the_secret_is_hidden() {
        let app = Credentials::app("hunter2").unwrap();
        assert_eq!(app.hidden_in("bad key App hunter2!"), "bad key App ***!");
        let basic = Credentials::basic("u", "hunter2").unwrap();
        let token = BASE64_STANDARD.encode("u:hunter2");
        assert_eq!(basic.hidden_in(&format!("{token} hunter2")), "*** ***");
    }
}
