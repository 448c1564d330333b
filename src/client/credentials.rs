//! The four kinds of credentials that the API accepts.
//!
//! A secret leaves its type in one place, [`Credentials::authorization`]. It implements neither
//! `Display` nor `Serialize`, and its `Debug` prints "(redacted)". This module does not read secrets
//! from files or the environment.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::HeaderValue;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

/// The first word of the `Authorization` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
    /// The password of [`Scheme::Basic`], hidden where a response repeats it.
    password: Option<SecretString>,
}

/// Why credentials are refused before anything is sent. The text contains no part of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// Empty, or only white space.
    #[error("it is blank")]
    Blank,
    /// A line break or another control character.
    #[error("it holds a line break or another control character")]
    Control,
    /// Quotation marks around it, which no shell has removed.
    #[error("it is in quotation marks, which are not part of it")]
    Quoted,
    /// A blank inside an API key or a token.
    #[error("it holds a blank, which no API key or token has")]
    InnerBlank,
    /// A character outside ASCII in an API key or a token.
    #[error("it holds a character outside ASCII, which no API key or token has")]
    NotAscii,
    /// Another character that is not in the token68 of RFC 9110 in an API key or a token.
    #[error(
        "it holds a character other than letters, digits and -._~+/=, which no API key or token has"
    )]
    NotTokenCharacter,
    /// A colon in a user name, which RFC 7617 forbids: the rest would be read as the password.
    #[error("a user name cannot hold a colon")]
    Colon,
}

