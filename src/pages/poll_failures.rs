//! Decides whether a run that polls for hours continues after a failure, and how long it waits first.
//!
//! Nothing here waits. A failure ends a run only if it would repeat forever. Each kind of failure is
//! reported once.

use std::mem::{Discriminant, discriminant};
use std::time::Duration;

use crate::source::SourceError;

/// The longest wait between failing polls, unless the server requires a longer one.
const MAX_WAIT: Duration = Duration::from_secs(5 * 60);
/// The longest wait that a server can require with `Retry-After`.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(15 * 60);
/// After a success, a run ends after this many refusals in a row: a key that is limited to certain IP
/// addresses may be refused once and accepted again, but not one that was revoked.
const MAX_REFUSALS: u32 = 3;
/// After this time without a failure, the next failure is reported even if one of its kind was reported
/// before.
const QUIET_TIME: Duration = Duration::from_secs(60);

/// The failures of a run so far.
pub(super) struct PollFailures {
    interval: Duration,
    has_succeeded: bool,
    /// The number of failures since the last success.
    failures: u32,
    /// The number of refusals since the last success.
    refusals: u32,
    /// The kinds of failures that were reported.
    reported: Vec<Discriminant<SourceError>>,
    /// When the first failure since the last success occurred.
    began: Option<Duration>,
    /// Whether a failure since the last success was reported.
    is_reported: bool,
    /// When the last series of failures ended.
    over: Duration,
}

/// A failure that does not end the run.
pub(super) struct TransientFailure {
    /// How long to wait before the next poll.
    pub(super) wait: Duration,
    /// Whether it should be reported.
    pub(super) is_new: bool,
}

