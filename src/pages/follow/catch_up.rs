//! Fetches the messages that a long interruption missed (a laptop that slept, a line that was down):
//! from the oldest on, in slices that adapt to the traffic, so that memory holds one slice.

use std::time::Duration;

use super::poll_events::PollEvents;
use super::{Follow, PollProgress, millis};
use crate::model::Timestamp;
use crate::source::{Gap, Source, SourceError};

/// The shortest interruption after which messages are fetched in slices; three intervals of polls, if
/// these are longer.
const MIN_INTERRUPTION: Duration = Duration::from_secs(2 * 60);
/// The length of the first slice, in milliseconds.
const FIRST_SLICE: i64 = 60_000;
/// The length of the shortest slice, in milliseconds.
const MIN_SLICE: i64 = 1_000;
/// After a slice with fewer rows, the next one is longer.
const FEW_ROWS: usize = 500;
/// After a slice with more rows, the next one is shorter.
const MANY_ROWS: usize = 4_000;

/// The progress of fetching the missed messages.
pub(super) struct CatchUp {
    from: i64,
    width: i64,
}

impl CatchUp {
    /// Begins at the start of the window before the interruption, because statuses in it have changed.
    pub(super) fn new(from: i64) -> Self {
        Self { from, width: FIRST_SLICE }
    }

    /// Continues an earlier process that had fetched the messages up to this time, with a slice of this
    /// width.
    pub(super) fn resumed(from: i64, width: i64) -> Self {
        Self { from, width }
    }

    /// The length of the next slice, in milliseconds.
    pub(super) fn width(&self) -> i64 {
        self.width
    }

    /// The messages that were sent before this time are fetched.
    pub(super) fn from(&self) -> i64 {
        self.from
    }

    /// The end of the next slice; `None` if it contains all messages that are left.
    fn until(&self, now: i64) -> Option<i64> {
        Some(self.from.saturating_add(self.width)).filter(|until| *until < now)
    }

    fn advance(&mut self, until: i64, rows: usize) {
        self.from = until;
        if rows < FEW_ROWS {
            self.width = self.width.saturating_mul(2);
        } else if rows > MANY_ROWS {
            self.width = (self.width / 2).max(MIN_SLICE);
        }
    }
}

/// The gap of the messages that were sent since the last poll and have expired.
pub(super) fn expired(retention: Option<Duration>, watched: i64, now: i64) -> Option<Gap> {
    let retention = retention?;
    let kept = now.saturating_sub(millis(retention));
    (watched < kept).then(|| Gap {
        since: Some(Timestamp::from_millis(watched)),
        until: Some(Timestamp::from_millis(kept)),
        at_least: 0,
        reason: format!("the API keeps messages for {} hours", retention.as_secs() / 3600),
    })
}

impl<S: Source + Send> Follow<S> {
    /// Whether the time since the last successful poll is an interruption.
    pub(super) fn is_late(&self, now: i64) -> bool {
        now - self.watched > millis(MIN_INTERRUPTION.max(self.options.interval.saturating_mul(3)))
    }

    /// Fetches the next slice. The slice after it is due at once.
    pub(super) fn catch_up(
        &mut self,
        now: i64,
        events: &mut PollEvents,
    ) -> Result<PollProgress, SourceError> {
        let Some(slice) = &self.catch_up else { return Ok(PollProgress::Current) };
        let (from, until) = (slice.from, slice.until(now));
        let rows = self.fetch(Some(from), until, now, events)?;
        // Uses the time that this response states, because a clock of this machine that was set during
        // the follow looks like an interruption.
        if let Some(gap) = expired(self.poller.retention(), self.watched, self.clock.now()) {
            self.report_gaps(vec![gap], events);
        }
        if let (Some(until), Some(slice)) = (until, &mut self.catch_up) {
            slice.advance(until, rows);
            self.drop_old_messages();
            return Ok(PollProgress::CatchingUp);
        }
        self.catch_up = None;
        self.watched = self.start_of_poll();
        self.drop_old_messages();
        Ok(PollProgress::Current)
    }
}
