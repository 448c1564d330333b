//! What is hidden of a message when it is shown to others, and how.
//!
//! A row is rewritten before any format sees it, so that every format hides the same. What is not
//! known to be harmless is hidden: a field that a later version of the API adds can hold anything.
//! Numbers and e-mail addresses of the sender and the destination are hidden wherever they are in
//! the row, whatever field it is.

mod address;
mod digits;
mod known;
mod parts;

use std::str::FromStr;

use self::known::KnownAddresses;
use self::parts::{Parts, Role};
use crate::model::{Anomaly, Cell, Field, FieldKind, Log, Timestamp, Token, unquote};

/// A destination with as much of it hidden as [`Redaction::to`] hides.
#[must_use]
#[doc(hidden)]
pub fn hidden_destination(text: &str) -> String {
    address::destination(text)
}

/// A sender with as much of it hidden as [`Redaction::from`] hides.
#[must_use]
#[doc(hidden)]
pub fn hidden_sender(text: &str) -> String {
    address::sender(text)
}

/// Which fields are hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redaction {
    /// The destination: a number keeps its country code and last two digits, an e-mail address its
    /// domain, any other id its first and last two characters.
    pub to: bool,
    /// The sender: as `to`, but a name stays, and so does a number of fewer than seven digits:
    /// both name a service, not a person.
    pub from: bool,
    /// The text: its length in characters (Unicode scalar values) is left.
    pub text: bool,
}

impl Default for Redaction {
    /// All of them.
    fn default() -> Self {
        Self { to: true, from: true, text: true }
    }
}

/// A word in a list of fields to hide that names none of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("only to, from and text can be redacted, not '{0}'")]
pub struct UnknownPart(pub String);

impl FromStr for Redaction {
    type Err = UnknownPart;

    /// Reads a list such as `to,text`, in any letter case; `none` hides nothing.
    fn from_str(list: &str) -> Result<Self, UnknownPart> {
        let mut redaction = Self { to: false, from: false, text: false };
        if list.trim().eq_ignore_ascii_case("none") {
            return Ok(redaction);
        }
        for word in list.split(',').map(str::trim) {
            match word.to_ascii_lowercase().as_str() {
                "to" => redaction.to = true,
                "from" => redaction.from = true,
                "text" => redaction.text = true,
                _ => return Err(UnknownPart(word.to_owned())),
            }
        }
        Ok(redaction)
    }
}

