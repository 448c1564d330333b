//! Status groups, and which statuses are final.
//!
//! A group's name does not say whether a message is done: `DELIVERED_TO_OPERATOR` is in
//! `DELIVERED` but intermediate. Where a status' id and name disagree, the name decides; an unknown
//! status is not final. Source: the platform's "Response status and error codes".

use std::fmt;

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

/// Published statuses: id, name, final. Several names share an id; a name may stand twice.
const STATUSES: [(u32, &str, bool); 26] = [
    (3, "PENDING_WAITING_DELIVERY", false),
    (7, "PENDING_ENROUTE", false),
    (26, "PENDING_ACCEPTED", false),
    (4, "UNDELIVERABLE_REJECTED_OPERATOR", true),
    (9, "UNDELIVERABLE_NOT_DELIVERED", true),
    (2, "DELIVERED_TO_OPERATOR", false),
    (5, "DELIVERED_TO_HANDSET", true),
    (15, "EXPIRED_EXPIRED", true),
    (29, "EXPIRED_DLR_UNKNOWN", true),
    (6, "REJECTED_NETWORK", true),
    (8, "REJECTED_PREFIX_MISSING", true),
    (10, "REJECTED_DND", true),
    (11, "REJECTED_SOURCE", true),
    (12, "REJECTED_NOT_ENOUGH_CREDITS", true),
    (13, "REJECTED_SENDER", true),
    (14, "REJECTED_DESTINATION", true),
    (17, "REJECTED_PREPAID_PACKAGE_EXPIRED", true),
    (18, "REJECTED_DESTINATION_NOT_REGISTERED", true),
    (19, "REJECTED_ROUTE_NOT_AVAILABLE", true),
    (20, "REJECTED_FLOODING_FILTER", true),
    (21, "REJECTED_SYSTEM_ERROR", true),
    (23, "REJECTED_DUPLICATE_MESSAGE_ID", true),
    (24, "REJECTED_INVALID_UDH", true),
    (25, "REJECTED_MESSAGE_TOO_LONG", true),
    (51, "MISSING_TO", true),
    (52, "REJECTED_DESTINATION", true),
];

/// Whether a status is final, by its name, or by its id when the row has no name.
#[must_use]
pub fn finality(name: Option<&str>, id: Option<u32>) -> Finality {
    let known = match (name, id) {
        (Some(name), _) if !name.is_empty() => {
            STATUSES.iter().find(|(_, known, _)| known.eq_ignore_ascii_case(name))
        }
        (_, Some(id)) => STATUSES.iter().find(|(known, _, _)| *known == id),
        _ => None,
    };
    match known {
        Some((_, _, true)) => Finality::Final,
        Some((_, _, false)) => Finality::Intermediate,
        None => Finality::Unknown,
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
