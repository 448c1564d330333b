//! The throttle: a limit on requests in any 60 seconds. Reads no clock; the caller passes the time.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

const WINDOW: TimeDelta = TimeDelta::minutes(1);

/// Counts requests in a sliding window.
pub(super) struct Throttle {
    /// Requests per minute; 0 means no limit.
    rate: u32,
    passed: VecDeque<DateTime<Utc>>,
}

impl Throttle {
    pub(super) const fn new(rate: u32) -> Self {
        Self { rate, passed: VecDeque::new() }
    }

    /// Accepts a request, or returns in how many seconds one would be accepted. Refused requests are
    /// not counted.
    pub(super) fn pass(&mut self, now: DateTime<Utc>) -> Result<(), i64> {
        if self.rate == 0 {
            return Ok(());
        }
        self.passed.retain(|time| now - time < WINDOW && *time <= now);
        match self.passed.front() {
            Some(oldest) if self.passed.len() >= self.rate as usize => {
                let wait = WINDOW - (now - oldest);
                Err((wait.num_milliseconds() + 999).div_euclid(1000).max(1))
            }
            _ => {
                self.passed.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_764_000_000_000 + millis).unwrap()
    }

    #[test]
    fn the_wait_it_returns_is_long_enough_and_not_a_second_too_long() {
        let mut throttle = Throttle::new(2);
        assert_eq!(throttle.pass(at(0)), Ok(()));
        assert_eq!(throttle.pass(at(20_500)), Ok(()));
        assert_eq!(throttle.pass(at(30_100)), Err(30));
        assert_eq!(throttle.pass(at(59_900)), Err(1));
        assert_eq!(throttle.pass(at(60_000)), Ok(()));
        assert_eq!(throttle.pass(at(60_001)), Err(21));
    }

    #[test]
    fn rate_zero_refuses_no_request() {
        let mut throttle = Throttle::new(0);
        assert!((0..1000).all(|_| throttle.pass(at(0)).is_ok()));
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_refuse_requests_for_long() {
        let mut throttle = Throttle::new(1);
        assert_eq!(throttle.pass(at(3_600_000)), Ok(()));
        assert_eq!(throttle.pass(at(0)), Ok(()));
        assert_eq!(throttle.pass(at(1)), Err(60));
    }
}
