//! The throttle: a limit on the requests in any 60 seconds, and the pauses of the scenario `throttled`.
//! Does not read a clock: the caller passes the time.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

const WINDOW: TimeDelta = TimeDelta::minutes(1);

/// How many requests the scenario `throttled` accepts between two pauses: few enough for a pause in a
/// short run, and enough for the rate of the client to recover.
const ACCEPTED_IN_A_ROW: u32 = 9;
/// How long the scenario `throttled` refuses requests.
const PAUSE: TimeDelta = TimeDelta::seconds(2);

/// Counts requests in a sliding window.
pub(super) struct Throttle {
    /// Requests per minute; 0 means no limit.
    rate: u32,
    /// The times of the accepted requests in the window, oldest first.
    accepted: VecDeque<DateTime<Utc>>,
    /// Pauses in addition to the limit.
    pauses: Option<Pauses>,
}

/// Repeated pauses, in which all requests are refused.
struct Pauses {
    /// How many requests are accepted until the next pause.
    left: u32,
    /// The end of the pause that the last refused request began.
    until: Option<DateTime<Utc>>,
}

impl Pauses {
    /// As [`Throttle::accept`].
    fn accept(&mut self, now: DateTime<Utc>) -> Result<(), i64> {
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

/// A time in seconds, rounded up, and at least 1.
fn seconds(time: TimeDelta) -> i64 {
    (time.num_milliseconds() + 999).div_euclid(1000).max(1)
}

impl Throttle {
    pub(super) const fn new(rate: u32) -> Self {
        Self { rate, accepted: VecDeque::new(), pauses: None }
    }

    /// Adds pauses, of which the first one begins with the first request.
    pub(super) fn with_pauses(self) -> Self {
        Self { pauses: Some(Pauses { left: 0, until: None }), ..self }
    }

    /// Accepts a request and counts it.
    ///
    /// # Errors
    /// When the request is refused: the number of seconds after which a request is accepted. Refused
    /// requests are not counted.
    pub(super) fn accept(&mut self, now: DateTime<Utc>) -> Result<(), i64> {
        if let Some(pauses) = &mut self.pauses {
            pauses.accept(now)?;
        }
        if self.rate == 0 {
            return Ok(());
        }
        self.accepted.retain(|time| now - time < WINDOW && *time <= now);
        match self.accepted.front() {
            Some(oldest) if self.accepted.len() >= self.rate as usize => {
                Err(seconds(WINDOW - (now - oldest)))
            }
            _ => {
                self.accepted.push_back(now);
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
    fn the_returned_wait_is_long_enough_and_not_a_second_too_long() {
        let mut throttle = Throttle::new(2);
        assert_eq!(throttle.accept(at(0)), Ok(()));
        assert_eq!(throttle.accept(at(20_500)), Ok(()));
        assert_eq!(throttle.accept(at(30_100)), Err(30));
        assert_eq!(throttle.accept(at(59_900)), Err(1));
        assert_eq!(throttle.accept(at(60_000)), Ok(()));
        assert_eq!(throttle.accept(at(60_001)), Err(21));
    }

    #[test]
    fn pauses_begin_with_the_first_request_and_after_every_nine() {
        let mut throttle = Throttle::new(0).with_pauses();
        for start in [0, 10_000] {
            assert_eq!(throttle.accept(at(start)), Err(2));
            assert_eq!(throttle.accept(at(start + 500)), Err(2));
            assert_eq!(throttle.accept(at(start + 1_999)), Err(1));
            assert!((0..9).all(|step| throttle.accept(at(start + 2_000 + step)).is_ok()));
        }
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_prolong_a_pause() {
        let mut throttle = Throttle::new(0).with_pauses();
        assert_eq!(throttle.accept(at(3_600_000)), Err(2));
        assert_eq!(throttle.accept(at(0)), Ok(()));
    }

    #[test]
    fn rate_zero_refuses_no_request() {
        let mut throttle = Throttle::new(0);
        assert!((0..1000).all(|_| throttle.accept(at(0)).is_ok()));
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_refuse_requests_for_long() {
        let mut throttle = Throttle::new(1);
        assert_eq!(throttle.accept(at(3_600_000)), Ok(()));
        assert_eq!(throttle.accept(at(0)), Ok(()));
        assert_eq!(throttle.accept(at(1)), Err(60));
    }
}
