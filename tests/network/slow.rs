//! Slow servers.

use std::time::Duration;

use super::{ids, list, two_rows, was_retried};
use crate::support::{Response, Server, at_once};

const EACH: Duration = Duration::from_millis(20);

/// H17. On a busy machine the connection is made in that time, too.
#[test]
fn headers_or_a_body_that_drip_end_with_the_request_timeout_and_are_retried() {
    let starts =
        ["HTTP/1.1 200 OK\r\nX-Slow: ", "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"];
    at_once(starts, |start| {
        let server = Server::always(Response::raw(start).then_repeat("x", EACH));
        let ran = list(&server.url()).request_timeout("3s").retries(1).code(6);
        assert!(was_retried(&ran), "{}", ran.stderr);
        assert_eq!((ran.stdout.as_str(), server.heads().len()), ("", 2));
        let status = if start.contains("Length") { "HTTP 200: " } else { "" };
        ran.says(&format!("error: {status}127.0.0.1:"))
            .says("sent no complete response within 3 s");
    });
}

/// H17.
#[test]
fn a_server_that_sends_nothing_ends_with_the_request_timeout() {
    let server = Server::always(Response::nothing().then_pause(Duration::from_secs(30)));
    let ran = list(&server.url()).request_timeout("3s").code(6);
    ran.says("sent no complete response within 3 s");
}

/// H17. The default limits, on a clock that runs thirty times as fast.
#[cfg(target_os = "linux")]
#[test]
fn a_response_that_stalls_ends_after_30_s_and_one_that_drips_after_60_s() {
    let start = "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n{";
    let stalls = || Server::always(Response::raw(start).then_pause(Duration::from_secs(600)));
    let drips = Server::always(Response::raw(start).then_repeat("x", EACH));
    let list_fast = |server: &Server| list(&server.url()).with_preload("PRELOAD_CLOCK_SPEED", "30");
    std::thread::scope(|scope| {
        scope.spawn(|| list_fast(&stalls()).code(6).says("stopped sending"));
        scope.spawn(|| {
            let ran = list_fast(&stalls()).request_timeout("20s").code(6);
            ran.says("sent no complete response within 20 s");
        });
        list_fast(&drips)
            .built_in_request_timeout()
            .code(6)
            .says("sent no complete response within 60 s");
    });
}

/// H17. A slow response within the limits is not an error.
#[test]
fn a_slow_response_that_is_complete_in_time_is_shown() {
    let body = two_rows();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    let (first, rest) = body.split_at(30);
    let server = Server::always(Response::raw(head).then_drip(first, EACH).then_send(rest));
    assert_eq!(ids(&list(&server.url()).code(0)), ["m1", "m2"]);
}

const INTERIM: &str = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n";

/// H19.
#[test]
fn a_flood_of_interim_responses_before_the_page_is_skipped() {
    let body = two_rows();
    let page = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let server = Server::always(Response::raw(INTERIM.repeat(5000)).then_send(page));
    assert_eq!(ids(&list(&server.url()).code(0)), ["m1", "m2"]);
}

/// H19.
#[test]
fn an_endless_flood_of_interim_responses_ends_with_the_request_timeout() {
    let server = Server::always(Response::nothing().then_repeat(INTERIM, Duration::ZERO));
    let ran = list(&server.url()).request_timeout("700ms").code(6);
    ran.says("sent no complete response within 0.7 s");
}
