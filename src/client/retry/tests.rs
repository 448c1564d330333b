use proptest::prelude::*;

use super::*;

const MINUTE: Duration = Duration::from_secs(60);
const LATER: Remedy = Remedy::Later { retry_after: None };
const THROTTLED: Remedy = Remedy::Throttled { retry_after: None };

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The decisions about these failures, one after the other, with `random` as every random number.
fn run(retries: u32, max_wait: Duration, remedies: &[Remedy], random: f64) -> Vec<Decision> {
    let mut state = RetryState::new(retries, max_wait);
    let mut budget = Budget::new();
    remedies.iter().map(|remedy| state.decide(*remedy, &mut budget, || random)).collect()
}

#[test]
fn delays_double_from_half_a_second_after_transient_errors_and_from_two_after_http_429() {
    use Decision::{After, GiveUp};
    // The limit of full jitter.
    let almost = 1.0 - f64::EPSILON;
    let delays = |remedy| {
        run(3, MINUTE, &[remedy; 4], almost)
            .into_iter()
            .map(|decision| match decision {
                After(wait) => Ok(wait.as_secs_f64().mul_add(10.0, 0.5).floor()),
                other => Err(other),
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(delays(LATER), [Ok(5.0), Ok(10.0), Ok(20.0), Err(GiveUp(None))]);
    assert_eq!(delays(THROTTLED), [Ok(20.0), Ok(40.0), Ok(80.0), Err(GiveUp(Some(seconds(16))))]);
}

#[test]
fn no_delay_is_shorter_than_a_tenth_of_a_second_or_longer_than_twenty() {
    let floor = run(10, MINUTE, &[LATER; 10], 0.0);
    assert_eq!(floor, [Decision::After(Duration::from_millis(100)); 10]);
    let long = run(10, seconds(10_000), &[THROTTLED; 10], 1.0);
    assert_eq!(long.last(), Some(&Decision::After(seconds(20))));
}

#[test]
fn an_error_that_would_recur_and_an_error_without_retries_left_are_given_up() {
    assert_eq!(run(3, MINUTE, &[Remedy::None], 0.5), [Decision::GiveUp(None)]);
    assert_eq!(run(0, MINUTE, &[LATER], 0.5), [Decision::GiveUp(None)]);
}

#[test]
fn a_connection_closed_without_a_response_is_replaced_at_once_only_the_first_time() {
    let decisions = run(1, MINUTE, &[Remedy::AtOnce; 3], 0.5);
    assert_eq!(
        decisions,
        [Decision::Now, Decision::After(Duration::from_millis(250)), Decision::GiveUp(None)]
    );
}

#[test]
fn a_retry_waits_at_least_as_long_as_the_server_requires() {
    let throttled = |secs| Remedy::Throttled { retry_after: Some(seconds(secs)) };
    assert_eq!(run(3, MINUTE, &[throttled(30)], 0.0), [Decision::After(seconds(30))]);
    assert_eq!(run(3, MINUTE, &[throttled(30)], 1.0), [Decision::After(seconds(33))]);
    // The second requested wait is longer than what is left of the minute.
    assert_eq!(
        run(3, MINUTE, &[throttled(30), throttled(31)], 0.0),
        [Decision::After(seconds(30)), Decision::GiveUp(Some(seconds(31)))]
    );
    assert_eq!(run(3, MINUTE, &[throttled(61)], 0.0), [Decision::GiveUp(Some(seconds(61)))]);
}

#[test]
fn http_503_may_require_a_wait_as_well() {
    let throttled = Remedy::Later { retry_after: Some(seconds(3)) };
    assert_eq!(run(3, MINUTE, &[throttled], 0.0), [Decision::After(seconds(3))]);
}

#[test]
fn a_delay_of_the_policy_is_shortened_to_the_time_left() {
    let decisions = run(3, seconds(3), &[THROTTLED; 3], 1.0);
    assert_eq!(
        decisions,
        [
            Decision::After(seconds(2)),
            Decision::After(seconds(1)),
            Decision::GiveUp(Some(seconds(8)))
        ]
    );
    assert_eq!(run(3, Duration::ZERO, &[LATER], 1.0), [Decision::GiveUp(None)]);
}

#[test]
fn a_runs_budget_stops_retries_page_after_page() {
    let mut budget = Budget::new();
    let retry = |budget: &mut Budget, remedy| {
        RetryState::new(3, MINUTE).decide(remedy, budget, || 0.5) != Decision::GiveUp(None)
    };
    assert_eq!((0..20).filter(|_| retry(&mut budget, LATER)).count(), 10);
    (0..9).for_each(|_| budget.record_success());
    assert!(!retry(&mut budget, LATER));
    budget.record_success();
    assert!(retry(&mut budget, LATER));
    (0..1000).for_each(|_| budget.record_success());
    let throttled = (0..30)
        .filter(|_| {
            let decision = RetryState::new(3, MINUTE).decide(THROTTLED, &mut budget, || 0.5);
            matches!(decision, Decision::After(_))
        })
        .count();
    assert_eq!(throttled, 20);
}

/// Waits that a server may request: of any length, to the nanosecond, as from a date and a clock.
fn a_requested_wait() -> impl Strategy<Value = Duration> {
    (prop_oneof![0_u64..200, 0_u64..2_000_000_000], prop_oneof![Just(0_u32), 0_u32..1_000_000_000])
        .prop_map(|(seconds, nanoseconds)| Duration::new(seconds, nanoseconds))
}

proptest! {
    #[test]
    fn bounded_attempts_end_within_the_wait_and_never_wait_less_than_requested(
        requested in prop::collection::vec(prop::option::of(a_requested_wait()), 1..20),
        max_wait in prop_oneof![0_u64..100_000, 0_u64..4_000_000_000],
        retries in 0_u32..=10,
        random in prop_oneof![Just(0.0), 0.0_f64..1.0],
    ) {
        let mut state = RetryState::new(retries, seconds(max_wait));
        let mut budget = Budget::new();
        let mut waited = Duration::ZERO;
        for retry_after in requested {
            let remedy = Remedy::Throttled { retry_after };
            match state.decide(remedy, &mut budget, || random) {
                Decision::After(wait) => {
                    prop_assert!(retry_after.is_none_or(|requested| wait >= requested));
                    waited += wait;
                }
                Decision::GiveUp(requested) => {
                    prop_assert!(requested.is_some());
                    break;
                }
                Decision::Now => prop_assert!(false, "a 429 was retried without a wait"),
            }
        }
        prop_assert!(waited <= seconds(max_wait) && state.failed() <= retries + 1);
    }
}
