//! The status and error codes that the platform publishes, each with its meaning.
//!
//! Ids, names, groups and permanence are facts that the platform publishes; `published.tsv` holds
//! them unchanged. Meanings and advice are texts of this project, for the codes that operators meet
//! most (`status_texts.txt` and `error_texts.txt`). The platform adds codes, so an unknown code is
//! not an error. Nothing here corrects a misspelled name.

mod family;
mod groups;
mod table;

use std::borrow::Cow;
use std::fmt::Write as _;

pub use family::Family;
pub use groups::ErrorGroup;
pub(crate) use groups::status_phrase;

use super::StatusGroup;

/// The longest short text, in characters. With a mark before it, the text must fit into the column
/// `RESULT` of a table on a terminal of 80 columns.
pub(crate) const MAX_SHORT: usize = 31;

/// The explanation of a code, in the words of this project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CodeText {
    /// What happened, in 31 characters at most.
    pub short: &'static str,
    /// What happened, in a sentence or two.
    pub meaning: &'static str,
    /// What to do about it.
    pub advice: &'static str,
}

/// A status that a message can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusCode {
    /// The platform's id. Several statuses can share one.
    pub id: u32,
    /// The platform's name.
    pub name: &'static str,
    /// The kind of messages that the status is published for.
    pub family: Family,
    /// The group that the status belongs to.
    pub group: StatusGroup,
    /// Whether the status does not change any more.
    pub is_final: bool,
    /// The explanation; `None` where this project has none.
    pub text: Option<CodeText>,
}

/// An error that goes with a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorCode {
    /// The platform's id. Several errors can share one.
    pub id: u32,
    /// The platform's name.
    pub name: &'static str,
    /// The kind of messages that the error is published for.
    pub family: Family,
    /// The group that the error belongs to; `None` where the platform publishes none.
    pub group: Option<ErrorGroup>,
    /// Whether the same message to the same destination would fail again; `None` where the platform
    /// does not publish it.
    pub permanent: Option<bool>,
    /// The explanation; `None` where this project has none.
    pub text: Option<CodeText>,
}

/// A published code or a group of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// A status.
    Status(&'static StatusCode),
    /// An error.
    Error(&'static ErrorCode),
    /// A group of statuses.
    StatusGroup(StatusGroup),
    /// A group of errors.
    ErrorGroup(ErrorGroup),
}

impl Code {
    /// The platform's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Status(status) => status.name,
            Self::Error(error) => error.name,
            Self::StatusGroup(group) => group.as_str(),
            Self::ErrorGroup(group) => group.as_str(),
        }
    }

    /// The platform's id. Statuses, errors and the two kinds of groups are numbered separately.
    #[must_use]
    pub fn id(self) -> u32 {
        match self {
            Self::Status(status) => status.id,
            Self::Error(error) => error.id,
            Self::StatusGroup(group) => group as u32,
            Self::ErrorGroup(group) => group.id(),
        }
    }

    /// The kind of messages that the code is published for; `None` for a group.
    #[must_use]
    pub fn family(self) -> Option<Family> {
        match self {
            Self::Status(status) => Some(status.family),
            Self::Error(error) => Some(error.family),
            Self::StatusGroup(_) | Self::ErrorGroup(_) => None,
        }
    }

    fn text(self) -> Option<CodeText> {
        match self {
            Self::Status(status) => status.text,
            Self::Error(error) => error.text,
            Self::StatusGroup(group) => Some(groups::status_group(group)),
            Self::ErrorGroup(group) => Some(groups::error_group(group)),
        }
    }

    /// The text of the group that a status or an error belongs to.
    fn group_text(self) -> Option<CodeText> {
        match self {
            Self::Status(status) => Some(groups::status_group(status.group)),
            Self::Error(error) => error.group.map(groups::error_group),
            Self::StatusGroup(_) | Self::ErrorGroup(_) => None,
        }
    }

    /// What happened, in 31 characters at most; `None` for a group, and for a code
    /// without a text of its own.
    #[must_use]
    pub fn short(self) -> Option<&'static str> {
        match self {
            Self::Status(_) | Self::Error(_) => self.text().map(|text| text.short),
            Self::StatusGroup(_) | Self::ErrorGroup(_) => None,
        }
    }

    /// What the code means, in a sentence or two. A code without a text of its own is described by
    /// its family, its name and its group.
    #[must_use]
    pub fn meaning(self) -> Cow<'static, str> {
        if let Some(text) = self.text() {
            return Cow::Borrowed(text.meaning);
        }
        let kind = if matches!(self, Self::Status(_)) { "A status" } else { "An error" };
        let family = self.family().map_or("", Family::phrase);
        let mut meaning = format!("{kind} code for {family}: \"{}\".", readable(self.name()));
        if let Some(group) = self.group_text() {
            // Writing to a String cannot fail.
            let _ = write!(meaning, " {}", group.meaning);
        }
        Cow::Owned(meaning)
    }

    /// What to do about the code. A code without a text of its own has the advice of its group.
    #[must_use]
    pub fn advice(self) -> Cow<'static, str> {
        if let Some(text) = self.text() {
            return Cow::Borrowed(text.advice);
        }
        let (object, group) = match self {
            Self::Status(_) => ("status", self.group_text()),
            _ => ("error", self.group_text()),
        };
        let description =
            format!("Read {object}.description of the message for the details (-o json).");
        Cow::Owned(match group {
            Some(group) => format!("{description} {}", group.advice),
            None => description,
        })
    }
}

