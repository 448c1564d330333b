//! The groups of statuses and of errors, and what can be said of all their members.

use std::fmt;

use crate::model::StatusGroup;

/// An error group, as `error.groupName` gives it; in the order of the platform's ids, 0 to 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the platform's own")]
pub enum ErrorGroup {
    Ok,
    Handset,
    User,
    Operator,
}

impl ErrorGroup {
    /// Every group, by the platform's group id.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Handset, Self::User, Self::Operator];

    /// The API's own spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Handset => "HANDSET_ERRORS",
            Self::User => "USER_ERRORS",
            Self::Operator => "OPERATOR_ERRORS",
        }
    }
}

impl fmt::Display for ErrorGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Meaning and advice of a status group.
pub(super) fn status_group(group: StatusGroup) -> (&'static str, &'static str) {
    match group {
        StatusGroup::Accepted => (
            "The platform took the message and has not passed it on yet.",
            "Wait; a message that stays here for minutes is worth a word with support.",
        ),
        StatusGroup::Pending => (
            "The message is on its way; nobody has said yet how it ends.",
            "Wait for a final status, at most until the validity period of the message ends (48 h unless set).",
        ),
        StatusGroup::Undeliverable => (
            "The message reached the operator and was not delivered.",
            "Read the error of the message: it tells a wrong number from a phone that is off.",
        ),
        StatusGroup::Delivered => (
            "The operator or the device confirmed the message.",
            "Look at the status itself: DELIVERED_TO_HANDSET is the end, DELIVERED_TO_OPERATOR is not.",
        ),
        StatusGroup::Expired => (
            "The time to deliver the message ran out, or no delivery report came in that time.",
            "Decide whether the message is still of use, and send it anew with a validity period that fits.",
        ),
        StatusGroup::Rejected => (
            "The platform refused the message and never gave it to an operator.",
            "Mend what the status names (credit, sender, number, content); sending it again as it is fails again.",
        ),
    }
}

/// Meaning and advice of an error group.
pub(super) fn error_group(group: ErrorGroup) -> (&'static str, &'static str) {
    match group {
        ErrorGroup::Ok => (
            "Nothing went wrong so far.",
            "Nothing to mend; the status says how far the message is.",
        ),
        ErrorGroup::Handset => (
            "The number, the phone or the network around it could not take the message.",
            "If it is not permanent, send again later; if it is, check the number with its owner.",
        ),
        ErrorGroup::User => (
            "The message or the account's own settings stood in the way.",
            "Change the message, the sender or the account's lists before sending again.",
        ),
        ErrorGroup::Operator => (
            "The operator refused the message or did not answer in time.",
            "If it is not permanent, send again later; if many numbers of one network fail, ask support for its route.",
        ),
    }
}
