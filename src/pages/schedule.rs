//! When the next poll and the last poll are due, and how long each may take.
//!
//! Nothing here sleeps or reads a clock: the caller passes the time, as
//! [`Clock::elapsed`](crate::clock::Clock::elapsed) returns it.

use std::time::Duration;

use crate::source::SourceError;

/// The least time of the last poll, so that even a run of a second gets a response over a slow line
/// or on a busy machine. It is also the maximum by which a run exceeds its time.
const MIN_POLL_TIME: Duration = Duration::from_secs(5);

/// The times of the polls of a run, which may have an end.
pub(super) struct Schedule {
    interval: Duration,
    /// When the run ends.
    end: Option<Duration>,
    /// When the next poll is due.
    due: Duration,
    /// When the latest poll started; `None` before the first poll.
    started: Option<Duration>,
    /// How long the latest poll took.
    took: Duration,
    /// Whether the last poll of the run has started.
    is_over: bool,
    /// Why the latest poll failed; `None` if it succeeded.
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

    /// How long to wait before the next poll; `None` after the last poll. A run has at least one poll,
    /// however short its time is.
    pub(super) fn time_to_next_poll(&self, now: Duration) -> Option<Duration> {
        let last = self.last_start();
        let is_over = self.is_over || last.is_some_and(|_| self.end <= Some(now));
        let goes_on = self.started.is_none() || !is_over;
        let due = last.map_or(self.due, |last| self.due.min(last));
        goes_on.then(|| due.saturating_sub(now))
    }

    /// Starts a poll. Returns the deadline of its requests.
    pub(super) fn start(&mut self, now: Duration) -> Option<Duration> {
        self.started = Some(now);
        self.is_over = self.last_start().is_some_and(|last| now >= last);
        self.due = now.saturating_add(self.interval);
        self.end.map(|end| end.max(now.saturating_add(MIN_POLL_TIME)))
    }

    /// Records that a request of the current poll succeeded.
    pub(super) fn note_response(&mut self) {
        self.has_succeeded = true;
    }

    /// How long the current poll has taken so far.
    pub(super) fn time_of_poll(&self, now: Duration) -> Duration {
        now.saturating_sub(self.started.unwrap_or(now))
    }

    /// Records that the poll fetched all messages.
    pub(super) fn succeeded(&mut self, now: Duration) {
        self.end_poll(now);
        self.has_succeeded = true;
        self.failure = None;
    }

    /// Records that the poll fetched all new messages, and that the next poll is due at once, to read
    /// older ones.
    pub(super) fn succeeded_with_more_to_read(&mut self, now: Duration) {
        self.succeeded(now);
        self.is_over = false;
        self.due = now;
    }

    /// Records that the poll fetched a part of the messages, and that the next poll is due at once,
    /// for the rest. If the time of the run is over before that, the run is incomplete as after a
    /// failure.
    pub(super) fn partly_succeeded(&mut self, now: Duration) {
        self.has_succeeded = true;
        self.failure = Some(SourceError::OutOfTime);
        self.is_over = false;
        self.due = now;
    }

    /// Records that the poll could not send a request before its deadline. One may be possible at the
    /// end of the run.
    pub(super) fn ran_out_of_time(&mut self, now: Duration) {
        self.failure.get_or_insert(SourceError::OutOfTime);
        self.took = Duration::ZERO;
        self.due = self.end.unwrap_or(now);
    }

    /// Records a transient failure of the poll. The next poll is due after `wait`.
    pub(super) fn failed(&mut self, error: &SourceError, now: Duration, wait: Duration) {
        self.end_poll(now);
        self.due = now.saturating_add(wait);
        let is_throttled = matches!(error, SourceError::Throttled { .. });
        // If the server requires a wait beyond the end of the run, no more requests are sent.
        self.is_over |= is_throttled && self.end.is_some_and(|end| self.due > end);
        self.failure = Some(error.clone());
    }

    /// Whether the time of the run is over.
    pub(super) fn is_past_end(&self, now: Duration) -> bool {
        self.end.is_some_and(|end| now >= end)
    }

    /// Why the latest poll failed; `None` if it succeeded.
    pub(super) fn failure(&self) -> Option<&SourceError> {
        self.failure.as_ref()
    }

    /// Whether any poll has succeeded.
    pub(super) fn has_succeeded(&self) -> bool {
        self.has_succeeded
    }

    /// Ends a poll. If it started as the last one but took so little time that another one fits, it is
    /// not the last, so that the run uses its whole time.
    fn end_poll(&mut self, now: Duration) {
        self.took = self.time_of_poll(now);
        let time_for_another = now.saturating_add(self.took.saturating_mul(2));
        self.is_over &= self.end.is_none_or(|end| time_for_another >= end);
    }

    /// When the last poll starts: early enough to end within the time of the run if it takes at most
    /// twice as long as the poll before it.
    fn last_start(&self) -> Option<Duration> {
        let lead = self.took.saturating_mul(2).min(self.interval);
        self.end.map(|end| end.saturating_sub(lead))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Polls for a minute, every five seconds. `poll` returns for the number of a poll how many seconds
    /// it takes, and whether it succeeds. Returns when the polls started, and when the last one ended,
    /// in seconds.
    fn starts(poll: impl Fn(usize) -> (f64, bool)) -> (Vec<f64>, f64) {
        let mut schedule = Schedule::new(5 * SECOND, Some(60 * SECOND), Duration::ZERO);
        let (mut now, mut starts) = (Duration::ZERO, Vec::new());
        while let Some(wait) = schedule.time_to_next_poll(now) {
            now += wait;
            starts.push(now.as_secs_f64());
            schedule.start(now);
            let (seconds, succeeds) = poll(starts.len());
            now += Duration::from_secs_f64(seconds);
            if succeeds {
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
        // The poll at 50 takes four seconds, so the next one starts early. It is not the last one.
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
