//! What statuses and errors mean: the one table of them.
//!
//! Ids, names, groups and permanence are facts that the platform publishes as "Response status and
//! error codes"; meanings and advice are words of our own. The platform adds codes: what is not
//! here is shown as it came. Nothing here guesses what a misspelt name was meant to be.

mod account;
mod groups;
mod handset;
mod signalling;
mod statuses;

pub use groups::ErrorGroup;

use super::StatusGroup;

/// No short form is longer: it has to fit into a column of a table.
pub const MOST_SHORT: usize = 38;

/// A status that a message can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusCode {
    /// The platform's id; several statuses may share one.
    pub id: u32,
    /// The platform's name.
    pub name: &'static str,
    /// The group it belongs to.
    pub group: StatusGroup,
    /// Whether the message has come to its end.
    pub is_final: bool,
    /// Whether the platform's own page lists it, rather than lists of others alone.
    pub published: bool,
    /// What happened, in [`MOST_SHORT`] characters at most.
    pub short: &'static str,
    /// What happened, in a sentence.
    pub meaning: &'static str,
    /// What to do about it.
    pub advice: &'static str,
}

/// An error that goes with a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorCode {
    /// The platform's id; several errors may share one.
    pub id: u32,
    /// The platform's name.
    pub name: &'static str,
    /// The group it belongs to.
    pub group: ErrorGroup,
    /// Whether the same message to the same destination would fail again.
    pub permanent: bool,
    /// Whether the platform's own page lists it, rather than lists of others alone.
    pub published: bool,
    /// What happened, in [`MOST_SHORT`] characters at most.
    pub short: &'static str,
    /// What happened, in a sentence.
    pub meaning: &'static str,
    /// What to do about it.
    pub advice: &'static str,
}

/// Something that can be explained.
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

    /// The platform's id. Statuses, errors and both kinds of groups are each counted by themselves.
    #[must_use]
    pub fn id(self) -> u32 {
        match self {
            Self::Status(status) => status.id,
            Self::Error(error) => error.id,
            Self::StatusGroup(group) => group as u32,
            Self::ErrorGroup(group) => group as u32,
        }
    }

    /// What happened, in [`MOST_SHORT`] characters at most; a group says nothing so short.
    #[must_use]
    pub fn short(self) -> Option<&'static str> {
        match self {
            Self::Status(status) => Some(status.short),
            Self::Error(error) => Some(error.short),
            Self::StatusGroup(_) | Self::ErrorGroup(_) => None,
        }
    }

    /// What it means, in a sentence or two.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Status(status) => status.meaning,
            Self::Error(error) => error.meaning,
            Self::StatusGroup(group) => groups::status_group(group).0,
            Self::ErrorGroup(group) => groups::error_group(group).0,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::Status(status) => status.advice,
            Self::Error(error) => error.advice,
            Self::StatusGroup(group) => groups::status_group(group).1,
            Self::ErrorGroup(group) => groups::error_group(group).1,
        }
    }
}

/// Every status, by group.
pub fn statuses() -> impl Iterator<Item = &'static StatusCode> {
    statuses::STATUSES.iter()
}

/// Every error, by group and id.
pub fn errors() -> impl Iterator<Item = &'static ErrorCode> {
    handset::ERRORS.iter().chain(&signalling::ERRORS).chain(&account::ERRORS)
}

/// Everything that can be explained: groups of statuses, statuses, groups of errors, errors.
pub fn all() -> impl Iterator<Item = Code> {
    let status_groups = StatusGroup::ALL.into_iter().map(Code::StatusGroup);
    let error_groups = ErrorGroup::ALL.into_iter().map(Code::ErrorGroup);
    status_groups
        .chain(statuses().map(Code::Status))
        .chain(error_groups)
        .chain(errors().map(Code::Error))
}

/// Everything of an id, or of a name in any letter case. An id names statuses and errors alike, and
/// no group; empty when nothing is known by it.
#[must_use]
pub fn find(word: &str) -> Vec<Code> {
    match word.parse::<u32>() {
        Ok(id) => all()
            .filter(|code| matches!(code, Code::Status(_) | Code::Error(_)) && code.id() == id)
            .collect(),
        Err(_) => all().filter(|code| code.name().eq_ignore_ascii_case(word)).collect(),
    }
}

/// The words for a code: short form, meaning, advice.
type Words = [&'static str; 3];

/// A row of the table of errors.
const fn error(
    group: ErrorGroup,
    permanent: bool,
    id: u32,
    name: &'static str,
    [short, meaning, advice]: Words,
) -> ErrorCode {
    ErrorCode { id, name, group, permanent, published: true, short, meaning, advice }
}

#[cfg(test)]
mod tests;
