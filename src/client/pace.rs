//! How fast to ask: so many requests in any minute, fewer after a refusal.
//!
//! The API publishes 120 requests a minute. A sliding window lets a short run go at full speed.
//! Nothing here reads a clock or sleeps: the time since some fixed moment comes in.

use std::collections::VecDeque;
use std::time::Duration;

/// The stretch that a rate counts in.
const MINUTE: Duration = Duration::from_secs(60);

/// After this many good answers in a row the pace recovers by a tenth of the full rate.
const GOOD_ANSWERS: u32 = 20;

/// A sliding window of requests.
#[derive(Debug)]
pub(super) struct Pace {
    /// Requests a minute; `None`: as fast as the answers come.
    rate: Option<Rate>,
    /// When the requests of the last minute were sent, oldest first.
    sent: VecDeque<Duration>,
}

#[derive(Debug)]
struct Rate {
    full: u32,
    current: u32,
    good: u32,
}

impl Pace {
    /// So many requests a minute; `None` or 0 means no limit.
    pub(super) fn new(rate: Option<u32>) -> Self {
        let rate = rate.filter(|rate| *rate > 0);
        Self { rate: rate.map(|full| Rate { full, current: full, good: 0 }), sent: VecDeque::new() }
    }

    /// How long to wait before the next request may be sent.
    pub(super) fn wait(&mut self, now: Duration) -> Duration {
        self.forget(now);
        let Some(rate) = &self.rate else { return Duration::ZERO };
        // The next request fits once all but `current - 1` of those before it are a minute old.
        let allowed = usize::try_from(rate.current).unwrap_or(usize::MAX);
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
        self.rate.as_ref().map(|rate| rate.current.saturating_sub(used))
    }

    /// Halves the pace: the server said 429.
    pub(super) fn throttled(&mut self) {
        if let Some(rate) = &mut self.rate {
            rate.current = (rate.current / 2).max(1);
            rate.good = 0;
        }
    }

    /// Notes a good answer; enough of them let the pace recover.
    pub(super) fn good(&mut self) {
        if let Some(rate) = &mut self.rate {
            rate.good += 1;
            if rate.good >= GOOD_ANSWERS {
                rate.good = 0;
                let step = (rate.full / 10).max(1);
                rate.current = rate.current.saturating_add(step).min(rate.full);
            }
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

    /// Sends this many requests, waiting as told; when each was sent.
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
    fn a_refusal_halves_the_pace_and_twenty_good_answers_give_a_tenth_back() {
        let mut pace = Pace::new(Some(100));
        pace.throttled();
        assert_eq!(pace.left(Duration::ZERO), Some(50));
        (0..19).for_each(|_| pace.good());
        assert_eq!(pace.left(Duration::ZERO), Some(50));
        pace.good();
        assert_eq!(pace.left(Duration::ZERO), Some(60));
        (0..1000).for_each(|_| pace.good());
        assert_eq!(pace.left(Duration::ZERO), Some(100));
        (0..20).for_each(|_| pace.throttled());
        assert_eq!(pace.left(Duration::ZERO), Some(1));
    }

    #[test]
    fn after_a_refusal_the_last_minute_still_counts() {
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
