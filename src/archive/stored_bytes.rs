//! Conversion between a row and the bytes that a store keeps of it.

use crate::model::Log;

/// The faults of a row, as the bits of the number that a store keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault(i64);

impl Fault {
    /// The JSON text of the row is not the bytes that the server sent.
    const BYTES: i64 = 1;
    /// The row is not a JSON object whose fields can be read.
    const UNREADABLE: i64 = 2;

    /// The faults of a row.
    pub(super) fn of(log: &Log) -> Self {
        let bytes = if log.is_text_as_sent() { 0 } else { Self::BYTES };
        Self(bytes | if log.is_readable() { 0 } else { Self::UNREADABLE })
    }

    /// The number of the faults.
    pub(super) fn code(self) -> i64 {
        self.0
    }

    /// The faults with this number.
    pub(super) fn from_code(code: i64) -> Self {
        Self(code)
    }

    /// Whether the row has a fault.
    pub(super) fn is_fault(self) -> bool {
        self.0 != 0
    }
}

/// Reads a row from its stored bytes.
pub(super) fn log(bytes: &[u8], fault: Fault) -> Log {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) if fault.0 & Fault::BYTES == 0 => Log::new(text),
        _ => Log::with_bytes(String::from_utf8_lossy(bytes), bytes),
    }
}
