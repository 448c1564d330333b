//! Timestamps in forms that the API does not document.

use super::{list, page, row, warnings};
use crate::support::{Ran, Response, Server};

/// A row with this JSON value as its sent time.
fn sent(at: &str) -> String {
    row("m1").replace(r#""2015-02-23T17:40:31.773+0100""#, at)
}

fn list_rows(rows: &[String], format: &'static str) -> Ran {
    let server = Server::always(Response::json(page(rows)));
    list(&server.url()).args(["--utc"]).format(format).code(0)
}

/// Forms of one instant that the program reads.
const VALID: [&str; 6] = [
    r#""2015-02-23T17:40:31.773+0100""#,
    r#""2015-02-23T17:40:31.773+01:00""#,
    r#""2015-02-23T16:40:31.773Z""#,
    r#""2015-02-23T17:40:31+0100""#,
    r#""2015-02-23 17:40:31.773+0100""#,
    r#""2015-02-23T17:40:31.7730000+01""#,
];

/// Values that are not timestamps, and timestamps without an offset.
const INVALID: [&str; 8] = [
    "1424709631773",
    r#""1424709631773""#,
    r#""2015-02-23T17:40:31.773""#,
    r#""2015-02-23T17:40:60.000+0100""#,
    r#""2015-02-30T17:40:31.773+0100""#,
    r#""2015-02-23""#,
    r#""yesterday""#,
    r#""2015-02-23T25:00:00.000+0100""#,
];

/// H37.
#[test]
fn timestamps_with_other_offsets_or_fractions_are_read_as_the_same_instant() {
    for date in VALID {
        let rows = [sent(date)];
        let table = list_rows(&rows, "table");
        assert!(table.stdout.contains("2015-02-23 16:40:31"), "{date}: {}", table.stdout);
        assert!(warnings(&table).is_empty(), "{date}: {}", table.stderr);
        assert!(list_rows(&rows, "jsonl").stdout.contains(&format!(r#""sentAt":{date}"#)));
    }
}

/// H37.
#[test]
fn an_invalid_timestamp_is_shown_as_sent_with_a_warning() {
    for date in INVALID {
        let rows = [sent(date)];
        let ran = list_rows(&rows, "jsonl");
        assert!(ran.stdout.contains(&format!(r#""sentAt":{date}"#)), "{}", ran.stdout);
        let table = list_rows(&rows, "table");
        let warning = "row 1 had a date that is not valid, shown as sent";
        assert_eq!(warnings(&table), [warning], "{date}");
        assert!(table.stdout.contains(date.trim_matches('"')), "{date}: {}", table.stdout);
    }
}

/// H37. Paging continues from rows with a readable sent time, and skips those without one.
#[test]
fn an_invalid_timestamp_is_never_a_boundary_between_pages() {
    let server = Server::start(|_, head| {
        let undated = sent(r#""yesterday""#).replace("m1", "m2");
        Response::json(match head {
            // The rows that are newer than the dated one.
            head if head.contains("sentSince=2015-02-23") => page(&[]),
            head if head.contains("sentUntil") => page(&[row("m1")]),
            _ => page(&[row("m1"), undated]),
        })
    });
    list(&server.url()).args(["--all", "--since", "2015-02-20"]).code(0);
    let last = server.targets().pop().unwrap();
    assert!(last.contains("sentUntil=2015-02-23T16:40:31.775%2B00:00"), "{last}");
}

/// H37.
#[test]
fn the_rest_of_the_window_is_reported_missing_when_no_row_has_a_valid_timestamp() {
    let server = Server::always(Response::json(page(&[sent("1424709631773")])));
    let ran = list(&server.url()).args(["--all"]).code(3);
    assert_eq!(ran.stdout.lines().count(), 1);
    ran.says("no row of the last response has a readable sentAt");
}
