//! Rows as they are read from a store, before they are compared with their hashes. This module does not
//! read fields.

use super::account::AccountId;
use super::message_columns::{RowHash, row_hash};
use super::selection::{Cursor, StoredRow};
use super::stored_bytes::{self, Fault};
use crate::model::Log;

/// The largest piece of memory that is reserved for texts before they are read.
const MAX_RESERVED: usize = 1 << 20;

/// Rows that were read from a store at once, the newest first.
///
/// The texts are in one piece of memory. With a piece for each, a thread that reads and another one that
/// writes what was read would wait for each other whenever they allocate and free.
#[derive(Debug, Default)]
pub struct StoredRows {
    texts: Vec<u8>,
    rows: Vec<RowEntry>,
}

/// What a store has of a row beside its text.
#[derive(Debug)]
pub(super) struct RowHead {
    pub(super) account: AccountId,
    pub(super) at: i64,
    pub(super) hash: RowHash,
    pub(super) fault: Fault,
    pub(super) cursor: Cursor,
}

/// A row whose text ends at `end` and begins where that of the row before it ends.
#[derive(Debug)]
struct RowEntry {
    head: RowHead,
    end: usize,
}

impl StoredRows {
    /// No rows yet, with room for this many.
    pub(super) fn with_capacity(rows: usize) -> Self {
        Self { texts: Vec::new(), rows: Vec::with_capacity(rows) }
    }

    pub(super) fn push(&mut self, head: RowHead, text: &[u8]) {
        if self.rows.is_empty() {
            // Rows of one account are of similar length.
            self.texts.reserve(self.rows.capacity().saturating_mul(text.len()).min(MAX_RESERVED));
        }
        self.texts.extend_from_slice(text);
        self.rows.push(RowEntry { head, end: self.texts.len() });
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The length of all texts, in bytes.
    pub(super) fn text_bytes(&self) -> usize {
        self.texts.len()
    }

    /// The last row, which is the oldest.
    pub(super) fn last(&self) -> Option<&RowHead> {
        self.rows.last().map(|row| &row.head)
    }

    /// The rows, each with a text of its own.
    #[must_use]
    pub fn into_rows(self) -> Vec<StoredRow> {
        let Self { texts, rows } = self;
        let mut start = 0;
        let row = |RowEntry { head, end }| {
            let RowHead { account, at, hash, fault, cursor } = head;
            let log = stored_bytes::log(texts.get(start..end).unwrap_or_default(), fault);
            start = end;
            StoredRow { account, at, hash, log, cursor }
        };
        rows.into_iter().map(row).collect()
    }

    /// The rows without what the store has beside them; `None` if one has another text than the one
    /// that was written.
    pub(super) fn into_intact_logs(self) -> Option<Vec<Log>> {
        let mut start = 0;
        let log = |RowEntry { head, end }: &RowEntry| {
            let text = self.texts.get(start..*end).unwrap_or_default();
            start = *end;
            (row_hash(text) == head.hash).then(|| stored_bytes::log(text, head.fault))
        };
        self.rows.iter().map(log).collect()
    }
}