impl Credentials {
    /// User name and password.
    ///
    /// # Errors
    /// When one is blank or contains control characters, or the user name is in quotation marks or
    /// contains a colon.
    pub fn basic(username: &str, password: &str) -> Result<Self, CredentialsError> {
        check(username)?;
        check(password)?;
        // A password may begin and end with a quotation mark; a user name does not.
        if is_quoted(username) {
            return Err(CredentialsError::Quoted);
        }
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

    /// An API key, with or without the prefix `App `. The prefix of another scheme selects that
    /// scheme.
    ///
    /// # Errors
    /// When it is blank, in quotation marks, or contains a character that no key has.
    pub fn app(key: &str) -> Result<Self, CredentialsError> {
        Self::token(key, Scheme::App)
    }

    /// An access token, with or without the prefix `Bearer `. The prefix of another scheme selects
    /// that scheme.
    ///
    /// # Errors
    /// When it is blank, in quotation marks, or contains a character that no token has.
    pub fn bearer(token: &str) -> Result<Self, CredentialsError> {
        Self::token(token, Scheme::Bearer)
    }

    /// A session token, with or without the prefix `IBSSO `. The prefix of another scheme selects
    /// that scheme.
    ///
    /// # Errors
    /// When it is blank, in quotation marks, or contains a character that no token has.
    pub fn ibsso(token: &str) -> Result<Self, CredentialsError> {
        Self::token(token, Scheme::Ibsso)
    }

    fn token(text: &str, scheme: Scheme) -> Result<Self, CredentialsError> {
        let text = text.trim_matches(' ');
        if is_quoted(text) {
            return Err(CredentialsError::Quoted);
        }
        let (scheme, token) = text
            .split_once(' ')
            .and_then(|(word, rest)| {
                let known = [Scheme::App, Scheme::Bearer, Scheme::Ibsso];
                let scheme = known.into_iter().find(|s| s.as_str().eq_ignore_ascii_case(word))?;
                Some((scheme, rest.trim_start_matches(' ')))
            })
            .unwrap_or((scheme, text));
        check_token(token)?;
        Ok(Self { scheme, token: token.into(), password: None })
    }

    /// The kind of credentials.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The value of the `Authorization` header, marked so that it is not printed; `None` when it
    /// cannot be put into a header. The one place where the secret leaves its type.
    pub(super) fn authorization(&self) -> Option<HeaderValue> {
        let text =
            Zeroizing::new(format!("{} {}", self.scheme.as_str(), self.token.expose_secret()));
        let mut value = HeaderValue::from_bytes(text.as_bytes()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Passes to a digest what distinguishes accounts: the scheme with the user name, the key or the
    /// token. The password is not included, because it may change.
    pub fn identify(&self, digest: &mut dyn FnMut(&[u8])) {
        digest(self.scheme.as_str().as_bytes());
        digest(b"\0");
        if self.scheme == Scheme::Basic {
            let pair = BASE64_STANDARD.decode(self.token.expose_secret()).unwrap_or_default();
            let pair = Zeroizing::new(pair);
            let end = pair.iter().position(|byte| *byte == b':').unwrap_or(pair.len());
            digest(pair.get(..end).unwrap_or_default());
        } else {
            digest(self.token.expose_secret().as_bytes());
        }
    }

    /// The text with these credentials replaced by `***`: a server may repeat them.
    #[must_use]
    pub(super) fn hide_in(&self, text: &str) -> String {
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

/// Checks a key or token, which is sent as given: a server would refuse one with such a mistake
/// without a reason.
fn check_token(token: &str) -> Result<(), CredentialsError> {
    check(token)?;
    if is_quoted(token) {
        return Err(CredentialsError::Quoted);
    }
    if !token.is_ascii() {
        return Err(CredentialsError::NotAscii);
    }
    if token.contains(' ') {
        return Err(CredentialsError::InnerBlank);
    }
    // The vendor does not specify the form of its keys. RFC 9110, section 11.2, does for what follows
    // the scheme, and a placeholder such as <KEY> is outside of it.
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if !token.bytes().all(is_allowed) {
        return Err(CredentialsError::NotTokenCharacter);
    }
    Ok(())
}

/// Whether a text begins or ends with a quotation mark, as a value copied from a shell script or
/// passed by `docker --env-file` does.
fn is_quoted(text: &str) -> bool {
    let marks = ['"', '\'', '`', '\u{201C}', '\u{201D}', '\u{2018}', '\u{2019}'];
    text.starts_with(marks) || text.ends_with(marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_differ_by_their_key_or_user_name_and_not_by_their_password() {
        let identity = |credentials: Result<Credentials, CredentialsError>| {
            let mut bytes = Vec::new();
            credentials.unwrap().identify(&mut |part| bytes.extend_from_slice(part));
            bytes
        };
        let basic = identity(Credentials::basic("ana", "one"));
        assert_eq!(basic, identity(Credentials::basic("ana", "two")));
        assert_ne!(basic, identity(Credentials::basic("eva", "one")));
        let key = identity(Credentials::app("key-1"));
        assert_eq!(key, identity(Credentials::app("App key-1")));
        assert_ne!(key, identity(Credentials::app("key-2")));
        assert_ne!(key, identity(Credentials::bearer("key-1")));
    }

    fn sent(credentials: &Credentials) -> String {
        String::from_utf8(credentials.authorization().unwrap().as_bytes().to_vec()).unwrap()
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
    fn a_key_or_token_with_invalid_characters_is_refused() {
        use CredentialsError::{InnerBlank, NotAscii, NotTokenCharacter, Quoted};
        for (text, expected) in [
            ("\"key\"", Quoted),
            ("'key'", Quoted),
            ("\"key", Quoted),
            ("key'", Quoted),
            ("\u{201C}key\u{201D}", Quoted),
            ("App \"key\"", Quoted),
            ("\"App key\"", Quoted),
            ("two words", InnerBlank),
            ("App two words", InnerBlank),
            ("schlüssel", NotAscii),
            ("\u{feff}key", NotAscii),
            ("key\u{a0}", NotAscii),
            ("key\u{200b}", NotAscii),
            ("<KEY>", NotTokenCharacter),
            ("k\"123", NotTokenCharacter),
            ("App k,123", NotTokenCharacter),
            ("{key}", NotTokenCharacter),
            ("key;", NotTokenCharacter),
        ] {
            assert_eq!(Credentials::app(text).unwrap_err(), expected, "{text:?}");
            assert_eq!(Credentials::bearer(text).unwrap_err(), expected, "{text:?}");
            assert_eq!(Credentials::ibsso(text).unwrap_err(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_key_or_token_can_have_every_character_of_token68() {
        let token = "aZ09-._~+/==";
        assert_eq!(sent(&Credentials::app(token).unwrap()), format!("App {token}"));
        assert_eq!(sent(&Credentials::bearer(token).unwrap()), format!("Bearer {token}"));
        assert_eq!(sent(&Credentials::ibsso(token).unwrap()), format!("IBSSO {token}"));
    }

    #[test]
    fn a_password_may_hold_what_a_key_may_not_and_a_user_name_in_quotation_marks_is_refused() {
        assert_eq!(sent(&Credentials::basic("a", "\"b c\"").unwrap()), "Basic YToiYiBjIg==");
        assert_eq!(Credentials::basic("\"a\"", "b").unwrap_err(), CredentialsError::Quoted);
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
        assert_eq!(format!("{:?}", app.authorization().unwrap()), "Sensitive");
    }

    #[test]
    fn a_secret_that_a_response_repeats_is_hidden() {
        let app = Credentials::app("hunter2").unwrap();
        assert_eq!(app.hide_in("bad key App hunter2!"), "bad key App ***!");
        let basic = Credentials::basic("u", "hunter2").unwrap();
        let token = BASE64_STANDARD.encode("u:hunter2");
        assert_eq!(basic.hide_in(&format!("{token} hunter2")), "*** ***");
    }
}
