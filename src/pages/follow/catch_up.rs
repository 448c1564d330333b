//! After a long interruption (a laptop that slept, a line that was down) the missed messages are
//! fetched from the oldest on, in slices that adapt to the traffic, so that memory holds one slice.

use std::time::Duration;

use super::poll_events::PollEvents;
use super::{Follow, PollProgress, millis};
use crate::model::Timestamp;
use crate::source::{Gap, Source, SourceError};

/// After a longer interruption than this, and than three polls, messages are fetched in slices.
const MIN_INTERRUPTION: Duration = Duration::from_secs(2 * 60);
/// The first slice, in milliseconds.
const FIRST_SLICE: i64 = 60_000;
/// No slice is shorter, in milliseconds.
const MIN_SLICE: i64 = 1_000;
/// A slice with fewer rows makes the next one longer, one with more makes it shorter.
const FEW: usize = 500;
const MANY: usize = 4_000;

/// How far the missed messages are fetched.
pub(super) struct CatchUp {
    from: i64,
    width: i64,
}

impl CatchUp {
    /// Starts at the start of the window before the interruption: statuses have changed in it.
    pub(super) fn new(from: i64) -> Self {
        Self { from, width: FIRST_SLICE }
    }

    /// Continues what an earlier process had fetched up to this time, with a slice of this width.
    pub(super) fn resumed(from: i64, width: i64) -> Self {
        Self { from, width }
    }

    /// How long the next slice is, in milliseconds.
    pub(super) fn width(&self) -> i64 {
        self.width
    }

    /// Everything sent before this time is fetched.
    pub(super) fn from(&self) -> i64 {
        self.from
    }

    /// The end of the next slice; `None` when it takes all that is left.
    fn until(&self, now: i64) -> Option<i64> {
        Some(self.from.saturating_add(self.width)).filter(|until| *until < now)
    }

    fn advance(&mut self, until: i64, rows: usize) {
        self.from = until;
        if rows < FEW {
            self.width = self.width.saturating_mul(2);
        } else if rows > MANY {
            self.width = (self.width / 2).max(MIN_SLICE);
        }
    }
}

/// What a source no longer keeps that was sent since the last poll.
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

    /// Fetches the next slice; the one after it is due at once.
    pub(super) fn catch_up(
        &mut self,
        now: i64,
        events: &mut PollEvents,
    ) -> Result<PollProgress, SourceError> {
        let Some(slice) = &self.catch_up else { return Ok(PollProgress::Current) };
        let (from, until) = (slice.from, slice.until(now));
        let rows = self.fetch(Some(from), until, now, events)?;
        // By the time that this response states: a clock of this machine that was set during the
        // follow looks like an interruption.
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
