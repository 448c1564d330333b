//! How fast to send requests: a rate per minute, which HTTP 429 lowers for a while.
//!
//! The published limit of the API is 120 requests per minute. A sliding window does not delay a run
//! of fewer requests. Nothing here reads a clock or sleeps: the caller passes the time of its steady
//! counter.

use std::collections::VecDeque;
use std::time::Duration;

/// The length of the sliding window: a rate is a number per minute.
const MINUTE: Duration = Duration::from_secs(60);

/// The full rate, in steps. Each successful response adds one step, so that the rate recovers from
/// [`MIN_STEPS`] within 35 responses: two minutes at the published rate.
const FULL_STEPS: u32 = 40;

/// The lowest rate: an eighth of the full one. Without it, a run would send one request per minute
/// after seven responses of HTTP 429, and need hours to recover.
const MIN_STEPS: u32 = FULL_STEPS / 8;

/// A sliding window of requests.
#[derive(Debug)]
pub(super) struct Pace {
    /// `None`: no limit.
    rate: Option<Rate>,
    /// When the requests of the last minute were sent, oldest first.
    sent: VecDeque<Duration>,
}

#[derive(Debug)]
struct Rate {
    /// Requests per minute when no HTTP 429 lowers the rate.
    full: u32,
    /// The current rate, in steps: at most [`FULL_STEPS`].
    steps: u32,
}

impl Rate {
    /// Requests per minute now.
    fn current(&self) -> u32 {
        let current = u64::from(self.full) * u64::from(self.steps) / u64::from(FULL_STEPS);
        u32::try_from(current).unwrap_or(u32::MAX).max(1)
    }
}

impl Pace {
    /// This many requests per minute; `None` or 0 means no limit.
    pub(super) fn new(rate: Option<u32>) -> Self {
        let rate = rate.filter(|rate| *rate > 0);
        Self { rate: rate.map(|full| Rate { full, steps: FULL_STEPS }), sent: VecDeque::new() }
    }

    /// How long to wait before the next request may be sent.
    pub(super) fn wait(&mut self, now: Duration) -> Duration {
        self.drop_old(now);
        let Some(rate) = &self.rate else { return Duration::ZERO };
        // The next request fits once all but `current - 1` of those before it are a minute old.
        let allowed = usize::try_from(rate.current()).unwrap_or(usize::MAX);
        self.sent
            .len()
            .checked_sub(allowed)
            .and_then(|index| self.sent.get(index))
            .map_or(Duration::ZERO, |sent| (*sent + MINUTE).saturating_sub(now))
    }

    /// Records that a request is sent.
    pub(super) fn record_request(&mut self, now: Duration) {
        if self.rate.is_some() {
            self.sent.push_back(now);
        }
    }

    /// How many requests may follow now without a wait; `None` without a limit.
    pub(super) fn remaining(&mut self, now: Duration) -> Option<u32> {
        self.drop_old(now);
        let used = u32::try_from(self.sent.len()).unwrap_or(u32::MAX);
        self.rate.as_ref().map(|rate| rate.current().saturating_sub(used))
    }

    /// The requests per minute to which HTTP 429 has lowered the rate; `None` at the full rate.
    pub(super) fn lowered_rate(&self) -> Option<u32> {
        let rate = self.rate.as_ref().filter(|rate| rate.steps < FULL_STEPS)?;
        Some(rate.current())
    }

    /// Halves the rate after HTTP 429, down to [`MIN_STEPS`].
    pub(super) fn slow_down(&mut self) {
        if let Some(rate) = &mut self.rate {
            rate.steps = (rate.steps / 2).max(MIN_STEPS);
        }
    }

    /// Raises the rate by one step after a successful response.
    pub(super) fn record_success(&mut self) {
        if let Some(rate) = &mut self.rate {
            rate.steps = (rate.steps + 1).min(FULL_STEPS);
        }
    }

