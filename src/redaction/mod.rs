//! Hides personal data in a message.
//!
//! A row is redacted before an output format receives it, so that every format hides the same. A value
//! that is not known to be harmless is hidden: a field that a later version of the API adds may contain
//! anything. The numbers and e-mail addresses of the sender and the destination are hidden in every
//! field of the row.

mod address;
mod digits;
mod known_addresses;
mod token_roles;

use std::str::FromStr;

#[doc(hidden)]
pub use self::address::{redact_destination, redact_sender};
use self::known_addresses::KnownAddresses;
use self::token_roles::{Role, TokenRoles};
use crate::model::{Anomaly, Cell, Field, FieldKind, Log, Timestamp, Token, unquote};
use crate::visible::without_emails;

/// Which fields are redacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redaction {
    /// The destination: a number keeps its country code and last two digits, an e-mail address its
    /// domain, any other id its first and last two characters.
    pub to: bool,
    /// The sender: as `to`, but a name stays, and so does a number of fewer than seven digits,
    /// because both identify a service and not a person.
    pub from: bool,
    /// The text: replaced by its length in characters (Unicode scalar values).
    pub text: bool,
}

impl Default for Redaction {
    /// Redacts all of them.
    fn default() -> Self {
        Self { to: true, from: true, text: true }
    }
}

/// The error for a word in a list of fields that is not a field of [`Redaction`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("only to, from and text can be redacted, not '{0}'")]
pub struct NotRedactable(pub String);

impl FromStr for Redaction {
    type Err = NotRedactable;

    /// Reads a list such as `to,text`, in any letter case; `none` redacts no field.
    ///
    /// # Errors
    /// When a word is none of `to`, `from` and `text`.
    fn from_str(list: &str) -> Result<Self, NotRedactable> {
        let mut redaction = Self { to: false, from: false, text: false };
        if list.trim().eq_ignore_ascii_case("none") {
            return Ok(redaction);
        }
        for word in list.split(',').map(str::trim) {
            match word.to_ascii_lowercase().as_str() {
                "to" => redaction.to = true,
                "from" => redaction.from = true,
                "text" => redaction.text = true,
                _ => return Err(NotRedactable(word.to_owned())),
            }
        }
        Ok(redaction)
    }
}

impl Redaction {
    /// The row with these fields redacted. If any is redacted, unknown data is hidden as well: strings
    /// and numbers of other fields, and names that are not plain words. A row that cannot be read is
    /// hidden completely.
    #[must_use]
    pub fn redact(self, log: &Log) -> Log {
        if !(self.to || self.from || self.text) {
            return log.clone();
        }
        let mut unreadable = false;
        let redacted = Log::read(self.rewrite(log.json()), |anomaly| {
            unreadable |= anomaly == Anomaly::UnreadableRow;
        });
        if unreadable {
            return Log::read(json_string(&describe_length(log.json())), |_| ());
        }
        if self.text { redacted.with_replaced_encoding(log.sms_encoding()) } else { redacted }
    }

    /// Rewrites the JSON of a row. The parts that are not hidden stay byte for byte.
    fn rewrite(self, json: &str) -> String {
        let known = self.known_addresses(json);
        let mut redacted = String::with_capacity(json.len());
        let mut copied = 0;
        for (token, role) in TokenRoles::of(json) {
            let text = token.text();
            let Some(hidden) = self.redact_token(token, role, &known) else { continue };
            let start = text.as_ptr().addr().wrapping_sub(json.as_ptr().addr());
            redacted.push_str(json.get(copied..start).unwrap_or_default());
            redacted.push_str(&hidden);
            copied = start + text.len();
        }
        redacted.push_str(json.get(copied..).unwrap_or_default());
        redacted
    }

    /// The numbers and addresses in the fields that are redacted.
    fn known_addresses(self, json: &str) -> KnownAddresses {
        let mut known = KnownAddresses::default();
        for (token, role) in TokenRoles::of(json) {
            let is_address = match role {
                Role::Field(Field::To) | Role::InsideField(Field::To) => self.to,
                Role::Field(Field::From) | Role::InsideField(Field::From) => self.from,
                _ => false,
            };
            match token {
                Token::String(literal) if is_address => {
                    known.add(&unquote(literal).map(|(text, _)| text).unwrap_or_default());
                }
                Token::Scalar(number) if is_address => known.add(number),
                _ => (),
            }
        }
        known
    }

