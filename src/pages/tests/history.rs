//! One example for each rule of paging.

use super::model_server::{Model, ModelRow, ModelServer, Picks, RowOrder, at, key};
use crate::model::{Anomaly, Channel, StatusGroup};
use crate::pages::test_support::resume_from;
use crate::pages::{History, Pages, Resume, RunReport};
use crate::query::{Extent, Query};
use crate::source::SourceError;

const NOW: i64 = 1000;

/// The result of a run.
struct HistoryRun {
    keys: Vec<usize>,
    report: RunReport,
    failure: Option<SourceError>,
    queries: Vec<Query>,
}

/// Runs a query in pages of four rows, unless the server returns fewer.
fn run(model: Model, query: &Query, extent: Extent) -> HistoryRun {
    let server = model.server();
    let pages = History::new(server.clone(), Query { extent, ..query.clone() }, at(NOW));
    take(pages.with_page_rows(4), &server)
}

fn take(mut pages: History<ModelServer>, server: &ModelServer) -> HistoryRun {
    let (mut keys, mut failure) = (Vec::new(), None);
    while let Some(page) = pages.next_page() {
        match page {
            Ok(page) => keys.extend(page.logs.iter().map(key)),
            Err(error) => failure = Some(error),
        }
    }
    let queries = server.model().queries.clone();
    HistoryRun { keys, report: pages.report(), failure, queries }
}

fn all(model: Model) -> HistoryRun {
    run(model, &Query::default(), Extent::All)
}

/// Rows sent at these times, with their keys in order.
fn rows(sent: &[i64]) -> Vec<ModelRow> {
    sent.iter().enumerate().map(|(key, sent)| ModelRow::new(key, *sent)).collect()
}

/// Ten rows. Some are of the same millisecond, where a page of four ends.
fn ten() -> Vec<ModelRow> {
    rows(&[90, 80, 71, 70, 70, 70, 69, 50, 40, 30])
}

fn numbers(to: usize) -> Vec<usize> {
    (0..to).collect()
}

#[test]
fn every_row_comes_once_whether_the_bounds_count_in_or_out() {
    for (since_counts, until_counts) in [(true, true), (true, false), (false, true), (false, false)]
    {
        let run = all(Model { since_counts, until_counts, ..Model::new(ten()) });
        assert_eq!(run.keys, numbers(10));
        assert_eq!(run.report.gaps, []);
        assert_eq!(run.report.rows, 10);
    }
}

#[test]
fn a_short_page_does_not_prove_the_end() {
    let run = all(Model { cap: 3, ..Model::new(rows(&[9, 8, 7, 6, 5, 4, 3, 2])) });
    assert_eq!(run.keys, numbers(8));
    assert_eq!(run.report.gaps, []);
}

#[test]
fn a_window_of_exactly_one_full_page_ends_with_one_request_and_the_proof_of_order() {
    let run = all(Model::new(rows(&[9, 7, 5, 3])));
    assert_eq!((run.keys, run.queries.len()), (numbers(4), 3));
    assert_eq!((run.report.duplicates, run.report.pages), (2, 1));
}

#[test]
fn no_rows_at_all_are_one_empty_page() {
    let server = Model::new(Vec::new()).server();
    let mut pages =
        History::new(server.clone(), Query { extent: Extent::All, ..Query::default() }, at(NOW));
    assert!(pages.next_page().unwrap().unwrap().logs.is_empty());
    assert!(pages.next_page().is_none());
    // The request is repeated, because a replica that is behind can return nothing once.
    assert_eq!(server.model().queries.len(), 2);
}

#[test]
fn the_end_of_the_window_is_fixed_at_the_first_request() {
    let late = (3, ModelRow::new(99, NOW + 5));
    let run = all(Model { arrivals: vec![late], ..Model::new(ten()) });
    assert_eq!(run.keys, numbers(10));
    assert_eq!(run.queries[0].until, None, "a clock that is wrong would hide rows");
    assert_eq!(run.report.until, Some(at(90)));
    let run = all(Model { time: Some((2000, 1)), ..Model::new(ten()) });
    assert_eq!(run.report.until.map(|until| until.millis() % 1000), Some(0), "an HTTP date");
    let until = Some(at(75));
    let given = History::new(
        Model::new(ten()).server(),
        Query { until, extent: Extent::All, ..Query::default() },
        at(NOW),
    );
    assert_eq!(given.report().until, until);
}

