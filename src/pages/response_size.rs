//! How many rows the server returns at once, as far as it was seen.
//!
//! A server may return fewer rows than requested, so a short response proves by itself
//! nothing. It had room for more rows only if another response was seen to be longer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Whether a response had room for more rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResponseRoom {
    /// It had: it holds all rows that fit its request.
    Left,
    /// No response was longer, so it may be cut off.
    Unknown,
    /// It is as long as this server makes them.
    None,
}

/// What is known of the longest response. A copy shares it: it is a property of the server.
#[derive(Clone, Debug, Default)]
pub(super) struct ResponseSize {
    longest: Arc<AtomicUsize>,
    /// Whether a response that was shorter than requested was seen to be cut off.
    is_capped: Arc<AtomicBool>,
}

impl ResponseSize {
    /// Takes note of a response with this many rows.
    pub(super) fn note(&self, rows: usize) {
        self.longest.fetch_max(rows, Ordering::Relaxed);
    }

    /// Takes note that the server cuts off responses that are shorter than requested.
    pub(super) fn note_cap(&self) {
        self.is_capped.store(true, Ordering::Relaxed);
    }

    /// Whether the server was seen to cut off responses that are shorter than requested.
    pub(super) fn is_capped(&self) -> bool {
        self.is_capped.load(Ordering::Relaxed)
    }

    /// The length of the longest response.
    pub(super) fn longest(&self) -> usize {
        self.longest.load(Ordering::Relaxed)
    }

    /// Whether a response with this many rows had room for more when `requested` were requested.
    pub(super) fn room(&self, rows: usize, requested: usize) -> ResponseRoom {
        let longest = self.longest();
        if rows >= requested {
            ResponseRoom::None
        } else if rows < longest {
            ResponseRoom::Left
        } else if self.is_capped.load(Ordering::Relaxed) {
            ResponseRoom::None
        } else {
            ResponseRoom::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_has_room_when_another_one_was_longer() {
        let size = ResponseSize::default();
        size.note(100);
        assert_eq!(size.room(99, 1000), ResponseRoom::Left);
        assert_eq!(size.room(100, 1000), ResponseRoom::Unknown);
        assert_eq!(size.room(99, 99), ResponseRoom::None);
        size.note_cap();
        assert_eq!(size.room(100, 1000), ResponseRoom::None);
        size.note(101);
        assert_eq!(size.room(100, 1000), ResponseRoom::Left);
    }
}
