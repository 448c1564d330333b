//! How fast to send requests: a number per minute, which HTTP 429 lowers for a while.
//!
//! The API publishes 120 requests per minute. A sliding window lets a short run go at full speed.
//! Nothing here reads a clock or sleeps: the caller passes the time of its steady counter.

use std::collections::VecDeque;
use std::time::Duration;

/// The time that a rate counts in.
const MINUTE: Duration = Duration::from_secs(60);

/// The full rate is this many steps. Each good response gives one back, so that the pace recovers
/// from its floor within 35 responses: two minutes at the published rate.
const STEPS: u32 = 40;

/// The lowest pace: an eighth of the rate. A run that halved without end would send one request per
/// minute after seven responses of HTTP 429, and need hours to recover.
const FLOOR: u32 = STEPS / 8;

/// A sliding window of requests.
#[derive(Debug)]
pub(super) struct Pace {
    /// Requests per minute; `None`: as fast as the responses come.
    rate: Option<Rate>,
    /// When the requests of the last minute were sent, oldest first.
    sent: VecDeque<Duration>,
}

#[derive(Debug)]
struct Rate {
    full: u32,
    /// How many of [`STEPS`] are in use.
    steps: u32,
}

impl Rate {
    /// Requests per minute now.
    fn current(&self) -> u32 {
        let current = u64::from(self.full) * u64::from(self.steps) / u64::from(STEPS);
        u32::try_from(current).unwrap_or(u32::MAX).max(1)
    }
}

impl Pace {
    /// This many requests per minute; `None` or 0 means no limit.
    pub(super) fn new(rate: Option<u32>) -> Self {
        let rate = rate.filter(|rate| *rate > 0);
        Self { rate: rate.map(|full| Rate { full, steps: STEPS }), sent: VecDeque::new() }
    }

    /// How long to wait before the next request may be sent.
    pub(super) fn wait(&mut self, now: Duration) -> Duration {
        self.forget(now);
        let Some(rate) = &self.rate else { return Duration::ZERO };
        // The next request fits once all but `current - 1` of those before it are a minute old.
        let allowed = usize::try_from(rate.current()).unwrap_or(usize::MAX);
        self.sent
            .len()
            .checked_sub(allowed)
            .and_then(|index| self.sent.get(index))
            .map_or(Duration::ZERO, |sent| (*sent + MINUTE).saturating_sub(now))
    }

    /// Notes that a request is sent.
    pub(super) fn sent(&mut self, now: Duration) {
        if self.rate.is_some() {
            self.sent.push_back(now);
        }
    }

    /// How many requests may follow within this minute without a wait.
    pub(super) fn left(&mut self, now: Duration) -> Option<u32> {
        self.forget(now);
        let used = u32::try_from(self.sent.len()).unwrap_or(u32::MAX);
        self.rate.as_ref().map(|rate| rate.current().saturating_sub(used))
    }

    /// The requests per minute that are left after HTTP 429; `None` at the full rate.
    pub(super) fn lowered(&self) -> Option<u32> {
        let rate = self.rate.as_ref().filter(|rate| rate.steps < STEPS)?;
        Some(rate.current())
    }

    /// Halves the pace, down to its floor: the server responded with HTTP 429.
    pub(super) fn throttled(&mut self) {
        if let Some(rate) = &mut self.rate {
            rate.steps = (rate.steps / 2).max(FLOOR);
        }
    }

    /// Notes a good response, with which the pace recovers by a step.
    pub(super) fn good(&mut self) {
        if let Some(rate) = &mut self.rate {
            rate.steps = (rate.steps + 1).min(STEPS);
        }
    }

    fn forget(&mut self, now: Duration) {
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
                pace.sent(now);
                now
            })
            .collect()
    }

    #[test]
    fn the_first_requests_go_at_full_speed_and_the_next_waits_for_the_minute() {
        let mut pace = Pace::new(Some(120));
        let times = send(&mut pace, seconds(5), 120);
        assert!(times.iter().all(|time| *time == seconds(5)));
        assert_eq!(pace.left(seconds(5)), Some(0));
        assert_eq!(pace.wait(seconds(6)), seconds(59));
        assert_eq!(pace.left(seconds(65)), Some(120));
    }

    #[test]
    fn no_rate_means_no_wait() {
        for rate in [None, Some(0)] {
            let mut pace = Pace::new(rate);
            assert!(send(&mut pace, Duration::ZERO, 1000).iter().all(Duration::is_zero));
            pace.throttled();
            assert_eq!(
                (pace.wait(Duration::ZERO), pace.left(Duration::ZERO)),
                (Duration::ZERO, None)
            );
        }
    }

    #[test]
    fn http_429_halves_the_pace_and_each_good_response_gives_a_step_back() {
        let mut pace = Pace::new(Some(120));
        assert_eq!(pace.lowered(), None);
        pace.throttled();
        assert_eq!((pace.left(Duration::ZERO), pace.lowered()), (Some(60), Some(60)));
        pace.good();
        assert_eq!(pace.lowered(), Some(63));
        (0..1000).for_each(|_| pace.good());
        assert_eq!((pace.left(Duration::ZERO), pace.lowered()), (Some(120), None));
    }

    #[test]
    fn five_times_http_429_leave_an_eighth_of_the_rate_which_recovers_in_two_minutes() {
        for (rate, floor) in [(120, 15), (4, 1), (1, 1), (u32::MAX, u32::MAX / 8)] {
            let mut pace = Pace::new(Some(rate));
            (0..5).for_each(|_| pace.throttled());
            assert_eq!(pace.left(Duration::ZERO), Some(floor), "{rate}");
        }
        let mut pace = Pace::new(Some(120));
        (0..5).for_each(|_| pace.throttled());
        let mut now = Duration::ZERO;
        while pace.lowered().is_some() {
            now += pace.wait(now);
            pace.sent(now);
            pace.good();
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
            pace.sent(now);
            if request % 12 == 0 {
                pace.throttled();
            } else {
                pace.good();
            }
        }
        assert!(now < seconds(60) * (requests / 30), "{now:?}");
    }

    #[test]
    fn after_http_429_the_last_minute_still_counts() {
        let mut pace = Pace::new(Some(4));
        for second in 0..4 {
            pace.sent(seconds(second));
        }
        pace.throttled();
        // Two a minute: the requests of seconds 2 and 3 fill it until the first of them is old.
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
                pace.sent(now);
                times.push(now);
            }
            for (index, time) in times.iter().enumerate() {
                let within = times[index..].iter().filter(|later| **later < *time + MINUTE).count();
                prop_assert!(within <= rate as usize);
            }
        }
    }
}
