//! What is hidden of a message when it is shown to others, and how.
//!
//! A row is rewritten before any format sees it, so that every format hides the same. Only the
//! values of `to`, `from` and `text` are touched: a number or a text that stands in any other
//! field, documented or not, is not looked for.

mod address;

use std::str::FromStr;

use crate::model::{Log, Oddity, members, unquote};

/// A destination with as much of it hidden as [`Redaction::to`] hides.
#[must_use]
pub fn hidden_destination(text: &str) -> String {
    address::destination(text)
}

/// A sender with as much of it hidden as [`Redaction::from`] hides.
#[must_use]
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
    /// Everything that can be hidden.
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

    /// Reads a list such as `to,text`, in any letter case.
    fn from_str(list: &str) -> Result<Self, UnknownPart> {
        let mut redaction = Self { to: false, from: false, text: false };
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
    /// The row with those fields hidden and every other byte as it was. A row that cannot be read
    /// is hidden whole, since nobody can tell what is in it.
    #[must_use]
    pub fn redact(self, log: &Log) -> Log {
        if !(self.to || self.from || self.text) {
            return log.clone();
        }
        let mut unreadable = false;
        let redacted = Log::read(self.rewrite(log.json()), |oddity| {
            unreadable |= oddity == Oddity::UnreadableRow;
        });
        if unreadable { Log::read(quoted(&length(log.json())), |_| ()) } else { redacted }
    }

    /// A key that stands twice is hidden twice.
    fn rewrite(self, json: &str) -> String {
        let mut redacted = String::with_capacity(json.len());
        let mut copied = 0;
        for (key, at) in members(json) {
            let value = json.get(at.clone()).unwrap_or_default();
            let Some(hide) = self.way_to_hide(key) else { continue };
            let Some(hidden) = hidden(value, hide) else { continue };
            redacted.push_str(json.get(copied..at.start).unwrap_or_default());
            redacted.push_str(&hidden);
            copied = at.end;
        }
        redacted.push_str(json.get(copied..).unwrap_or_default());
        redacted
    }

    fn way_to_hide(self, key: &str) -> Option<fn(&str) -> String> {
        match unquote(key)?.0.as_ref() {
            "to" if self.to => Some(address::destination),
            "from" if self.from => Some(address::sender),
            "text" if self.text => Some(length),
            _ => None,
        }
    }
}

/// The JSON text in place of a value; `None` for one that holds nothing.
fn hidden(value: &str, hide: fn(&str) -> String) -> Option<String> {
    match value.as_bytes().first()? {
        b'n' | b't' | b'f' => None,
        b'"' => match unquote(value) {
            Some((text, _)) if text.is_empty() => None,
            Some((text, _)) => Some(quoted(&hide(&text))),
            None => Some(quoted("***")),
        },
        b'{' | b'[' => Some(quoted("***")),
        // With a point or an exponent in it, the digits of one number look like several short ones.
        _ if value.contains(['.', 'e', 'E']) => Some(quoted("***")),
        _ => Some(quoted(&hide(value))),
    }
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
