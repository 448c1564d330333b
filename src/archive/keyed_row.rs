//! A row with the values that a store keeps beside its bytes.
//!
//! They depend on the row alone, so that the thread that reads the next page can compute them while
//! another writes the page before.

use std::sync::OnceLock;

use super::message_columns::{HASH_BYTES, MessageColumns, MessageKey, message_key, row_hash};
use super::stored_bytes::Fault;
use crate::model::Log;

/// A row with its key, its hash and its columns.
#[derive(Clone, Debug)]
pub struct KeyedRow {
    pub(super) log: Log,
    pub(super) key: MessageKey,
    pub(super) hash: [u8; HASH_BYTES],
    pub(super) fault: Fault,
    /// Not needed for a row that the store has already.
    columns: OnceLock<MessageColumns>,
}

impl KeyedRow {
    /// Computes the key and the hash of a row. The columns are computed when they are needed.
    #[must_use]
    pub fn new(log: Log) -> Self {
        let hash = row_hash(log.bytes());
        let (key, fault) = (message_key(&log, &hash), Fault::of(&log));
        Self { log, key, hash, fault, columns: OnceLock::new() }
    }

    /// Computes everything that a store keeps of a row.
    #[must_use]
    pub fn with_columns(log: Log) -> Self {
        let row = Self::new(log);
        row.columns();
        row
    }

    pub(super) fn columns(&self) -> &MessageColumns {
        self.columns.get_or_init(|| MessageColumns::of(&self.log))
    }
}
