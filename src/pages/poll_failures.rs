//! What a failure means to something that asks for hours: wait and go on, or end.
//!
//! Nothing here waits. Only what would fail in the same way for ever ends a run, and each kind of
//! trouble is told once.

use std::mem::{Discriminant, discriminant};
use std::time::Duration;

use crate::source::SourceError;

/// Waits between failing polls grow up to this.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);
/// A server that says how long to wait is believed up to this.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(15 * 60);
/// This many refusals in a row end a run that had worked: a key that is bound to addresses may be
/// refused once and taken again, a revoked one is not.
const REFUSALS: u32 = 3;
/// After this long without a failure, the next one is told anew.
const CALM: Duration = Duration::from_secs(60);

/// The failures of a run so far.
pub(super) struct PollFailures {
    interval: Duration,
    has_worked: bool,
    /// Failures since the last answer.
    failures: u32,
    refusals: u32,
    told: Vec<Discriminant<SourceError>>,
    /// When the first failure since the last answer came.
    began: Option<Duration>,
    /// Whether any failure since the last answer was told.
    is_told: bool,
    /// When the trouble was over; told kinds are forgotten some time after.
    over: Duration,
}

/// A failure that does not end the run.
pub(super) struct TransientFailure {
    /// How long to wait before the next try.
    pub(super) wait: Duration,
    /// Whether this kind is to be told.
    pub(super) is_new: bool,
}

impl PollFailures {
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            interval,
            has_worked: false,
            failures: 0,
            refusals: 0,
            told: Vec::new(),
            began: None,
            is_told: false,
            over: Duration::ZERO,
        }
    }

    /// Takes note of an answer; how long the trouble lasted, when this ends one that was told.
    pub(super) fn worked(&mut self, at: Duration) -> Option<Duration> {
        self.has_worked = true;
        self.failures = 0;
        self.refusals = 0;
        let began = self.began.take();
        if began.is_some() {
            self.over = at;
        } else if at >= self.over + CALM {
            self.told.clear();
        }
        let was_told = std::mem::take(&mut self.is_told);
        began.filter(|_| was_told).map(|began| at.saturating_sub(began))
    }

    /// Takes note of a failure; `None` when it ends the run.
    pub(super) fn failed(&mut self, error: &SourceError, at: Duration) -> Option<TransientFailure> {
        self.failures = self.failures.saturating_add(1);
        if self.is_the_end(error) {
            return None;
        }
        self.began.get_or_insert(at);
        let kind = discriminant(error);
        let is_new = !self.told.contains(&kind);
        if is_new {
            self.told.push(kind);
            self.is_told = true;
        }
        let doubled = 2_u32.saturating_pow(self.failures.saturating_sub(1));
        let grown = self.interval.saturating_mul(doubled);
        let wait = grown.min(LONGEST_WAIT).max(self.interval);
        let asked = match error {
            SourceError::Throttled { retry_after: Some(asked), .. } => *asked,
            _ => Duration::ZERO,
        };
        Some(TransientFailure { wait: wait.max(asked.min(LONGEST_RETRY_AFTER)), is_new })
    }

    fn is_the_end(&mut self, error: &SourceError) -> bool {
        match error {
            SourceError::Interrupted | SourceError::File { .. } => true,
            SourceError::Unauthorized { .. }
            | SourceError::Forbidden { .. }
            | SourceError::Refused { .. } => {
                self.refusals += 1;
                !self.has_worked || self.refusals >= REFUSALS
            }
            SourceError::Throttled { .. } | SourceError::Server { .. } | SourceError::OutOfTime => {
                false
            }
            // A laptop that wakes up finds no name server, or somebody's login page.
            SourceError::Unreachable { transient, .. } => !transient && !self.has_worked,
            SourceError::NotUnderstood { .. } => !self.has_worked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::ErrorBody;

    const SECOND: Duration = Duration::from_secs(1);

    fn server() -> SourceError {
        SourceError::Server { host: "h".into(), status: 503, reason: None }
    }

    fn throttled(seconds: u64) -> SourceError {
        let retry_after = Some(Duration::from_secs(seconds));
        SourceError::Throttled { host: "h".into(), retry_after }
    }

    fn refused() -> SourceError {
        let body = ErrorBody::Api { reason: String::new(), violations: Vec::new() };
        SourceError::Unauthorized { host: "h".into(), status: 401, body }
    }

    fn lost(transient: bool) -> SourceError {
        SourceError::Unreachable { message: "gone".into(), hint: None, transient }
    }

    #[test]
    fn waits_grow_from_the_interval_to_five_minutes_and_start_over_after_an_answer() {
        let mut failures = PollFailures::new(5 * SECOND);
        let mut wait = || failures.failed(&server(), SECOND).unwrap().wait.as_secs();
        let waits: Vec<u64> = (0..9).map(|_| wait()).collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
        failures.worked(SECOND);
        assert_eq!(failures.failed(&server(), SECOND).unwrap().wait, 5 * SECOND);
    }

    #[test]
    fn a_server_that_names_a_wait_is_heeded_within_reason() {
        let mut failures = PollFailures::new(SECOND);
        assert_eq!(failures.failed(&throttled(42), SECOND).unwrap().wait, 42 * SECOND);
        assert_eq!(failures.failed(&throttled(86_400), SECOND).unwrap().wait, 900 * SECOND);
    }

    #[test]
    fn each_kind_of_trouble_is_told_once_until_a_minute_was_calm() {
        let mut failures = PollFailures::new(SECOND);
        let mut told = |error: SourceError, at: u32| {
            let told = failures.failed(&error, at * SECOND).unwrap().is_new;
            (told, failures.worked((at + 1) * SECOND))
        };
        assert_eq!(told(server(), 1), (true, Some(SECOND)));
        assert_eq!(told(server(), 3), (false, None));
        assert_eq!(told(throttled(1), 5), (true, Some(SECOND)));
        assert_eq!(failures.worked(65 * SECOND), None);
        assert!(!failures.failed(&server(), 66 * SECOND).unwrap().is_new);
        failures.worked(67 * SECOND);
        failures.worked(127 * SECOND);
        assert!(failures.failed(&server(), 128 * SECOND).unwrap().is_new);
    }

    #[test]
    fn what_would_fail_for_ever_ends_a_run_that_never_worked() {
        for error in [refused(), lost(false), SourceError::Interrupted] {
            assert!(PollFailures::new(SECOND).failed(&error, SECOND).is_none(), "{error}");
        }
        for error in [server(), throttled(1), lost(true)] {
            assert!(PollFailures::new(SECOND).failed(&error, SECOND).is_some(), "{error}");
        }
    }

    #[test]
    fn a_run_that_worked_ends_only_when_it_is_refused_three_times_in_a_row() {
        let mut failures = PollFailures::new(SECOND);
        failures.worked(SECOND);
        assert!(failures.failed(&lost(false), SECOND).is_some());
        assert!(failures.failed(&refused(), SECOND).is_some());
        assert!(failures.failed(&refused(), SECOND).is_some());
        failures.worked(SECOND);
        for _ in 0..2 {
            assert!(failures.failed(&refused(), SECOND).is_some());
        }
        assert!(failures.failed(&refused(), SECOND).is_none());
    }
}
