//! Recognizes most rows without parsing their fields, for speed.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde_json::value::RawValue;

use crate::model::Log;

/// Keys of responses and of error bodies. In a string, their quotes would be escaped.
static OTHER_KEYS: LazyLock<[Finder<'static>; 3]> = LazyLock::new(|| {
    ["\"results\"", "\"requestError\"", "\"errorCode\""].map(|key| Finder::new(key.as_bytes()))
});

/// Whether a JSON object can only be a row, in a file that contains rows.
pub(super) fn is_row(object: &[u8]) -> bool {
    OTHER_KEYS.iter().all(|key| key.find(object).is_none())
}

/// The row on a line; `None` when the line may be something else.
pub(super) fn row_of_line(line: &[u8]) -> Option<Log> {
    if !line.starts_with(b"{") || !is_row(line) {
        return None;
    }
    let raw: &RawValue = serde_json::from_slice(line).ok()?;
    Some(Log::new(raw.get()))
}
