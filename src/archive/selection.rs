//! Which messages are read from a store, and what is read.

use super::account::AccountId;
use super::message_columns::{MessageKey, message_key, row_hash};
use crate::model::{Log, StatusGroup, TimeRange};

/// Which messages are read. What is `None` or empty does not select.
///
/// A store must serve all of this by its indexes. Everything else is matched row by row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Whose messages.
    pub account: Option<AccountId>,
    /// Times of sending, in milliseconds. A message without a readable time of sending counts as
    /// sent when it was first seen.
    pub range: Option<TimeRange>,
    /// Destinations, any of which a message may have, as
    /// [`destination_key`](super::destination_key) makes them.
    pub destinations: Vec<String>,
    /// Message ids, any of which a message may have.
    pub message_ids: Vec<String>,
    /// How the message id begins.
    pub message_id_prefix: Option<String>,
    /// Bulk ids, any of which a message may have.
    pub bulk_ids: Vec<String>,
    /// Status groups, any of which the version that counts may have.
    pub statuses: Vec<StatusGroup>,
}

/// Where reading continues: behind the last row that was read. A message that was written in the
/// meantime is read if its place is behind that row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The time of sending of that row.
    pub(super) at: i64,
    /// Which of the rows of that time it is: the number that the store gave the message.
    pub(super) number: i64,
}

/// A message as it is read from a store: the version that counts.
#[derive(Clone, Debug)]
pub struct StoredRow {
    /// Whose message it is.
    pub account: AccountId,
    /// When it was sent, or else when it was first seen, in milliseconds since 1970.
    pub at: i64,
    /// When this version was first seen, by the server's clock, in milliseconds since 1970.
    pub seen_at: i64,
    /// How many versions the archive has of the message.
    pub versions: u32,
    /// The row.
    pub log: Log,
    /// Where reading continues after this row.
    pub cursor: Cursor,
}

impl StoredRow {
    /// What identifies the message.
    #[must_use]
    pub fn key(&self) -> MessageKey {
        message_key(&self.log, &row_hash(self.log.bytes()))
    }
}

/// A text of a message, as the archive has it.
#[derive(Clone, Debug)]
pub struct StoredVersion {
    /// When it was first seen, by the server's clock, in milliseconds since 1970.
    pub seen_at: i64,
    /// Whether it is the version that counts.
    pub is_current: bool,
    /// The row.
    pub log: Log,
}

/// A message whose status is not final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingMessage {
    /// What identifies it.
    pub key: MessageKey,
    /// When it was sent, or else when it was first seen, in milliseconds since 1970.
    pub at: i64,
}
