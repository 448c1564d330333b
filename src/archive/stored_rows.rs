//! Rows as they are read from a store, before they are compared with their hashes. This module does not
//! read fields.

use super::account::AccountId;
use super::message_columns::{RowHash, row_hash};
use super::selection::{Cursor, StoredRow};
use super::stored_bytes::{self, Fault};
use crate::model::Log;

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
#[derive(Clone, Debug)]
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
    /// Removes all rows, and keeps the memory for others.
    pub(super) fn clear(&mut self) {
        self.texts.clear();
        self.rows.clear();
    }

    pub(super) fn push(&mut self, head: RowHead, text: &[u8]) {
        self.texts.extend_from_slice(text);
        self.rows.push(RowEntry { head, end: self.texts.len() });
    }

    /// The number of rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
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
    pub fn to_rows(&self) -> Vec<StoredRow> {
        let row = |(head, text): (&RowHead, &[u8])| {
            let RowHead { account, at, hash, fault, cursor } = head.clone();
            StoredRow { account, at, hash, log: stored_bytes::log(text, fault), cursor }
        };
        self.with_texts().map(row).collect()
    }

    /// The rows without what the store has beside them; `None` if one has another text than the one
    /// that was written.
    pub(super) fn to_intact_logs(&self) -> Option<Vec<Log>> {
        let log = |(head, text): (&RowHead, &[u8])| {
            (row_hash(text) == head.hash).then(|| stored_bytes::log(text, head.fault))
        };
        self.with_texts().map(log).collect()
    }

    fn with_texts(&self) -> impl Iterator<Item = (&RowHead, &[u8])> {
        let mut start = 0;
        self.rows.iter().map(move |RowEntry { head, end }| {
            let text = self.texts.get(start..*end).unwrap_or_default();
            start = *end;
            (head, text)
        })
    }
}