    /// The text that replaces a token; `None` when the token stays.
    fn redact_token(self, token: Token<'_>, role: Role, known: &KnownAddresses) -> Option<String> {
        match (token, role) {
            (_, Role::Punctuation | Role::KnownKey)
            | (Token::Scalar("null" | "true" | "false"), _) => None,
            (token, Role::UnknownKey) => redact_key(token.text(), known),
            (token, Role::Field(field)) => self.redact_field(token.text(), field, known),
            (token, Role::PreviousStatus) => redact_code(token.text()),
            (token, Role::Unknown | Role::InsideField(_)) => {
                redact_value(token.text(), describe_length)
            }
        }
    }

    fn redact_field(self, value: &str, field: Field, known: &KnownAddresses) -> Option<String> {
        match field {
            Field::To if self.to => redact_value(value, address::redact_destination),
            Field::From if self.from => redact_value(value, address::redact_sender),
            Field::Text if self.text => redact_value(value, describe_length),
            Field::To | Field::From | Field::Text | Field::BulkId | Field::MessageId => {
                hide_within(value, |text| known.hide_in(text))
            }
            // Sentences, which may contain a number or an address that is in no other field.
            Field::StatusDescription | Field::StatusAction | Field::ErrorDescription => {
                hide_within(value, |text| without_emails(&known.hide_all_numbers_in(text)))
            }
            field if field.kind() == FieldKind::Text => redact_code(value),
            field => {
                let is_expected = Cell::read(value).fits(field.kind())
                    && (field.kind() != FieldKind::Time || is_time(value))
                    && !known.occurs_in(value);
                if is_expected { None } else { redact_value(value, describe_length) }
            }
        }
    }
}

fn is_time(value: &str) -> bool {
    let text = Cell::read(value).into_text();
    text.is_empty() || Timestamp::parse(&text).is_some()
}

/// The JSON text that replaces a string or a number; `None` for an empty string.
fn redact_value(value: &str, hide: fn(&str) -> String) -> Option<String> {
    match unquote(value) {
        Some((text, _)) if text.is_empty() => None,
        Some((text, _)) => Some(json_string(&hide(&text))),
        // A string that cannot be read; or a number with a point or an exponent, whose digits would
        // look like several short numbers.
        None if value.starts_with('"') || value.contains(['.', 'e', 'E']) => {
            Some(json_string("***"))
        }
        None => Some(json_string(&hide(value))),
    }
}

/// The JSON text that replaces a value of which `hide` hides a part; `None` when it hides nothing.
fn hide_within(value: &str, hide: impl Fn(&str) -> String) -> Option<String> {
    let text = match unquote(value) {
        Some((text, _)) => text,
        None if value.starts_with('"') => return Some(json_string("***")),
        None => value.into(),
    };
    let hidden = hide(&text);
    (hidden != text).then(|| json_string(&hidden))
}

/// The JSON text that replaces the value of a code, such as a status or a currency; `None` when the
/// value looks like a code.
fn redact_code(value: &str) -> Option<String> {
    let text = unquote(value).map_or_else(|| value.into(), |(text, _)| text);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let is_code = text.len() <= 64 && digits < digits::MIN_NUMBER && is_word;
    if is_code { None } else { redact_value(value, describe_length) }
}

/// The JSON text that replaces an unknown member name, which may be the name of a person; `None` when
/// the name is a plain word.
fn redact_key(literal: &str, known: &KnownAddresses) -> Option<String> {
    let name = unquote(literal).map(|(name, _)| name).unwrap_or_default();
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let is_plain = name.len() <= 40
        && digits <= 4
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !known.occurs_in(&name);
    (!is_plain).then(|| json_string("***"))
}

fn describe_length(text: &str) -> String {
    match text.chars().count() {
        1 => "[1 character]".to_owned(),
        count => format!("[{count} characters]"),
    }
}

fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
