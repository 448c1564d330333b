//! The rows of a page with the keys by which a store finds them.

use super::message_columns::{HASH_BYTES, MessageKey, message_key, row_hash};
use crate::model::Log;

/// A row with its key and its hash.
pub(super) struct KeyedRow<'l> {
    pub(super) key: MessageKey,
    pub(super) hash: [u8; HASH_BYTES],
    pub(super) log: &'l Log,
}

/// The rows, sorted by key: rows with neighbouring keys are usually on the same page of an index.
pub(super) fn keyed(logs: &[Log]) -> Vec<KeyedRow<'_>> {
    let keyed = |log| {
        let hash = row_hash(Log::bytes(log));
        KeyedRow { key: message_key(log, &hash), hash, log }
    };
    let mut rows: Vec<_> = logs.iter().map(keyed).collect();
    rows.sort_by(|one, other| (&one.key, one.hash).cmp(&(&other.key, other.hash)));
    rows
}
