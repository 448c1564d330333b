//! The file as TOML: values with their lines, and refusals that name the line and not what is on it.
//!
//! Values are read one by one, and not by a derived `Deserialize`: the errors of serde quote the
//! value, which may be a secret, so that it would have to read every value as one of any type, which
//! is then checked here all the same, and each key would be written once more.

use std::fmt::Display;
use std::path::Path;

use secrecy::SecretString;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::WithLine;
use crate::failure::Failure;

/// A file's text.
pub(super) struct Document<'i> {
    path: &'i Path,
    text: &'i str,
    /// Where each line ends, in bytes: a file may have thousands of entries.
    line_ends: Vec<usize>,
}

/// A key with its value.
#[derive(Clone, Copy)]
pub(super) struct KeyValue<'t, 'i> {
    pub(super) key: &'t str,
    pub(super) value: &'t Spanned<DeValue<'i>>,
    /// The position of the key, in bytes.
    pub(super) at: usize,
}

/// The entries of a table, in the order of the file.
pub(super) fn entries<'t, 'i>(table: &'t DeTable<'i>) -> Vec<KeyValue<'t, 'i>> {
    let mut entries: Vec<_> = table
        .iter()
        .map(|(key, value)| KeyValue { key: key.get_ref(), value, at: key.span().start })
        .collect();
    entries.sort_by_key(|entry| entry.at);
    entries
}

impl<'i> Document<'i> {
    pub(super) fn new(path: &'i Path, bytes: &'i [u8]) -> Result<Self, Failure> {
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                let line_ends = text.match_indices('\n').map(|(at, _)| at).collect();
                Ok(Self { path, text, line_ends })
            }
            Err(error) => {
                let before = bytes.iter().take(error.valid_up_to());
                let line = 1 + before.filter(|&&byte| byte == b'\n').count();
                Err(Failure::usage(format!("{}:{line}: not valid UTF-8", path.display())))
            }
        }
    }

    /// The whole of it.
    pub(super) fn root(&self) -> Result<Spanned<DeTable<'i>>, Failure> {
        DeTable::parse(self.text).map_err(|error| {
            // The parser's messages are fixed texts; its Display would quote the line.
            let at = error.span().map_or(0, |span| span.start);
            let column = self.text.get(..at).map_or(1, |before| {
                1 + before.rsplit('\n').next().unwrap_or_default().chars().count()
            });
            let (path, line) = (self.path.display(), self.line(at));
            Failure::usage(format!("{path}:{line}:{column}: {}", error.message()))
                .hint("write the file as TOML: NAME = \"VALUE\" a line, groups as [profiles.NAME]")
        })
    }

    /// The line of a place, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        1 + self.line_ends.partition_point(|end| *end < at)
    }

    /// The error about what is at this position.
    pub(super) fn refuse(&self, at: usize, why: impl Display) -> Failure {
        Failure::usage(format!("{}:{}: {why}", self.path.display(), self.line(at)))
    }

    /// The entry's value as text.
    pub(super) fn text<'t>(&self, entry: &KeyValue<'t, 'i>) -> Result<WithLine<&'t str>, Failure> {
        match entry.value.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                Err(self.refuse(entry.at, format!("{} is empty", entry.key)))
            }
            DeValue::String(text) => Ok(WithLine { value: text, line: self.line(entry.at) }),
            other => Err(self.wrong_type(entry, "text in quotation marks", other)),
        }
    }

    /// The entry's value, kept from being shown.
    pub(super) fn secret(
        &self,
        entry: &KeyValue<'_, 'i>,
    ) -> Result<WithLine<SecretString>, Failure> {
        let WithLine { value, line } = self.text(entry)?;
        Ok(WithLine { value: SecretString::from(value), line })
    }

    /// The entry's value as a table.
    pub(super) fn table<'t>(&self, entry: &KeyValue<'t, 'i>) -> Result<&'t DeTable<'i>, Failure> {
        match entry.value.get_ref() {
            DeValue::Table(table) => Ok(table),
            other => Err(self.wrong_type(entry, "a table", other)),
        }
    }

    /// The entry's value as words: one text with commas, or a list of texts.
    pub(super) fn words(&self, entry: &KeyValue<'_, 'i>) -> Result<WithLine<String>, Failure> {
        let DeValue::Array(items) = entry.value.get_ref() else {
            let WithLine { value, line } = self.text(entry)?;
            return Ok(WithLine { value: value.to_owned(), line });
        };
        let words: Option<Vec<&str>> = items.iter().map(|item| item.get_ref().as_str()).collect();
        match words {
            Some(words) if !words.is_empty() => {
                Ok(WithLine { value: words.join(","), line: self.line(entry.at) })
            }
            _ => Err(self.refuse(entry.at, format!("{} must list texts", entry.key))),
        }
    }

    pub(super) fn wrong_type(
        &self,
        entry: &KeyValue<'_, '_>,
        wanted: &str,
        is: &DeValue<'_>,
    ) -> Failure {
        let is = is.type_str();
        self.refuse(entry.at, format!("{} must be {wanted}, not {is}", entry.key))
    }
}