impl PollFailures {
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            interval,
            has_succeeded: false,
            failures: 0,
            refusals: 0,
            reported: Vec::new(),
            began: None,
            is_reported: false,
            over: Duration::ZERO,
        }
    }

    /// Records a success. If it ends a series of failures that was reported, returns how long the
    /// series lasted.
    pub(super) fn succeeded(&mut self, at: Duration) -> Option<Duration> {
        self.has_succeeded = true;
        self.failures = 0;
        self.refusals = 0;
        let began = self.began.take();
        if began.is_some() {
            self.over = at;
        } else if at >= self.over + QUIET_TIME {
            self.reported.clear();
        }
        let was_reported = std::mem::take(&mut self.is_reported);
        began.filter(|_| was_reported).map(|began| at.saturating_sub(began))
    }

    /// Records a failure. Returns `None` if it ends the run.
    pub(super) fn failed(&mut self, error: &SourceError, at: Duration) -> Option<TransientFailure> {
        self.failures = self.failures.saturating_add(1);
        if self.ends_the_run(error) {
            return None;
        }
        self.began.get_or_insert(at);
        let kind = discriminant(error);
        let is_new = !self.reported.contains(&kind);
        if is_new {
            self.reported.push(kind);
            self.is_reported = true;
        }
        let doubled = 2_u32.saturating_pow(self.failures.saturating_sub(1));
        let grown = self.interval.saturating_mul(doubled);
        let wait = grown.min(MAX_WAIT).max(self.interval);
        let retry_after = match error {
            SourceError::Throttled { retry_after: Some(wait), .. } => *wait,
            _ => Duration::ZERO,
        };
        Some(TransientFailure { wait: wait.max(retry_after.min(MAX_RETRY_AFTER)), is_new })
    }

    fn ends_the_run(&mut self, error: &SourceError) -> bool {
        match error {
            SourceError::Interrupted | SourceError::File { .. } | SourceError::Archive { .. } => {
                true
            }
            SourceError::Unauthorized { .. }
            | SourceError::Forbidden { .. }
            | SourceError::Refused { .. } => {
                self.refusals += 1;
                !self.has_succeeded || self.refusals >= MAX_REFUSALS
            }
            SourceError::Throttled { .. } | SourceError::Server { .. } | SourceError::OutOfTime => {
                false
            }
            // A laptop that wakes up may find no name server, or the login page of a hotel.
            SourceError::Unreachable { transient, .. } => !transient && !self.has_succeeded,
            SourceError::NotUnderstood { .. } => !self.has_succeeded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::test_support::{broken, throttled_for};
    use crate::source::ErrorBody;

    const SECOND: Duration = Duration::from_secs(1);

    fn server() -> SourceError {
        broken()
    }

    fn throttled(seconds: u64) -> SourceError {
        let retry_after = Some(Duration::from_secs(seconds));
        throttled_for(retry_after)
    }

    fn refused() -> SourceError {
        let body = ErrorBody::Api {
            reason: String::new(),
            violations: Box::default(),
            omitted_violations: 0,
        };
        SourceError::Unauthorized { host: "h".into(), status: 401, body }
    }

    fn lost(transient: bool) -> SourceError {
        SourceError::Unreachable {
            message: "gone".into(),
            hint: None,
            transient,
            at_proxy: false,
            status: None,
        }
    }

    #[test]
    fn waits_grow_from_the_interval_to_five_minutes_and_start_over_after_a_success() {
        let mut failures = PollFailures::new(5 * SECOND);
        let mut wait = || failures.failed(&server(), SECOND).unwrap().wait.as_secs();
        let waits: Vec<u64> = (0..9).map(|_| wait()).collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
        failures.succeeded(SECOND);
        assert_eq!(failures.failed(&server(), SECOND).unwrap().wait, 5 * SECOND);
    }

    #[test]
    fn a_wait_that_the_server_requires_is_kept_up_to_a_quarter_of_an_hour() {
        let mut failures = PollFailures::new(SECOND);
        assert_eq!(failures.failed(&throttled(42), SECOND).unwrap().wait, 42 * SECOND);
        assert_eq!(failures.failed(&throttled(86_400), SECOND).unwrap().wait, 900 * SECOND);
    }

    #[test]
    fn each_kind_of_failure_is_reported_once_until_a_minute_passes_without_one() {
        let mut failures = PollFailures::new(SECOND);
        let mut reported = |error: SourceError, at: u32| {
            let is_new = failures.failed(&error, at * SECOND).unwrap().is_new;
            (is_new, failures.succeeded((at + 1) * SECOND))
        };
        assert_eq!(reported(server(), 1), (true, Some(SECOND)));
        assert_eq!(reported(server(), 3), (false, None));
        assert_eq!(reported(throttled(1), 5), (true, Some(SECOND)));
        assert_eq!(failures.succeeded(65 * SECOND), None);
        assert!(!failures.failed(&server(), 66 * SECOND).unwrap().is_new);
        failures.succeeded(67 * SECOND);
        failures.succeeded(127 * SECOND);
        assert!(failures.failed(&server(), 128 * SECOND).unwrap().is_new);
    }

    #[test]
    fn a_failure_that_would_repeat_itself_ends_a_run_that_never_succeeded() {
        for error in [refused(), lost(false), SourceError::Interrupted] {
            assert!(PollFailures::new(SECOND).failed(&error, SECOND).is_none(), "{error}");
        }
        for error in [server(), throttled(1), lost(true)] {
            assert!(PollFailures::new(SECOND).failed(&error, SECOND).is_some(), "{error}");
        }
    }

    #[test]
    fn a_run_that_succeeded_ends_only_when_it_is_refused_three_times_in_a_row() {
        let mut failures = PollFailures::new(SECOND);
        failures.succeeded(SECOND);
        assert!(failures.failed(&lost(false), SECOND).is_some());
        assert!(failures.failed(&refused(), SECOND).is_some());
        assert!(failures.failed(&refused(), SECOND).is_some());
        failures.succeeded(SECOND);
        for _ in 0..2 {
            assert!(failures.failed(&refused(), SECOND).is_some());
        }
        assert!(failures.failed(&refused(), SECOND).is_none());
    }
}
