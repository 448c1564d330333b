//! When the next poll is due, when the last one is, and how long each may take.
//!
//! Nothing here sleeps or reads a clock: the caller passes the time of its steady counter.

use std::time::Duration;

use crate::source::SourceError;

/// The last poll has at least this long, so that a run of a second gets a response over a slow
/// line and on a busy machine. It is also the most by which a run exceeds its time.
const MIN_POLL_TIME: Duration = Duration::from_secs(5);

/// The polls of a run, which may have an end.
pub(super) struct Schedule {
    interval: Duration,
    /// When the run ends.
    end: Option<Duration>,
    /// When the next poll is due.
    due: Duration,
    /// When the latest poll started; `None` before the first.
    started: Option<Duration>,
    /// How long the latest poll took.
    took: Duration,
    /// Whether the last poll was made.
    is_over: bool,
    /// Why the latest poll did not succeed.
    failure: Option<SourceError>,
    has_succeeded: bool,
}

impl Schedule {
    /// Polls every `interval`, the first one `now`, for `time` or without end.
    pub(super) fn new(interval: Duration, time: Option<Duration>, now: Duration) -> Self {
        Self {
            interval,
            end: time.map(|time| now.saturating_add(time)),
            due: now,
            started: None,
            took: Duration::ZERO,
            is_over: false,
            failure: None,
            has_succeeded: false,
        }
    }

    /// How long to rest before the next poll; `None` when there is none. However short the time of
    /// the run is, there is one poll.
    pub(super) fn rest(&self, now: Duration) -> Option<Duration> {
        let last = self.last_start();
        let is_over = self.is_over || last.is_some_and(|_| self.end <= Some(now));
        let goes_on = self.started.is_none() || !is_over;
        let due = last.map_or(self.due, |last| self.due.min(last));
        goes_on.then(|| due.saturating_sub(now))
    }

    /// Starts a poll; says until when its requests may take.
    pub(super) fn start(&mut self, now: Duration) -> Option<Duration> {
        self.started = Some(now);
        self.is_over = self.last_start().is_some_and(|last| now >= last);
        self.due = now.saturating_add(self.interval);
        self.end.map(|end| end.max(now.saturating_add(MIN_POLL_TIME)))
    }

    /// A request of the poll under way has succeeded.
    pub(super) fn note_response(&mut self) {
        self.has_succeeded = true;
    }

    /// How long the poll under way has taken so far.
    pub(super) fn time_of_poll(&self, now: Duration) -> Duration {
        now.saturating_sub(self.started.unwrap_or(now))
    }

    /// The poll has brought all that there was.
    pub(super) fn succeeded(&mut self, now: Duration) {
        self.end_poll(now);
        self.has_succeeded = true;
        self.failure = None;
    }

    /// The poll has brought all that there was, and there is more to read at once.
    pub(super) fn succeeded_and_goes_on(&mut self, now: Duration) {
        self.succeeded(now);
        self.is_over = false;
        self.due = now;
    }

    /// The poll has brought a part; the next one, for the rest, is due at once. Where the time is
    /// over before the rest is there, the run is as incomplete as after a failure.
    pub(super) fn partly_succeeded(&mut self, now: Duration) {
        self.has_succeeded = true;
        self.failure = Some(SourceError::OutOfTime);
        self.is_over = false;
        self.due = now;
    }

    /// The poll could send no request before its deadline. One may be possible at the end.
    pub(super) fn ran_out_of_time(&mut self, now: Duration) {
        self.failure.get_or_insert(SourceError::OutOfTime);
        self.took = Duration::ZERO;
        self.due = self.end.unwrap_or(now);
    }

    /// The poll has failed in a way that may pass; the next one is due after `wait`.
    pub(super) fn failed(&mut self, error: &SourceError, now: Duration, wait: Duration) {
        self.end_poll(now);
        self.due = now.saturating_add(wait);
        let is_throttled = matches!(error, SourceError::Throttled { .. });
        // A server that requires a wait until after the end gets no more requests.
        self.is_over |= is_throttled && self.end.is_some_and(|end| self.due > end);
        self.failure = Some(error.clone());
    }

    /// Whether the time of the run is over.
    pub(super) fn is_past_end(&self, now: Duration) -> bool {
        self.end.is_some_and(|end| now >= end)
    }

    /// Why the latest poll did not succeed, when it did not.
    pub(super) fn failure(&self) -> Option<&SourceError> {
        self.failure.as_ref()
    }

    /// Whether any poll has succeeded.
    pub(super) fn has_succeeded(&self) -> bool {
        self.has_succeeded
    }

    /// A poll that was to be the last and took less time than was left for it is not the last, so that
    /// the whole time of the run is used.
    fn end_poll(&mut self, now: Duration) {
        self.took = self.time_of_poll(now);
        let time_for_another = now.saturating_add(self.took.saturating_mul(2));
        self.is_over &= self.end.is_none_or(|end| time_for_another >= end);
    }

    /// When the last poll starts: early enough that it ends within the time of the run if it takes
    /// no more than twice as long as the one before.
    fn last_start(&self) -> Option<Duration> {
        let lead = self.took.saturating_mul(2).min(self.interval);
        self.end.map(|end| end.saturating_sub(lead))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Polls for a minute, every five seconds; each poll takes as long as is said, and has the result
    /// that is said. When the polls started, and when the last one ended, in seconds.
    fn starts(took: impl Fn(usize) -> (f64, bool)) -> (Vec<f64>, f64) {
        let mut schedule = Schedule::new(5 * SECOND, Some(60 * SECOND), Duration::ZERO);
        let (mut now, mut starts) = (Duration::ZERO, Vec::new());
        while let Some(rest) = schedule.rest(now) {
            now += rest;
            starts.push(now.as_secs_f64());
            schedule.start(now);
            let (seconds, is_good) = took(starts.len());
            now += Duration::from_secs_f64(seconds);
            if is_good {
                schedule.succeeded(now);
            } else {
                schedule.failed(&SourceError::OutOfTime, now, 300 * SECOND);
            }
        }
        (starts, now.as_secs_f64())
    }

    #[test]
    fn the_last_poll_uses_the_whole_time_though_the_one_before_it_took_long() {
        let (starts, end) = starts(|poll| (if poll == 11 { 4.0 } else { 0.25 }, true));
        // The poll at 50 takes four seconds, so the next one starts early; it is not the last.
        assert_eq!(starts[10..], [50.0, 55.0, 59.5]);
        assert!((59.5..=60.0).contains(&end), "{end}");
    }

    #[test]
    fn a_poll_that_fails_at_once_near_the_end_is_followed_by_one_at_the_end() {
        let (starts, end) = starts(|poll| match poll {
            11 => (4.0, true),
            12 => (0.125, false),
            _ => (0.125, true),
        });
        assert_eq!(starts[10..], [50.0, 55.0, 59.75]);
        assert!(end <= 60.0, "{end}");
    }

    #[test]
    fn polls_that_take_longer_than_the_time_left_are_not_repeated() {
        let (starts, end) = starts(|_| (3.0, true));
        assert_eq!(starts.last(), Some(&55.0), "{starts:?}");
        assert!(end <= 60.0, "{end}");
    }
}
