//! The groups of errors, and the texts of the groups of statuses and errors.
//!
//! A text of a group must be true of each code in the group: it explains the codes that have no text
//! of their own.

use std::fmt;

use super::CodeText;
use crate::model::StatusGroup;

/// An error group, as in `error.groupName`. E-mail, push and chat errors have groups of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the platform's own")]
#[non_exhaustive]
pub enum ErrorGroup {
    Ok,
    Handset,
    User,
    Operator,
    Dropped,
    Bounced,
    Registration,
    Cloud,
    Client,
    Provider,
    System,
}

impl ErrorGroup {
    /// Every group: first the general ones in the order of their ids, then those of e-mail, push and
    /// chat.
    pub const ALL: [Self; 11] = [
        Self::Ok,
        Self::Handset,
        Self::User,
        Self::Operator,
        Self::Dropped,
        Self::Bounced,
        Self::Registration,
        Self::Cloud,
        Self::Client,
        Self::Provider,
        Self::System,
    ];

    /// The API's own spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Handset => "HANDSET_ERRORS",
            Self::User => "USER_ERRORS",
            Self::Operator => "OPERATOR_ERRORS",
            Self::Dropped => "DROPPED",
            Self::Bounced => "BOUNCED",
            Self::Registration => "REGISTRATION_ERRORS",
            Self::Cloud => "CLOUD_ERRORS",
            Self::Client => "CLIENT_ERRORS",
            Self::Provider => "PROVIDER_ERRORS",
            Self::System => "SYSTEM_ERRORS",
        }
    }

    /// The platform's id. Groups of different families share ids.
    #[must_use]
    pub fn id(self) -> u32 {
        match self {
            Self::Ok => 0,
            Self::Handset | Self::Dropped | Self::Registration | Self::Client => 1,
            Self::User | Self::Bounced | Self::Provider => 2,
            Self::Operator | Self::Cloud | Self::System => 3,
        }
    }

    /// Reads a group in any letter case, with spaces or underscores between its words.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.replace(' ', "_");
        Self::ALL.into_iter().find(|group| group.as_str().eq_ignore_ascii_case(&name))
    }
}

impl fmt::Display for ErrorGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A status group in words, for a row that has neither the name nor the description of a status.
pub(crate) fn status_phrase(group: StatusGroup) -> &'static str {
    status_group(group).short
}

/// The text of a group of statuses.
pub(super) fn status_group(group: StatusGroup) -> CodeText {
    let (short, meaning, advice) = match group {
        StatusGroup::Accepted => (
            "accepted",
            "The platform accepted the message and has not sent it yet.",
            "Wait. Contact support about a message that stays in this group for minutes.",
        ),
        StatusGroup::Pending => (
            "pending",
            "The message is on its way and has no final status yet.",
            "Wait for a final status, at most until the validity period of the message ends (48 hours unless set).",
        ),
        StatusGroup::Undeliverable => (
            "undeliverable",
            "The message could not be delivered.",
            "Look at the error of the message: it shows, for example, whether the number is wrong or the phone is off.",
        ),
        StatusGroup::Delivered => (
            "delivered",
            "The operator or the device confirmed the message.",
            "Look at the status: DELIVERED_TO_HANDSET is final, DELIVERED_TO_OPERATOR is not.",
        ),
        StatusGroup::Expired => (
            "expired",
            "The validity period of the message ended before it was delivered, or before a delivery report arrived.",
            "Decide whether the message is still useful. If so, send it again with a suitable validity period.",
        ),
        StatusGroup::Rejected => (
            "rejected",
            "The platform rejected the message and did not send it to an operator.",
            "Correct what the status names (credit, sender, number, content). The same message would be rejected again.",
        ),
    };
    CodeText { short, meaning, advice }
}

/// The text of a group of errors.
pub(super) fn error_group(group: ErrorGroup) -> CodeText {
    let (short, meaning, advice) = match group {
        ErrorGroup::Ok => (
            "no error",
            "No error occurred.",
            "Nothing to correct. The status shows how far the message is.",
        ),
        ErrorGroup::Handset => (
            "handset error",
            "The number, the phone or its network could not receive the message.",
            "If the error is not permanent, send again later; if it is, check the number with its owner.",
        ),
        ErrorGroup::User => (
            "user error",
            "The message or the settings of the account prevented the delivery.",
            "Change the message, the sender or the lists of the account before you send again.",
        ),
        ErrorGroup::Operator => (
            "operator error",
            "The operator rejected the message or did not respond in time.",
            "If the error is not permanent, send again later. If many numbers of one network fail, ask support to check the route.",
        ),
        ErrorGroup::Dropped => (
            "dropped",
            "The platform dropped the e-mail and did not send it.",
            "Correct the address, the sender or the content that the error names.",
        ),
        ErrorGroup::Bounced => (
            "bounced",
            "The mail server of the recipient returned the e-mail.",
            "Remove the address if the error is permanent; otherwise send again later.",
        ),
        ErrorGroup::Registration => (
            "registration error",
            "The registration of the app or the device is not valid.",
            "Check that the app is installed and registered with the application of the message.",
        ),
        ErrorGroup::Cloud => (
            "cloud error",
            "The push service of Apple, Google or Huawei did not accept the notification.",
            "Check the certificates and keys of the application; if they are valid, send again later.",
        ),
        ErrorGroup::Client => (
            "client error",
            "The request, the content or the recipient prevented the delivery of the chat message.",
            "Correct what the error names before you send again.",
        ),
        ErrorGroup::Provider => (
            "provider error",
            "The chat provider failed or did not accept the message.",
            "If the error is not permanent, send again later; if it is, check the account with the provider.",
        ),
        ErrorGroup::System => (
            "system error",
            "The platform itself failed, or is not set up for this message.",
            "Send again later. If it continues, give support the message id.",
        ),
    };
    CodeText { short, meaning, advice }
}
