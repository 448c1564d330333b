//! The time of day by the clock of the server, whose times the messages carry.
//!
//! A clock of this machine that is half an hour behind would make every poll read half an hour of
//! messages again. Nothing here sleeps.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::model::Timestamp;

/// Clocks that differ by less than this are the same: the header `Date` has whole seconds, and a
/// response takes a while to come.
const RESOLUTION: i64 = 2_000;

/// This machine's clock, and how far the server's is ahead of it.
pub(super) struct ServerClock {
    clock: Arc<dyn Clock>,
    /// Milliseconds; negative when the server's clock is behind.
    ahead: i64,
}

impl ServerClock {
    /// The clocks are taken to agree until a response says more.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, ahead: 0 }
    }

    /// How far the server's clock is ahead, in milliseconds; negative when it is behind.
    pub(super) fn ahead(&self) -> i64 {
        self.ahead
    }

    /// Takes the clock of the server to be this far ahead until a response says more.
    pub(super) fn set_ahead(&mut self, ahead: i64) {
        self.ahead = ahead;
    }

    /// The time of day in milliseconds.
    pub(super) fn now(&self) -> i64 {
        self.clock.now().timestamp_millis().saturating_add(self.ahead)
    }

    /// The steady counter.
    pub(super) fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// Notes the time that a response states which has just come; gives the time of day.
    pub(super) fn note(&mut self, stated: Option<Timestamp>) -> i64 {
        let own = self.clock.now().timestamp_millis();
        if let Some(stated) = stated {
            let ahead = stated.millis().saturating_sub(own);
            self.ahead = if ahead.abs() < RESOLUTION { 0 } else { ahead };
        }
        own.saturating_add(self.ahead)
    }
}
