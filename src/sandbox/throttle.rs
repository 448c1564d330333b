//! The throttle: a limit on requests in any 60 seconds, or a server that keeps refusing. Reads no
//! clock; the caller passes the time.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

const WINDOW: TimeDelta = TimeDelta::minutes(1);

/// How many requests the server of the scenario `throttled` accepts between two that it refuses.
/// They are few enough to be met by a short run, and enough for the pace of the client to recover.
const ACCEPTED_IN_A_ROW: u32 = 9;
/// How long that server refuses requests.
const PAUSE: TimeDelta = TimeDelta::seconds(2);

/// Counts requests in a sliding window.
pub(super) struct Throttle {
    /// Requests per minute; 0 means no limit.
    rate: u32,
    passed: VecDeque<DateTime<Utc>>,
    /// Pauses beside the limit.
    pauses: Option<Pauses>,
}

/// A server that refuses all requests for a while, again and again.
struct Pauses {
    /// Requests that are accepted until the next pause.
    left: u32,
    /// The end of the pause that the last refused request began.
    until: Option<DateTime<Utc>>,
}

impl Pauses {
    /// As [`Throttle::pass`].
    fn pass(&mut self, now: DateTime<Utc>) -> Result<(), i64> {
        if let Some(until) = self.until {
            if now < until && until - now <= PAUSE {
                return Err(seconds(until - now));
            }
            self.until = None;
            self.left = ACCEPTED_IN_A_ROW;
        }
        let Some(left) = self.left.checked_sub(1) else {
            self.until = Some(now + PAUSE);
            return Err(seconds(PAUSE));
        };
        self.left = left;
        Ok(())
    }
}

/// Whole seconds that are not less than the time.
fn seconds(time: TimeDelta) -> i64 {
    (time.num_milliseconds() + 999).div_euclid(1000).max(1)
}

impl Throttle {
    pub(super) const fn new(rate: u32) -> Self {
        Self { rate, passed: VecDeque::new(), pauses: None }
    }

    /// With pauses, the first of which begins with the first request.
    pub(super) fn with_pauses(self) -> Self {
        Self { pauses: Some(Pauses { left: 0, until: None }), ..self }
    }

    /// Accepts a request, or returns in how many seconds one would be accepted. Refused requests are
    /// not counted.
    pub(super) fn pass(&mut self, now: DateTime<Utc>) -> Result<(), i64> {
        if let Some(pauses) = &mut self.pauses {
            pauses.pass(now)?;
        }
        if self.rate == 0 {
            return Ok(());
        }
        self.passed.retain(|time| now - time < WINDOW && *time <= now);
        match self.passed.front() {
            Some(oldest) if self.passed.len() >= self.rate as usize => {
                Err(seconds(WINDOW - (now - oldest)))
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
    fn pauses_begin_with_the_first_request_and_after_every_nine() {
        let mut throttle = Throttle::new(0).with_pauses();
        for start in [0, 10_000] {
            assert_eq!(throttle.pass(at(start)), Err(2));
            assert_eq!(throttle.pass(at(start + 500)), Err(2));
            assert_eq!(throttle.pass(at(start + 1_999)), Err(1));
            assert!((0..9).all(|step| throttle.pass(at(start + 2_000 + step)).is_ok()));
        }
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_prolong_a_pause() {
        let mut throttle = Throttle::new(0).with_pauses();
        assert_eq!(throttle.pass(at(3_600_000)), Err(2));
        assert_eq!(throttle.pass(at(0)), Ok(()));
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