/// A platform name in words: `EC_SPAM_DETECTED` as `spam detected`.
pub(super) fn readable(name: &str) -> String {
    name.strip_prefix("EC_").unwrap_or(name).replace('_', " ").to_lowercase()
}

/// Every published status, in the order of the platform's list.
pub fn statuses() -> impl Iterator<Item = &'static StatusCode> {
    table::statuses().codes.iter()
}

/// Every published error, in the order of the platform's list.
pub fn errors() -> impl Iterator<Item = &'static ErrorCode> {
    table::errors().codes.iter()
}

/// Every code and group: groups of statuses, statuses, groups of errors, errors.
pub fn all() -> impl Iterator<Item = Code> {
    let status_groups = StatusGroup::ALL.into_iter().map(Code::StatusGroup);
    let error_groups = ErrorGroup::ALL.into_iter().map(Code::ErrorGroup);
    status_groups
        .chain(statuses().map(Code::Status))
        .chain(error_groups)
        .chain(errors().map(Code::Error))
}

/// Every code with an id, or every code and group with a name in any letter case. Several statuses
/// and errors can have the same id or name. Groups are not found by their ids.
#[must_use]
pub fn find(word: &str) -> Vec<Code> {
    match word.parse::<u32>() {
        Ok(id) => all()
            .filter(|code| matches!(code, Code::Status(_) | Code::Error(_)) && code.id() == id)
            .collect(),
        Err(_) => all().filter(|code| code.name().eq_ignore_ascii_case(word)).collect(),
    }
}

/// The status with a name, in any letter case.
#[must_use]
pub fn status(name: &str) -> Option<&'static StatusCode> {
    table::statuses().get(name)
}

/// Of the statuses with a name, that of the group and the channel of a row: a name can be published in
/// several groups and families.
pub(crate) fn status_of_row(
    name: &str,
    group: Option<StatusGroup>,
    channel: &str,
) -> Option<&'static StatusCode> {
    let named = statuses().filter(|status| status.name.eq_ignore_ascii_case(name));
    named.min_by_key(|it| (Some(it.group) != group, !it.family.includes(channel)))
}

/// Of the errors with a name, that of the group and the channel of a row: as [`status_of_row`].
pub(crate) fn error_of_row(
    name: &str,
    group: Option<ErrorGroup>,
    channel: &str,
) -> Option<&'static ErrorCode> {
    let named = errors().filter(|error| error.name.eq_ignore_ascii_case(name));
    named.min_by_key(|it| (it.group != group, !it.family.includes(channel)))
}

/// The status with an id, for a row that has no name. Families share ids, so that an id identifies a
/// status only together with the group and the channel of the row; `None` when statuses of several
/// names fit.
pub(crate) fn status_by_id(
    id: u32,
    group: StatusGroup,
    channel: &str,
) -> Option<&'static StatusCode> {
    let is_it = |status: &&StatusCode| {
        status.id == id && status.group == group && status.family.includes(channel)
    };
    first_if_all_agree(statuses().filter(is_it), |status| status.name)
}

/// The error with a name, in any letter case.
#[must_use]
pub fn error(name: &str) -> Option<&'static ErrorCode> {
    table::errors().get(name)
}

/// The error with an id, for a row that has no name: as [`status_by_id`].
pub(crate) fn error_by_id(id: u32, group: ErrorGroup, channel: &str) -> Option<&'static ErrorCode> {
    let is_it = |error: &&ErrorCode| {
        error.id == id && error.group == Some(group) && error.family.includes(channel)
    };
    first_if_all_agree(errors().filter(is_it), |error| error.name)
}

/// The first item; `None` when the keys of the items differ.
fn first_if_all_agree<T: Copy, K: PartialEq>(
    mut items: impl Iterator<Item = T>,
    key: fn(T) -> K,
) -> Option<T> {
    let first = items.next()?;
    items.all(|other| key(other) == key(first)).then_some(first)
}

#[cfg(test)]
mod tests;
