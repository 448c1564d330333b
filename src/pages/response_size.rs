//! The known length of the responses of a server.
//!
//! A server may return fewer rows than requested, so a short response alone proves nothing. It had
//! room for more rows only if another response was longer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Whether a response had room for more rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResponseRoom {
    /// The response had room, so that it has all rows of its request.
    Left,
    /// No response was longer, so that this one may be cut off.
    Unknown,
    /// The response is as long as the request or the server allows.
    None,
}

/// The length of the longest response. Clones share it, because it is a property of the server.
#[derive(Clone, Debug, Default)]
pub(super) struct ResponseSize {
    longest: Arc<AtomicUsize>,
    /// Whether a response that was shorter than requested proved to be cut off.
    is_capped: Arc<AtomicBool>,
}

impl ResponseSize {
    /// Records a response with this many rows.
    pub(super) fn note(&self, rows: usize) {
        self.longest.fetch_max(rows, Ordering::Relaxed);
    }

    /// Records that the server cuts off responses that are shorter than requested.
    pub(super) fn note_cap(&self) {
        self.is_capped.store(true, Ordering::Relaxed);
    }

    /// Whether the server cuts off responses that are shorter than requested, as far as is known.
    pub(super) fn is_capped(&self) -> bool {
        self.is_capped.load(Ordering::Relaxed)
    }

    /// The length of the longest response.
    pub(super) fn longest(&self) -> usize {
        self.longest.load(Ordering::Relaxed)
    }

    /// Whether a response with `rows` rows had room for more, if `requested` rows were requested.
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
