//! HTTP 429, with and without a `Retry-After` header.

use std::time::{Duration, Instant};

use super::{ids, list, two_rows};
use crate::support::{Ran, Response, Server, at_once, omnilogs};

/// A server that throttles once, with these headers, and then sends two rows.
fn throttle_once(headers: &[(&str, &str)]) -> Server {
    let throttled = Response::new("429 Too Many Requests", headers, "");
    Server::sequence([throttled, Response::json(two_rows())])
}

/// Runs against a server that throttles once; the run waits and gets its rows.
fn list_throttled_once(headers: &[(&str, &str)]) -> Ran {
    let server = throttle_once(headers);
    let ran = list(&server.url()).retries(1).code(0);
    assert_eq!((ids(&ran).join(" ").as_str(), server.heads().len()), ("m1 m2", 2), "{headers:?}");
    ran
}

/// A run that did not wait; returns the seconds that it reports.
fn list_without_waiting(headers: &[(&str, &str)]) -> u64 {
    let server = throttle_once(headers);
    let ran = list(&server.url()).retries(3).code(7);
    assert_eq!((ran.stdout.as_str(), server.heads().len()), ("", 1), "{headers:?}");
    let seconds = ran.error_json()["error"]["retryAfterSeconds"].as_u64().unwrap();
    ran.says(&format!("an empty body, not an error of the API; retry after {seconds} s"));
    seconds
}

/// H43. A lower bound: it can only fail when the wait is too short.
#[test]
fn a_retry_after_in_seconds_is_waited_for() {
    let started = Instant::now();
    list_throttled_once(&[("Retry-After", "2")]);
    assert!(started.elapsed() >= Duration::from_secs(2));
}

/// H44. By the local clock, the first date would be in the past and the second far in the future.
#[test]
fn a_retry_after_date_is_compared_with_the_date_of_the_response() {
    let of = |date, until| [("Date", date), ("Retry-After", until)];
    let hour = of("Sun, 22 Feb 2015 10:00:00 GMT", "Sun, 22 Feb 2015 11:00:00 GMT");
    assert_eq!(list_without_waiting(&hour), 3600);
    list_throttled_once(&of("Wed, 01 Jan 2098 10:00:00 GMT", "Wed, 01 Jan 2098 10:00:01 GMT"));
}

/// H45.
#[test]
fn a_malformed_retry_after_is_ignored() {
    let past = ("Retry-After", "Sun, 22 Feb 2015 10:00:00 GMT");
    let now = ("Date", "Mon, 23 Feb 2015 10:00:00 GMT");
    let mut senseless: Vec<Vec<(&str, &str)>> = ["0", "-5", "1e9", "soon", "", "2.5", "\u{661}"]
        .map(|word| vec![("Retry-After", word)])
        .into();
    senseless.push(vec![now, past]);
    senseless.push(vec![("Retry-After", "99999"), ("Retry-After", "1")]);
    at_once(senseless, |headers| {
        list_throttled_once(&headers);
    });
}

/// H45.
#[test]
fn an_absurdly_long_retry_after_is_not_waited_for_and_does_not_overflow() {
    assert_eq!(list_without_waiting(&[("Retry-After", "61")]), 61);
    assert_eq!(list_without_waiting(&[("Retry-After", "999999999")]), 999_999_999);
    for digits in ["1000000000", "99999999999999999999", &"9".repeat(5000)] {
        assert_eq!(list_without_waiting(&[("Retry-After", digits)]), 999_999_999);
    }
    let year_9999 = [
        ("Date", "Sun, 22 Feb 2015 10:00:00 GMT"),
        ("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"),
    ];
    assert_eq!(list_without_waiting(&year_9999), 999_999_999);
}

/// H46.
#[test]
fn endless_throttling_ends_the_run_with_the_seconds_to_wait() {
    at_once([&[][..], &[("Retry-After", "1")]], |headers| {
        let server = Server::always(Response::new("429 Too Many Requests", headers, ""));
        let ran = list(&server.url()).args(["--max-wait", "2s"]).retries(2).code(7);
        assert!(ran.stdout.is_empty());
        assert!((2..=3).contains(&server.heads().len()), "{:?}", server.heads().len());
        assert!(ran.error_json()["error"]["retryAfterSeconds"].as_u64().unwrap() > 0);
        ran.says("retry after ").says("and try again");
    });
}

/// H46.
#[test]
fn the_hint_of_a_throttled_run_names_no_limit_that_was_used_already() {
    let cases = [
        (&["--max-wait", "3s", "--retries", "0"][..], "send fewer requests: --rate 60/m"),
        (&["--retries", "0"], "send fewer requests: --rate 60/m"),
        (&["--retries", "0", "--rate", "30/m"], "send fewer requests: --rate 15/m"),
        (&["--retries", "0", "--rate", "1/m"], "let other programs with this account send fewer"),
        (&["--max-wait", "0s"], "let the program wait: --max-wait 1s"),
    ];
    at_once(cases, |(options, hint)| {
        for command in [&["list", "-n", "1"][..], &["archive", "sync", "--archive=a.db"]] {
            let headers = [("Retry-After", "1")];
            let server = Server::always(Response::new("429 Too Many Requests", &headers, ""));
            let run = omnilogs().at(&server.url()).args(command).args(options);
            let ran = run.run().code(7).says("wait 1 s and try again, or ").says(hint);
            let names_wait = ran.stderr.contains("--max-wait");
            assert_eq!(names_wait, hint.contains("--max-wait"), "{options:?} {}", ran.stderr);
        }
    });
}

/// H41. Something in between throttles, too.
#[test]
fn only_an_error_body_of_the_api_proves_that_the_api_throttles() {
    let api = r#"{"requestError":{"serviceException":{"messageId":"TOO_MANY","text":"Too many"}}}"#;
    let page = "<html><title>Slow down</title></html>";
    for (body, is_api) in [(api, true), (page, false), ("slow down", false), ("", false)] {
        let headers = [("Retry-After", "600")];
        let server = Server::always(Response::new("429 Too Many Requests", &headers, body));
        let ran = list(&server.url()).code(7);
        let error = &ran.error_json()["error"];
        assert_eq!((&error["httpStatus"], &error["retryAfterSeconds"]), (&429.into(), &600.into()));
        for claim in
            ["is throttling requests: TOO_MANY: Too many; retry", "the logs endpoint is made for"]
        {
            assert_eq!(ran.stderr.contains(claim), is_api, "{claim}: {}", ran.stderr);
        }
        assert_eq!(
            ran.stderr.contains("or from a proxy in front of it"),
            !is_api,
            "{}",
            ran.stderr
        );
        ran.says("retry after 600 s").says("--max-wait 600s");
    }
}

/// H46.
#[test]
fn a_throttled_run_keeps_its_rows_and_reports_that_rows_are_missing() {
    let throttled = Response::new("429 Too Many Requests", &[("Retry-After", "600")], "");
    let server = Server::sequence([Response::json(two_rows()), throttled]);
    let ran = list(&server.url()).args(["--all"]).code(3);
    assert_eq!(ids(&ran), ["m1", "m2"]);
    ran.says("retry after 600 s");
}
