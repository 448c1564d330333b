//! The groups of statuses, and which statuses of a group are final.

use std::fmt;

/// A status group, as in the parameter `generalStatus` and in `status.groupName`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the platform's own")]
#[non_exhaustive]
pub enum StatusGroup {
    Accepted,
    Pending,
    Undeliverable,
    Delivered,
    Expired,
    Rejected,
}

impl StatusGroup {
    /// Every group, in the order of the platform's ids (0 to 5).
    pub const ALL: [Self; 6] = [
        Self::Accepted,
        Self::Pending,
        Self::Undeliverable,
        Self::Delivered,
        Self::Expired,
        Self::Rejected,
    ];

    /// The groups of messages that failed.
    pub const FAILED: [Self; 3] = [Self::Undeliverable, Self::Expired, Self::Rejected];

    /// Whether messages of this group can get a status of another group.
    pub(crate) fn can_move_on(self) -> bool {
        matches!(self, Self::Accepted | Self::Pending)
    }

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

/// Whether a status of this group and name is final. `DELIVERED_TO_OPERATOR` is not, although it is
/// in the group DELIVERED: the report of the phone can follow.
pub(super) fn is_final_in(group: StatusGroup, name: &str) -> bool {
    match group {
        StatusGroup::Accepted | StatusGroup::Pending => false,
        StatusGroup::Undeliverable | StatusGroup::Expired | StatusGroup::Rejected => true,
        StatusGroup::Delivered => !name.eq_ignore_ascii_case("DELIVERED_TO_OPERATOR"),
    }
}
