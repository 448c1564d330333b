//! The bytes of a row as a store keeps them, and the row that they are read back as.

use crate::model::Log;

/// What keeps the bytes of a row from being read back without a closer look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault(i64);

impl Fault {
    /// The bytes are not UTF-8.
    const BYTES: i64 = 1;
    /// The row is not an object that can be read.
    const UNREADABLE: i64 = 2;

    /// Of this row.
    pub(super) fn of(log: &Log) -> Self {
        let bytes = if log.is_text_as_sent() { 0 } else { Self::BYTES };
        Self(bytes | if log.is_readable() { 0 } else { Self::UNREADABLE })
    }

    /// As a store keeps it.
    pub(super) fn code(self) -> i64 {
        self.0
    }

    /// As a store has kept it.
    pub(super) fn from_code(code: i64) -> Self {
        Self(code)
    }

    /// Whether anything is wrong with the row.
    pub(super) fn is_fault(self) -> bool {
        self.0 != 0
    }
}

/// The row of stored bytes.
pub(super) fn log(bytes: &[u8], fault: Fault) -> Log {
    match std::str::from_utf8(bytes) {
        Ok(text) if fault.0 & Fault::BYTES == 0 => Log::new(text),
        _ => Log::with_bytes(String::from_utf8_lossy(bytes), bytes),
    }
}