impl Redaction {
    /// The row with those fields hidden, and with them what is not known: texts of other fields,
    /// their numbers, and names that are not plain words. A row that cannot be read is hidden whole.
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
            return Log::read(quoted(&length(log.json())), |_| ());
        }
        if self.text { redacted.with_hidden_encoding(log.sms_encoding()) } else { redacted }
    }

    /// The row's text; what is kept of it stays as it was, byte for byte.
    fn rewrite(self, json: &str) -> String {
        let known = self.known(json);
        let mut redacted = String::with_capacity(json.len());
        let mut copied = 0;
        for (token, role) in Parts::of(json) {
            let text = token.text();
            let Some(hidden) = self.hidden(token, role, &known) else { continue };
            let start = text.as_ptr().addr().wrapping_sub(json.as_ptr().addr());
            redacted.push_str(json.get(copied..start).unwrap_or_default());
            redacted.push_str(&hidden);
            copied = start + text.len();
        }
        redacted.push_str(json.get(copied..).unwrap_or_default());
        redacted
    }

    /// The numbers and addresses of the fields that are to be hidden.
    fn known(self, json: &str) -> KnownAddresses {
        let mut known = KnownAddresses::default();
        for (token, role) in Parts::of(json) {
            let is_address = match role {
                Role::Field(Field::To) | Role::InsideField(Field::To) => self.to,
                Role::Field(Field::From) | Role::InsideField(Field::From) => self.from,
                _ => false,
            };
            match token {
                Token::String(literal) if is_address => {
                    known.note(&unquote(literal).map(|(text, _)| text).unwrap_or_default());
                }
                Token::Scalar(number) if is_address => known.note(number),
                _ => (),
            }
        }
        known
    }

    /// What replaces a token; `None` when it stays.
    fn hidden(self, token: Token<'_>, role: Role, known: &KnownAddresses) -> Option<String> {
        match (token, role) {
            (_, Role::Punctuation | Role::KnownKey)
            | (Token::Scalar("null" | "true" | "false"), _) => None,
            (token, Role::UnknownKey) => hidden_key(token.text(), known),
            (token, Role::Field(field)) => self.hidden_field(token.text(), field, known),
            (token, Role::PreviousStatus) => hidden_code(token.text()),
            (token, Role::Unknown | Role::InsideField(_)) => hidden_value(token.text(), length),
        }
    }

    fn hidden_field(self, value: &str, field: Field, known: &KnownAddresses) -> Option<String> {
        match field {
            Field::To if self.to => hidden_value(value, address::destination),
            Field::From if self.from => hidden_value(value, address::sender),
            Field::Text if self.text => hidden_value(value, length),
            Field::To | Field::From | Field::Text | Field::BulkId | Field::MessageId => {
                hide_within(value, |text| known.hide_in(text))
            }
            // Sentences, which can name a number or an address that the row has nowhere else.
            Field::StatusDescription | Field::StatusAction | Field::ErrorDescription => {
                hide_within(value, |text| {
                    let text = address::without_emails(&known.hide_in(text));
                    address::without_numbers(&text)
                })
            }
            field if field.kind() == FieldKind::Text => hidden_code(value),
            field => {
                let is_right = Cell::read(value).fits(field.kind())
                    && (field.kind() != FieldKind::Time || is_time(value))
                    && !known.is_in(value);
                if is_right { None } else { hidden_value(value, length) }
            }
        }
    }
}

fn is_time(value: &str) -> bool {
    let text = Cell::read(value).into_text();
    text.is_empty() || Timestamp::parse(&text).is_some()
}

/// The JSON text in place of a string or a number; `None` for a string that is empty.
fn hidden_value(value: &str, hide: fn(&str) -> String) -> Option<String> {
    match unquote(value) {
        Some((text, _)) if text.is_empty() => None,
        Some((text, _)) => Some(quoted(&hide(&text))),
        // A string that cannot be read; and with a point or an exponent in it, the digits of one
        // number look like several short ones.
        None if value.starts_with('"') || value.contains(['.', 'e', 'E']) => Some(quoted("***")),
        None => Some(quoted(&hide(value))),
    }
}

/// The JSON text in place of a value of which a part is hidden; `None` when nothing of it is.
fn hide_within(value: &str, hide: impl Fn(&str) -> String) -> Option<String> {
    let text = match unquote(value) {
        Some((text, _)) => text,
        None if value.starts_with('"') => return Some(quoted("***")),
        None => value.into(),
    };
    let hidden = hide(&text);
    (hidden != text).then(|| quoted(&hidden))
}

/// A value that is one of the platform's words, such as a status or a currency; any other text in
/// its place is hidden.
fn hidden_code(value: &str) -> Option<String> {
    let text = unquote(value).map_or_else(|| value.into(), |(text, _)| text);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let is_code = text.len() <= 64 && digits < digits::MIN_NUMBER && is_word;
    if is_code { None } else { hidden_value(value, length) }
}

/// A name of which nothing is known: it can be a person's, in a list by name.
fn hidden_key(literal: &str, known: &KnownAddresses) -> Option<String> {
    let name = unquote(literal).map(|(name, _)| name).unwrap_or_default();
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let is_plain = name.len() <= 40
        && digits <= 4
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !known.is_in(&name);
    (!is_plain).then(|| quoted("***"))
}

fn length(text: &str) -> String {
    match text.chars().count() {
        1 => "[1 character]".to_owned(),
        count => format!("[{count} characters]"),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
