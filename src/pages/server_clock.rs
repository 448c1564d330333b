//! The current time by the clock of the server, which also set the times of the messages.
//!
//! With the clock of this machine, if it were half an hour behind, every poll would read half an hour
//! of messages again. Nothing here sleeps.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::model::Timestamp;

/// Clocks that differ by less than this many milliseconds count as equal: the header `Date` has whole
/// seconds, and a response takes some time to arrive.
const RESOLUTION: i64 = 2_000;

/// The clock of this machine, and how far the server's clock is ahead of it.
pub(super) struct ServerClock {
    clock: Arc<dyn Clock>,
    /// In milliseconds; negative if the server's clock is behind.
    ahead: i64,
}

impl ServerClock {
    /// Creates a clock that equals that of this machine until a response states the time.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, ahead: 0 }
    }

    /// How far the server's clock is ahead, in milliseconds; negative if it is behind.
    pub(super) fn ahead(&self) -> i64 {
        self.ahead
    }

    /// Sets how far the server's clock is ahead, until a response states the time.
    pub(super) fn set_ahead(&mut self, ahead: i64) {
        self.ahead = ahead;
    }

    /// The current time of the server, in milliseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.clock.now().timestamp_millis().saturating_add(self.ahead)
    }

    /// See [`Clock::elapsed`].
    pub(super) fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// Records the time that a response stated when it arrived. Returns the current time of the
    /// server.
    pub(super) fn note(&mut self, stated: Option<Timestamp>) -> i64 {
        let own = self.clock.now().timestamp_millis();
        if let Some(stated) = stated {
            let ahead = stated.millis().saturating_sub(own);
            self.ahead = if ahead.abs() < RESOLUTION { 0 } else { ahead };
        }
        own.saturating_add(self.ahead)
    }
}
