//! Status groups, and which statuses are final.
//!
//! A group's name does not say whether a message is done: `DELIVERED_TO_OPERATOR` is in
//! `DELIVERED` but intermediate. Where a status' id and name disagree, the name decides; an unknown
//! status is not final. The statuses themselves stand in [`super::codes`].

use std::fmt;

use super::codes::{self, StatusCode};

/// A status group, as the `generalStatus` parameter takes it and `status.groupName` gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the platform's own")]
pub enum StatusGroup {
    Accepted,
    Pending,
    Undeliverable,
    Delivered,
    Expired,
    Rejected,
}

impl StatusGroup {
    /// Every group, by the platform's group id (0 to 5).
    pub const ALL: [Self; 6] = [
        Self::Accepted,
        Self::Pending,
        Self::Undeliverable,
        Self::Delivered,
        Self::Expired,
        Self::Rejected,
    ];

    /// The API's own spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "ACCEPTED",
            Self::Pending => "PENDING",
            Self::Undeliverable => "UNDELIVERABLE",
            Self::Delivered => "DELIVERED",
            Self::Expired => "EXPIRED",
            Self::Rejected => "REJECTED",
        }
    }

    /// Reads a group in any letter case; `None` when no group has that name.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.as_str().eq_ignore_ascii_case(word))
    }
}

impl fmt::Display for StatusGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a message has come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finality {
    /// The status will not change any more.
    Final,
    /// The status is known to be a step on the way.
    Intermediate,
    /// The status is none that the platform has published; taken as not final.
    Unknown,
}

/// Whether a status is final, by its name, or by its id when the row has no name.
#[must_use]
pub fn finality(name: Option<&str>, id: Option<u32>) -> Finality {
    match published(name, id) {
        Some(known) if known.is_final => Finality::Final,
        Some(_) => Finality::Intermediate,
        None => Finality::Unknown,
    }
}

/// The status of a name, in any letter case, or of an id when there is no name.
pub(super) fn published(name: Option<&str>, id: Option<u32>) -> Option<&'static StatusCode> {
    match (name, id) {
        (Some(name), _) if !name.is_empty() => {
            codes::statuses().find(|known| known.name.eq_ignore_ascii_case(name))
        }
        (_, Some(id)) => codes::statuses().find(|known| known.id == id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides_where_id_and_name_disagree() {
        assert_eq!(finality(Some("DELIVERED_TO_HANDSET"), Some(6)), Finality::Final);
        assert_eq!(finality(Some("DELIVERED_TO_OPERATOR"), Some(5)), Finality::Intermediate);
    }

    #[test]
    fn a_status_without_a_name_is_known_by_its_id() {
        assert_eq!(finality(None, Some(9)), Finality::Final);
        assert_eq!(finality(Some(""), Some(7)), Finality::Intermediate);
    }

    #[test]
    fn an_unknown_status_is_not_final() {
        assert_eq!(finality(Some("DELIVERED_TO_THE_MOON"), Some(5)), Finality::Unknown);
        assert_eq!(finality(None, None), Finality::Unknown);
    }
}
