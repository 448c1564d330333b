use std::time::Duration;

use super::super::check::CheckOutcome;
use super::*;

/// The result of the clock check for a response that arrived at second `at`, took `took` seconds
/// and has this `Date`.
fn clock(at: i64, took: u64, date: Option<i64>) -> (CheckOutcome, String) {
    let time = |second| DateTime::from_timestamp(1_677_060_000 + second, 0).unwrap();
    let response = ResponseSummary {
        status: 200,
        content_type: None,
        on_wire: 0,
        decoded: 0,
        took: Duration::from_secs(took),
        date: date.map(time),
    };
    let mut checks = Checks::default();
    clock_check(Some(&RecordedResponse { response, at: time(at) }), &mut checks);
    let check = checks.finish().pop().unwrap();
    (check.outcome, check.detail)
}

#[test]
fn a_clock_within_the_time_of_the_request_is_as_the_servers() {
    for date in [0, 5, 10] {
        assert_eq!(
            clock(10, 10, Some(date)),
            (CheckOutcome::Ok, "same as the server's".into()),
            "{date}"
        );
    }
}

#[test]
fn the_difference_of_the_clocks_is_shown_with_its_direction() {
    assert_eq!(clock(0, 0, Some(40)), (CheckOutcome::Ok, "40 s behind the server's".into()));
    assert_eq!(clock(41, 0, Some(0)), (CheckOutcome::Ok, "40 s ahead of the server's".into()));
    let (outcome, detail) = clock(0, 0, Some(125));
    assert_eq!(
        (outcome, detail.as_str()),
        (CheckOutcome::Warning, "2 min 5 s behind the server's")
    );
    let (outcome, detail) = clock(3 * 86_400 + 7201, 0, Some(0));
    assert_eq!(
        (outcome, detail.as_str()),
        (CheckOutcome::Warning, "3 d 2 h ahead of the server's")
    );
}

#[test]
fn a_server_without_a_date_header_is_not_a_fault() {
    assert_eq!(clock(0, 0, None).0, CheckOutcome::Skipped);
}
