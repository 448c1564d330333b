//! After a long silence (a laptop that slept, a line that was down) the missed stretch is asked for
//! forwards, in slices that adapt to the traffic, so that memory holds a slice and not all of it.

use std::time::Duration;

use super::poll_events::PollEvents;
use super::{Follow, PollProgress, millis};
use crate::model::Timestamp;
use crate::source::{Gap, Source, SourceError};

/// A longer silence than this, and than three polls, is caught up on in slices.
const LATE: Duration = Duration::from_secs(2 * 60);
/// The first slice.
const FIRST_SLICE: i64 = 60_000;
/// No slice is shorter.
const SHORTEST_SLICE: i64 = 1_000;
/// A slice with fewer rows makes the next one longer, one with more makes it shorter.
const FEW: usize = 500;
const MANY: usize = 4_000;

/// How far a missed stretch is caught up on.
pub(super) struct CatchUp {
    from: i64,
    width: i64,
}

impl CatchUp {
    /// Starts at the start of the window as it was, for states changed in it meanwhile.
    pub(super) fn new(from: i64) -> Self {
        Self { from, width: FIRST_SLICE }
    }

    /// Everything sent before this moment is caught up on.
    pub(super) fn from(&self) -> i64 {
        self.from
    }

    /// The last moment of the next slice; `None` when it takes all that is left.
    fn until(&self, now: i64) -> Option<i64> {
        Some(self.from.saturating_add(self.width)).filter(|until| *until < now)
    }

    fn advance(&mut self, until: i64, rows: usize) {
        self.from = until;
        if rows < FEW {
            self.width = self.width.saturating_mul(2);
        } else if rows > MANY {
            self.width = (self.width / 2).max(SHORTEST_SLICE);
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
    /// Whether so long a time was not watched that it is caught up on in slices.
    pub(super) fn is_late(&self, now: i64) -> bool {
        now - self.watched > millis(LATE.max(self.options.interval.saturating_mul(3)))
    }

    /// Asks for the next slice; the one after it is due at once.
    pub(super) fn catch_up(
        &mut self,
        now: i64,
        found: &mut PollEvents,
    ) -> Result<PollProgress, SourceError> {
        let Some(slice) = &self.catch_up else { return Ok(PollProgress::Current) };
        let (from, until) = (slice.from, slice.until(now));
        let rows = self.ask(Some(from), until, now, found)?;
        // Judged by the time that this response states: a clock of this machine that was set while
        // the follow was running is no silence of 48 hours.
        if let Some(gap) = expired(self.poller.retention(), self.watched, self.clock.now()) {
            self.tell(vec![gap], found);
        }
        if let (Some(until), Some(slice)) = (until, &mut self.catch_up) {
            slice.advance(until, rows);
            self.forget();
            return Ok(PollProgress::CatchingUp);
        }
        self.catch_up = None;
        self.watched = self.start_of_poll();
        self.forget();
        Ok(PollProgress::Current)
    }
}
