//! Servers that send other rows than requested, or whose clock is wrong.

use super::{NUMBER, ids, list, page, row, two_rows, warnings};
use crate::support::{Ran, Response, Server};

fn list_rows(rows: &[String], words: [&str; 2]) -> Ran {
    let server = Server::always(Response::json(page(rows)));
    list(&server.url()).args(words).code(0)
}

fn sent(id: &str, at: &str) -> String {
    row(id).replace("2015-02-23T17:40:31.773+0100", at)
}

/// H50.
#[test]
fn more_rows_than_requested_are_all_shown_with_a_warning() {
    let ran = list_rows(&[row("m1"), row("m2"), row("m3")], ["--limit", "2"]);
    assert_eq!(ids(&ran), ["m1", "m2", "m3"]);
    assert_eq!(warnings(&ran), ["row 3 did not match the query; shown nevertheless"]);
}

/// H50.
#[test]
fn rows_that_the_filters_exclude_are_all_shown_with_a_warning() {
    let other = row("m2").replace("\"SMS\"", "\"VOICE\"");
    let ran = list_rows(&[row("m1"), other], ["--channel", "SMS"]);
    assert_eq!(ids(&ran), ["m1", "m2"]);
    assert_eq!(warnings(&ran), ["row 2 did not match the query; shown nevertheless"]);
    let other = row("m2").replace(NUMBER, "447700900999");
    let ran = list_rows(&[row("m1"), other], ["--limit", "9"]);
    assert_eq!((ids(&ran).len(), warnings(&ran).len()), (2, 1));
    assert!(!ran.stderr.contains("447700900999"), "{}", ran.stderr);
}

/// H50. The rows are compared by instant, whatever their offset.
#[test]
fn rows_out_of_order_are_shown_newest_first_with_a_warning() {
    let rows = [
        sent("m1", "2015-02-23T10:00:00.000Z"),
        sent("m2", "2015-02-23T12:30:00.000+0100"),
        sent("m3", "2015-02-23T10:30:00.000Z"),
    ];
    let ran = list_rows(&rows, ["--limit", "9"]);
    assert_eq!(ids(&ran), ["m2", "m3", "m1"]);
    assert_eq!(warnings(&ran), ["the server did not send the newest rows first; they were sorted"]);
}

/// H50.
#[test]
fn a_row_from_the_future_is_shown_with_a_warning() {
    let rows = [sent("m1", "2999-01-01T00:00:00.000Z"), row("m2")];
    let ran = list_rows(&rows, ["--limit", "9"]);
    assert_eq!(ids(&ran), ["m1", "m2"]);
    assert_eq!(warnings(&ran), ["row 1 had a sentAt in the future"]);
}

/// H51.
#[test]
fn a_server_whose_clock_is_far_off_is_warned_about() {
    for (date, expected) in [
        ("Sun, 22 Feb 2015 10:00:00 GMT", true),
        ("Wed, 01 Jan 2098 10:00:00 GMT", true),
        ("yesterday", false),
        (&httpdate::fmt_http_date(std::time::SystemTime::now()), false),
    ] {
        let server = Server::always(Response::new("200 OK", &[("Date", date)], two_rows()));
        let ran = list(&server.url()).code(0);
        assert_eq!(ids(&ran), ["m1", "m2"]);
        let warned =
            warnings(&ran).iter().any(|line| line.contains("relative times are not reliable"));
        assert_eq!(warned, expected, "{date}: {}", ran.stderr);
    }
}