#[test]
fn rows_that_arrive_in_a_time_range_that_is_listed_neither_shift_nor_repeat_pages() {
    // The second request proves the order of the first page.
    let arrivals =
        vec![(2, ModelRow::new(20, 85)), (2, ModelRow::new(21, 71)), (3, ModelRow::new(22, 35))];
    let run = all(Model { arrivals, ..Model::new(ten()) });
    let older: Vec<_> = run.keys.iter().copied().filter(|key| *key != 22).collect();
    assert_eq!(older, numbers(10));
    assert!(run.keys.contains(&22));
}

#[test]
fn unsorted_pages_are_reported_and_shown_newest_first() {
    for order in [RowOrder::Oldest, RowOrder::Mixed] {
        let run = all(Model { order, ..Model::new(rows(&[9, 8, 7, 6, 5, 4, 3, 2])) });
        assert_eq!(run.keys, numbers(8));
        assert!(run.report.anomalies.has(Anomaly::Unsorted));
    }
}

#[test]
fn a_server_that_gives_the_oldest_rows_is_detected() {
    let model = Model { picks: Picks::Oldest, order: RowOrder::Oldest, ..Model::new(ten()) };
    let run = all(model);
    assert_eq!(run.keys, [6, 7, 8, 9]);
    let gap = &run.report.gaps[0];
    assert_eq!((gap.since, gap.until), (None, None));
    assert!(!run.report.order_proved);
}

#[test]
fn all_filters_hold_on_every_page() {
    let query = Query {
        from: Some("InfoSMS".into()),
        statuses: vec![StatusGroup::Delivered],
        since: Some(at(35)),
        limit: Some(2),
        ..Query::default()
    };
    let run = run(Model::new(ten()), &query, Extent::All);
    assert_eq!(run.keys, numbers(9));
    for request in run.queries {
        let same = Query { since: query.since, until: None, limit: query.limit, ..request.clone() };
        // One request finds out how many rows the server returns at once, and has no filter.
        let is_open = request.from.is_none() && request.statuses.is_empty();
        assert!(is_open || same == query, "{request:?}");
    }
}

#[test]
fn a_number_of_rows_requests_no_more_than_is_left_and_the_overlap() {
    let run = run(Model::new(ten()), &Query::default(), Extent::Rows(5));
    assert_eq!(run.keys, numbers(5));
    let limits: Vec<_> = run.queries.iter().map(|query| query.limit).collect();
    // The order of the first page is proved; one row is left, and those at 71 and 70 come again.
    assert_eq!(limits, [Some(4), Some(4), Some(3)]);
}

#[test]
fn one_page_is_requested_as_typed_and_passed_on_as_sent() {
    let query =
        Query { limit: Some(3), channels: vec![Channel::Sms.to_string()], ..Query::default() };
    let mut doubled = rows(&[9, 9, 8]);
    doubled[1].key = 0;
    let run = run(Model::new(doubled), &query, Extent::OnePage);
    assert_eq!(run.keys, [0, 0, 2]);
    assert_eq!(run.queries, [query]);
    assert_eq!(run.report.until, None);
}

#[test]
fn rows_that_do_not_match_the_query_are_kept_and_reported() {
    let anomaly = |ignores, query| {
        let run = run(Model { ignores, ..Model::new(rows(&[9, 8, 7])) }, &query, Extent::OnePage);
        assert_eq!(run.keys, numbers(3));
        run.report.anomalies.iter().find(|(odd, ..)| *odd == Anomaly::NotInQuery)
    };
    let two = Query { limit: Some(2), ..Query::default() };
    assert_eq!(anomaly(vec!["limit"], two), Some((Anomaly::NotInQuery, 1, 3)));
    let other = Query { from: Some("Other".into()), ..Query::default() };
    assert_eq!(anomaly(vec!["from"], other), Some((Anomaly::NotInQuery, 3, 1)));
}

#[test]
fn rows_from_the_future_are_reported() {
    let ahead = |millis| {
        let model = Model::new(rows(&[NOW + millis, 5]));
        run(model, &Query::default(), Extent::OnePage).report.anomalies.has(Anomaly::FutureSentAt)
    };
    assert!(ahead(3_600_000));
    assert!(!ahead(60_000), "clocks differ");
}

#[test]
fn a_failure_in_the_middle_leaves_the_pages_before_it_and_names_the_time_range_that_is_missing() {
    let query = Query { since: Some(at(10)), ..Query::default() };
    let run = run(Model { fails_at: Some(1), ..Model::new(ten()) }, &query, Extent::All);
    assert_eq!(run.keys, numbers(4));
    assert!(matches!(run.failure, Some(SourceError::Server { status: 503, .. })));
    let gap = &run.report.gaps[0];
    assert_eq!((gap.since, gap.until), (Some(at(10)), Some(at(70))));
    assert_eq!(gap.reason, "HTTP 503: h failed");
    assert_eq!((run.report.requests, run.report.pages), (2, 1));
}