    fn drop_old(&mut self, now: Duration) {
        while self.sent.front().is_some_and(|sent| *sent + MINUTE <= now) {
            self.sent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Sends this many requests with the required waits; returns when each was sent.
    fn send(pace: &mut Pace, from: Duration, count: usize) -> Vec<Duration> {
        let mut now = from;
        (0..count)
            .map(|_| {
                now += pace.wait(now);
                assert_eq!(pace.wait(now), Duration::ZERO);
                pace.record_request(now);
                now
            })
            .collect()
    }

    #[test]
    fn the_first_requests_do_not_wait_and_the_next_one_waits_for_the_minute() {
        let mut pace = Pace::new(Some(120));
        let times = send(&mut pace, seconds(5), 120);
        assert!(times.iter().all(|time| *time == seconds(5)));
        assert_eq!(pace.remaining(seconds(5)), Some(0));
        assert_eq!(pace.wait(seconds(6)), seconds(59));
        assert_eq!(pace.remaining(seconds(65)), Some(120));
    }

    #[test]
    fn no_rate_means_no_wait() {
        for rate in [None, Some(0)] {
            let mut pace = Pace::new(rate);
            assert!(send(&mut pace, Duration::ZERO, 1000).iter().all(Duration::is_zero));
            pace.slow_down();
            assert_eq!(
                (pace.wait(Duration::ZERO), pace.remaining(Duration::ZERO)),
                (Duration::ZERO, None)
            );
        }
    }

    #[test]
    fn http_429_halves_the_rate_and_each_successful_response_raises_it_by_a_step() {
        let mut pace = Pace::new(Some(120));
        assert_eq!(pace.lowered_rate(), None);
        pace.slow_down();
        assert_eq!((pace.remaining(Duration::ZERO), pace.lowered_rate()), (Some(60), Some(60)));
        pace.record_success();
        assert_eq!(pace.lowered_rate(), Some(63));
        (0..1000).for_each(|_| pace.record_success());
        assert_eq!((pace.remaining(Duration::ZERO), pace.lowered_rate()), (Some(120), None));
    }

    #[test]
    fn http_429_five_times_leaves_an_eighth_of_the_rate_which_recovers_in_two_minutes() {
        for (rate, floor) in [(120, 15), (4, 1), (1, 1), (u32::MAX, u32::MAX / 8)] {
            let mut pace = Pace::new(Some(rate));
            (0..5).for_each(|_| pace.slow_down());
            assert_eq!(pace.remaining(Duration::ZERO), Some(floor), "{rate}");
        }
        let mut pace = Pace::new(Some(120));
        (0..5).for_each(|_| pace.slow_down());
        let mut now = Duration::ZERO;
        while pace.lowered_rate().is_some() {
            now += pace.wait(now);
            pace.record_request(now);
            pace.record_success();
        }
        assert!(now <= seconds(120), "{now:?}");
    }

    /// K19.
    #[test]
    fn http_429_at_every_twelfth_request_leaves_a_quarter_of_the_rate() {
        let mut pace = Pace::new(Some(120));
        let mut now = Duration::ZERO;
        let requests = 1_200_u32;
        for request in 1..=requests {
            now += pace.wait(now);
            pace.record_request(now);
            if request % 12 == 0 {
                pace.slow_down();
            } else {
                pace.record_success();
            }
        }
        assert!(now < seconds(60) * (requests / 30), "{now:?}");
    }

    #[test]
    fn after_http_429_the_last_minute_still_counts() {
        let mut pace = Pace::new(Some(4));
        for second in 0..4 {
            pace.record_request(seconds(second));
        }
        pace.slow_down();
        // Two per minute: the requests of seconds 2 and 3 use the rate until the first of them is a
        // minute old.
        assert_eq!(pace.wait(seconds(3)), seconds(59));
    }

    proptest! {
        #[test]
        fn no_minute_holds_more_requests_than_the_rate(
            rate in 1_u32..20,
            pauses in prop::collection::vec(0_u64..40_000, 1..120),
        ) {
            let mut pace = Pace::new(Some(rate));
            let mut now = Duration::ZERO;
            let mut times = Vec::new();
            for pause in pauses {
                now += Duration::from_millis(pause);
                now += pace.wait(now);
                pace.record_request(now);
                times.push(now);
            }
            for (index, time) in times.iter().enumerate() {
                let within = times[index..].iter().filter(|later| **later < *time + MINUTE).count();
                prop_assert!(within <= rate as usize);
            }
        }
    }
}
