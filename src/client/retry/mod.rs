//! Whether to send a request again, and after how long. Nothing here sleeps or reads a clock.
//!
//! Full jitter and the longest delay are those of the client libraries of AWS. The base delay is
//! longer, because the API calls HTTP 429 a misuse of its logs.

use std::time::Duration;

/// The shortest wait before a retry.
const MIN_DELAY: Duration = Duration::from_millis(100);
/// The longest wait before the first retry after a transient error.
const BASE_DELAY: Duration = Duration::from_millis(500);
/// The longest wait before the first retry after HTTP 429.
const THROTTLED_BASE_DELAY: Duration = Duration::from_secs(2);
/// The longest wait that the policy itself sets.
const MAX_DELAY: Duration = Duration::from_secs(20);

/// What can be done about a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Nothing: the next response would be the same.
    None,
    /// Retry immediately: the connection was closed before a byte of the response arrived, probably
    /// because it was idle for too long.
    AtOnce,
    /// Retry after a wait: the error may be transient.
    Later {
        /// The wait that the server requests.
        retry_after: Option<Duration>,
    },
    /// Retry after a wait: HTTP 429.
    Throttled {
        /// The wait that the server requests.
        retry_after: Option<Duration>,
    },
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Send the request again immediately.
    Now,
    /// Send the request again after this long.
    After(Duration),
    /// Give up. The duration is the wait that the server, or else the policy, would require.
    GiveUp(Option<Duration>),
}

/// The attempts to get one response so far.
#[derive(Debug)]
pub(super) struct RetryState {
    /// How many attempts may follow the first one.
    retries: u32,
    /// How much longer to wait in all.
    left: Duration,
    /// The attempts that failed.
    failed: u32,
    /// Whether a retry was sent without a wait. It is not one of `retries`.
    retried_at_once: bool,
}

impl RetryState {
    /// No attempt yet; `max_wait` is the longest wait between them, in total.
    pub(super) fn new(retries: u32, max_wait: Duration) -> Self {
        Self { retries, left: max_wait, failed: 0, retried_at_once: false }
    }

    /// How many attempts have failed.
    pub(super) fn failed(&self) -> u32 {
        self.failed
    }

    /// Decides after a failed attempt. `random` gives numbers from 0 up to, not including, 1.
    pub(super) fn decide(
        &mut self,
        remedy: Remedy,
        budget: &mut Budget,
        mut random: impl FnMut() -> f64,
    ) -> Decision {
        let earlier = self.failed - u32::from(self.retried_at_once);
        self.failed = self.failed.saturating_add(1);
        if remedy == Remedy::AtOnce && !self.retried_at_once {
            self.retried_at_once = true;
            return if budget.pay(Budget::TRANSIENT) {
                Decision::Now
            } else {
                Decision::GiveUp(None)
            };
        }
        let (retry_after, base, cost) = match remedy {
            Remedy::None => return Decision::GiveUp(None),
            Remedy::AtOnce => (None, BASE_DELAY, Budget::TRANSIENT),
            Remedy::Later { retry_after } => (retry_after, BASE_DELAY, Budget::TRANSIENT),
            Remedy::Throttled { retry_after } => {
                (retry_after, THROTTLED_BASE_DELAY, Budget::THROTTLED)
            }
        };
        let longest = max_delay(base, earlier);
        let requested =
            retry_after.or(matches!(remedy, Remedy::Throttled { .. }).then_some(longest));
        if earlier >= self.retries {
            return Decision::GiveUp(requested);
        }
        let delay = longest.mul_f64(random()).max(MIN_DELAY);
        let Some(wait) = self.bounded(delay, retry_after, random()) else {
            return Decision::GiveUp(requested);
        };
        if !budget.pay(cost) {
            return Decision::GiveUp(requested);
        }
        self.left = self.left.saturating_sub(wait);
        Decision::After(wait)
    }

    /// The wait to use, or `None` when the server requests more than is left. A requested wait is
    /// lengthened by up to a tenth, so that clients with the same wait do not all return together; a
    /// delay of the policy is shortened to what is left.
    fn bounded(
        &self,
        delay: Duration,
        retry_after: Option<Duration>,
        random: f64,
    ) -> Option<Duration> {
        match retry_after {
            Some(requested) if requested > self.left => None,
            Some(requested) => Some(with_jitter(requested.max(delay), random).min(self.left)),
            None => (!self.left.is_zero()).then(|| delay.min(self.left)),
        }
    }
}

/// The longest delay of the policy before a retry that follows this many others.
fn max_delay(base: Duration, earlier: u32) -> Duration {
    2_u32
        .checked_pow(earlier)
        .and_then(|factor| base.checked_mul(factor))
        .map_or(MAX_DELAY, |delay| delay.min(MAX_DELAY))
}

/// A wait longer by up to a tenth. The tenth is added, because a product of floats may be less than
/// the wait.
fn with_jitter(wait: Duration, random: f64) -> Duration {
    wait.saturating_add(wait.mul_f64(random / 10.0))
}

/// The retries of a whole run, in points: a failing server must not receive requests without end,
/// however many pages a run fetches.
#[derive(Debug)]
pub(super) struct Budget(u32);

impl Budget {
    const FULL: u32 = 100;
    const TRANSIENT: u32 = 10;
    const THROTTLED: u32 = 5;

    /// A full budget.
    pub(super) fn new() -> Self {
        Self(Self::FULL)
    }

    /// Returns one point after a successful response.
    pub(super) fn record_success(&mut self) {
        self.0 = (self.0 + 1).min(Self::FULL);
    }

    /// Takes these points; `false` when too few are left.
    fn pay(&mut self, cost: u32) -> bool {
        self.0.checked_sub(cost).map(|left| self.0 = left).is_some()
    }
}

#[cfg(test)]
mod tests;
