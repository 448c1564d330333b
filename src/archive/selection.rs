//! What a reader requests of a store, and the rows that the store returns.

use super::account::AccountId;
use super::message_columns::{MessageKey, RowHash, message_key, row_hash};
use crate::model::{Log, StatusGroup, TimeRange};

/// The messages to read: those that match every field that is neither `None` nor empty.
///
/// A store must use an index for each of these fields. All other filters are matched row by row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The account; `None` for every account.
    pub account: Option<AccountId>,
    /// The times of sending, in milliseconds since 1970. A message without a readable time of
    /// sending counts as sent when it was first seen.
    pub range: Option<TimeRange>,
    /// Destinations, any of which a message may have, as
    /// [`destination_key`](super::destination_key) makes them.
    pub destinations: Vec<String>,
    /// Message ids, any of which a message may have.
    pub message_ids: Vec<String>,
    /// The beginning of the message id.
    pub message_id_prefix: Option<String>,
    /// Bulk ids, any of which a message may have.
    pub bulk_ids: Vec<String>,
    /// Status groups, any of which the current version may have.
    pub statuses: Vec<StatusGroup>,
}

/// The place after a row that was read, where reading continues. A message that was written in the
/// meantime is read if it follows that row in the order of reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The time of sending of that row.
    pub(super) at: i64,
    /// The number that the store gave the message; it orders the messages of one millisecond.
    pub(super) number: i64,
}

/// A message as it is read from a store: its current version.
#[derive(Clone, Debug)]
pub struct StoredRow {
    /// The account that the message belongs to.
    pub account: AccountId,
    /// When it was sent, or else when it was first seen, in milliseconds since 1970.
    pub at: i64,
    /// The hash of the row that was written.
    pub(super) hash: RowHash,
    /// The row.
    pub log: Log,
    /// Where reading continues after this row.
    pub cursor: Cursor,
}

impl StoredRow {
    /// Whether the row has the text that was written. A database in one file has no checksums: only
    /// the hash shows that a part of the file was overwritten with another text.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        row_hash(self.log.bytes()) == self.hash
    }

    /// The key of the message.
    #[must_use]
    pub fn key(&self) -> MessageKey {
        message_key(&self.log, &row_hash(self.log.bytes()))
    }
}

/// One version of a message: a row with a text that differs from those of the other versions.
#[derive(Clone, Debug)]
pub struct StoredVersion {
    /// When it was first seen, by the server's clock, in milliseconds since 1970.
    pub seen_at: i64,
    /// Whether it is the current version.
    pub is_current: bool,
    /// The hash of the row that was written.
    pub(super) hash: RowHash,
    /// The row.
    pub log: Log,
}

impl StoredVersion {
    /// Whether the row has the text that was written, as [`StoredRow::is_intact`] says.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        row_hash(self.log.bytes()) == self.hash
    }
}

/// A message whose status is not final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingMessage {
    /// Its key.
    pub key: MessageKey,
    /// When it was sent, or else when it was first seen, in milliseconds since 1970.
    pub at: i64,
}