#[test]
fn rows_without_a_readable_time_are_passed_on_once_and_are_not_an_edge() {
    let mut rows = ten();
    for key in [3, 5, 9] {
        rows[key].dated = false;
    }
    let mut run = all(Model::new(rows));
    run.keys.sort_unstable();
    assert_eq!(run.keys, numbers(10));
    assert_eq!(run.report.gaps, []);
}

#[test]
fn a_page_without_any_readable_time_cannot_be_paged_past() {
    let mut rows = rows(&[90, 80, 70, 60, 50, 40, 30, 20, 10, 5]);
    for row in &mut rows[4..] {
        row.dated = false;
    }
    let run = all(Model { until_counts: false, ..Model::new(rows) });
    assert_eq!(run.keys, numbers(8));
    let gap = &run.report.gaps[0];
    assert_eq!((gap.since, gap.until), (None, Some(at(59))));
}

#[test]
fn a_number_of_rows_that_is_met_has_no_gap() {
    let mut rows = rows(&[9, 8, 7]);
    for row in &mut rows {
        row.dated = false;
    }
    let run = run(Model::new(rows), &Query::default(), Extent::Rows(3));
    assert_eq!((run.keys.len(), run.report.gaps.len()), (3, 0));
}

#[test]
fn a_server_that_ignores_the_end_is_reported_and_gets_no_more_requests() {
    let run = all(Model { ignores: vec!["sentUntil"], ..Model::new(ten()) });
    assert_eq!((run.keys, run.queries.len()), (numbers(4), 5));
    assert_eq!(run.report.gaps[0].until, Some(at(70)));
}

#[test]
fn a_server_that_always_returns_the_same_few_rows_is_not_believed_to_have_no_older_ones() {
    let model = Model { ignores: vec!["sentUntil"], ..Model::new(rows(&[9, 8, 7])) };
    let run = all(model);
    assert_eq!((run.keys, run.queries.len()), (numbers(3), 6));
    assert_eq!(run.report.gaps[0].until, Some(at(7)));
}

#[test]
fn rows_of_one_message_on_two_channels_are_two_rows() {
    let mut failover = rows(&[9, 9]);
    failover[1] = ModelRow { channel: "VIBER", ..failover[0].clone() };
    let run = all(Model::new(failover));
    assert_eq!(run.keys, [0, 0]);
}

#[test]
fn rows_without_a_message_id_differ_by_their_text() {
    let mut nameless = ten();
    for row in &mut nameless {
        row.named = false;
    }
    assert_eq!(all(Model::new(nameless)).keys, numbers(10));
}

/// A run that continues an earlier one, which had listed everything from `listed` on. Messages from
/// before 20 seconds had expired when the earlier run began, and those from before 140 seconds when
/// this one does.
fn continued_late(listed: i64, since: Option<i64>) -> HistoryRun {
    let rows = rows(&[190_000, 150_000, 145_000, 130_000, 90_000, 25_000]);
    let model = Model { keeps: Some(60_000), time: Some((200_000, 0)), ..Model::new(rows) };
    let server = model.server();
    let query = Query { since: since.map(at), extent: Extent::All, ..Query::default() };
    let resume = Resume { expired_before: Some(at(20_000)), ..resume_from(at(listed)) };
    take(History::new(server.clone(), query, at(NOW)).resuming(resume), &server)
}

#[test]
fn what_expires_between_an_interrupted_run_and_the_next_one_is_a_gap() {
    let gap = |run: &HistoryRun| {
        let gap = run.report.gaps.iter().find(|gap| gap.reason.contains("expired"));
        gap.map(|gap| (gap.since, gap.until))
    };
    let run = continued_late(150_000, None);
    assert_eq!(run.keys, [2]);
    assert_eq!(gap(&run), Some((Some(at(20_000)), Some(at(140_998)))));
    // The time that the earlier run listed is not a gap.
    let run = continued_late(100_000, None);
    assert_eq!(run.keys, numbers(0));
    assert_eq!(gap(&run), Some((Some(at(20_000)), Some(at(99_999)))));
    // The time before the window is not a gap either.
    let run = continued_late(100_000, Some(60_000));
    assert_eq!(gap(&run), Some((Some(at(60_000)), Some(at(99_999)))));
    assert_eq!(gap(&continued_late(145_001, Some(142_000))), None);
}
